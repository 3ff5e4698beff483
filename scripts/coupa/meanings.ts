// Owns the stated tables of the cleaning rules: what single names and endings mean where no table of the documentation says it.
import type { Meaning } from './field.ts';

const string: Meaning = { type: 'string' };
const boolean: Meaning = { type: 'boolean' };
const integer: Meaning = { type: 'integer' };
const decimal: Meaning = { type: 'decimal' };
const object: Meaning = { type: 'object' };
const to = (target: string, many = false): Meaning => ({ type: 'reference', target, many });

/** Rows that are the request documentation of a page, read as if they were elements: object id -> names. */
export const artefacts: Readonly<Record<string, readonly string[]>> = {
  charge: ['url', 'operation', 'parameters', 'request-body', 'example-requests'],
  'expense-trip': ['errors'],
  'expense-trip-segment': ['errors'],
};

/** References that may be one of several objects, as the table writes them. */
export const polymorphic: Readonly<Record<string, readonly string[]>> = {
  'User, Approval Group': ['user', 'approval-group'],
  'Invoice Header Invoice Line Supplier Information User': ['invoice', 'invoice-line', 'supplier-information', 'user'],
  'RemitToAddress TaxRegistration': ['remit-to-address', 'tax-registration'],
};

/** Texts in the reference column that are a type. */
export const typesInReference: Readonly<Record<string, Meaning>> = {
  'sting(255)': string,
  'tinyint(1)': boolean,
  'decimal(30,4': decimal,
  'integer/decimal': decimal,
  'Non-Catalog Request, Form': string,
};

/** Texts in the reference column that are a value or nothing at all. */
export const valuesInReference: ReadonlySet<string> = new Set(['-', 'yes', 'N/A', 'draft', 'USD', 'true', 'any']);

/** Fields whose table contradicts what the name can only mean: `object.field`, or `*.field` for every object. */
export const slips: Readonly<Record<string, Meaning>> = {
  '*.created-by': to('user'),
  '*.updated-by': to('user'),
  '*.hide-price': boolean,
  'budget-line-adjustment.adjuster': to('user'),
  'contract-party-role.contract-classification-ids': { ...integer, many: true },
  'custom-object-instance.custom-fields': object,
  'expense-report.start-date': { type: 'datetime' },
  'external-payable.payable-detail': object,
  'order-header-confirmation.order-header': to('purchase-order'),
  'order-line-confirmation.schedule-lines': to('schedule-line', true),
  'project.department': to('department'),
  'task.quote-task-attributes': object,
  'worker.portal-access-info': object,
};

/** Self references that are meant; another field whose type is its own object is a slip of the column. */
export const trueSelfReferences: ReadonlySet<string> = new Set([
  'parent',
  'master-contract',
  'diversity-subcategories',
  'parent-category',
  'can-expense-for',
  'created-by',
  'updated-by',
  'expenses-delegated-to',
  'manager',
]);

/** What a field without a type is, by its name alone. */
export const byName: Readonly<Record<string, Meaning>> = {
  action: string,
  agency: to('diversity-certification-agency'),
  allocated: decimal,
  available: decimal,
  'beneficiary-account-type': string,
  bic: string,
  catalog: string,
  contacts: to('supplier-information-contact', true),
  'contract-price-and-payment': { type: 'any' },
  'country-of-origin': to('country'),
  'customer-support-contacts': to('customer-support-contact', true),
  'daily-per-diems': to('expense-line-daily-per-diem', true),
  designation: string,
  diversities: to('diversity-association', true),
  flow: string,
  fullname: string,
  'inventory-organization': to('inventory-organization'),
  'invoice-emails': string,
  'item-type': string,
  'legal-entity': to('legal-entity'),
  'line-owner': to('user'),
  linkable: object,
  'on-behalf-of': to('user'),
  'order-line-custom-fields': object,
  'original-transaction': to('inventory-transaction'),
  owner: to('user'),
  'parent-category': to('diversity-category'),
  'pay-invoice': boolean,
  'payment-details': object,
  'payment-partner': to('payment-partner'),
  'payment-term-id-for-api': integer,
  'receiving-form': to('form'),
  'reorder-alerts': { type: 'any', many: true },
  'reverse-charge-reference': string,
  'set-amount-from-xml': string,
  'strategic-supplier': boolean,
  'supplier-addresses': to('supplier-information-address', true),
  'translated-name': string,
  'vat-chargeability-system': string,
  'work-location': to('address'),
};

/** What a field without a type is, by the end of its name; the first that fits. */
export const byEnding: readonly (readonly [ending: string, meaning: Meaning])[] = [
  ['-currency', to('currency')],
  ['-country', to('country')],
  ['-subdivision', to('country-subdivision')],
  ['-contact', to('supplier-information-contact')],
  ['-id', integer],
  ['-active', boolean],
  ['-found', boolean],
  ['-amount', decimal],
  ['-total', decimal],
  ['-at', { type: 'datetime' }],
  ['-date', { type: 'datetime' }],
  ['-name', string],
  ['-number', string],
  ['-num', string],
  ['-code', string],
  ['-key', string],
  ['-url', string],
  ['-login', string],
  ['-password', string],
  ['-status', string],
  ['-description', string],
  ['-location', string],
  ['-engine', string],
];

/** Fields that a table marks as required and that only some records need: object id -> names, by their beginning. */
export const conditional: Readonly<Record<string, readonly string[]>> = {
  item: ['net-weight', 'pack-qty', 'pack-weight'],
  supplier: ['online-store', 'price-amount'],
  'supplier-site': ['cxml-', 'po-email'],
  'supplier-user': ['salesforce-id'],
  user: ['salesforce-id'],
};

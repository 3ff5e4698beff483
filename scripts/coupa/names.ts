// Owns the one spelling of an object: every way the documentation writes a name gives the same kebab-case singular id.

/** Namespaces of class names that say where code lives, not what the object is. */
const namespaces = new Set(['procurement', 'reference-data', 'extra-line-attribute']);

/** Ids that name the same object, by the word on the page they were read from. Left is found, right is meant. */
const sameObject: Readonly<Record<string, string>> = {
  'asn-header': 'advance-ship-notice',
  'charge-allication': 'charge-allocation',
  'content-group': 'business-group',
  'custom-object': 'custom-object-instance',
  delegate: 'delegation',
  'diversity-category-and-subcategory': 'diversity-category',
  'diversity-subcategory': 'diversity-category',
  'expense-delegate': 'expense-delegation',
  'form-response': 'easy-form-response',
  'invoice-failed-tolerance': 'failed-tolerance',
  'invoice-header': 'invoice',
  'order-confirmation': 'order-header-confirmation',
  'order-header': 'purchase-order',
  'order-header-change': 'purchase-order-change',
  'order-line': 'purchase-order-line',
  'order-line-change': 'purchase-order-line-change',
  'order-list': 'order-pad',
  'payable-external-supplier-payable': 'external-payable',
  period: 'budget-period',
  'pick-list-fulfillment-reservation': 'pick-list',
  'quote-requests-lot': 'quote-request-lot',
  'quote-requests-user': 'quote-request-user',
  'reason-insights-event': 'reason-insight-event',
  'req-line-allocation': 'requisition-line-allocation',
  'requisition-header': 'requisition',
  'tag-api': 'tag',
  'tagging-api': 'tagging',
  'uo-m': 'unit-of-measure',
  uom: 'unit-of-measure',
};

/** Objects without a page of their own that have the elements of a documented sibling. Left is found, right is taken. */
const sameElements: Readonly<Record<string, string>> = {
  contact: 'supplier-information-contact',
  'counterparty-address': 'address',
  'inventory-transaction-allocation': 'requisition-line-allocation',
  'invoice-line-allocation': 'invoice-charge-allocation',
  'order-line-change-allocation': 'order-line-allocation',
  'order-line-change-attribute': 'order-line-attribute',
  'quote-request-line-attribute': 'order-line-attribute',
  'requisition-line-attribute': 'order-line-attribute',
};

/** Gives the singular of the last word of a kebab-case name: `invoice-lines` -> `invoice-line`, `tax-status` stays. */
export function singular(name: string): string {
  if (/(ss|us|is|series)$/.test(name)) return name;
  if (/ies$/.test(name)) return name.replace(/ies$/, 'y');
  if (/(ss|x|ch|sh)es$/.test(name)) return name.replace(/es$/, '');
  return name.replace(/s$/, '');
}

/** Tells whether a field name speaks of several things. */
export const isPlural = (name: string): boolean => singular(name) !== name;

/** Writes any name of the documentation in kebab case: `Payment Type`, `PaymentType` and `payment_type` are one. */
export const kebab = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

/** Gives the id of the object that a documented name or reference means: `Users`, `user` and `User` are `user`. */
export function objectId(name: string): string {
  const segments = name
    .split(/::|\//)
    .map((segment) => singular(kebab(segment)))
    .filter((segment, index, all) => index === all.length - 1 || !namespaces.has(segment));
  // `Worker::WorkerAddress` says the worker twice.
  const parts = segments.filter((segment, index) => !segments[index + 1]?.startsWith(segment));
  const id = parts.join('-').replace(/-detail-object$/, '-detail');
  return sameObject[id] ?? sameElements[id] ?? id;
}

/** Tells whether a field name and the id of an object have a word in common, plural or not. */
export function sharesWord(field: string, id: string): boolean {
  const words = singular(field).split('-');
  return id.split('-').some((word) => words.includes(word));
}

/** Gives the type name of an object: `invoice-line` -> `CoupaInvoiceLine`; ids that begin with coupa do not say it twice. */
export function typeName(id: string): string {
  const words = id.replace(/^coupa-/, '').split('-');
  return `Coupa${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
}

/** Gives a title for people from an id or key: `purchase_order_lines` -> `Purchase order lines`. */
export function title(name: string): string {
  const words = name.replace(/[-_/]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

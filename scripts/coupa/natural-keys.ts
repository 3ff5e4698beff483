// Owns the natural keys: the fields by which a person or an ERP finds a record again when its id is not known.

/** Stated where the documentation marks no single unique field, or marks several that differ in kind. */
const stated: Readonly<Record<string, readonly string[]>> = {
  accounts: ['code', 'account-type'],
  addresses: ['location-code'],
  'asn/headers': ['asn-number', 'supplier'],
  budget_lines: ['code', 'period'],
  contracts: ['number'],
  currencies: ['code'],
  exchange_rates: ['from-currency', 'to-currency', 'rate-date'],
  expense_lines: ['external-src-ref'],
  invoices: ['invoice-number', 'supplier'],
  items: ['item-number'],
  lookup_values: ['lookup', 'external-ref-num'],
  order_pads: ['name'],
  payment_terms: ['code'],
  project_memberships: ['project', 'user'],
  projects: ['name'],
  purchase_order_lines: ['order-header-number', 'line-num'],
  purchase_orders: ['po-number'],
  shipping_terms: ['code'],
  supplier_items: ['item', 'supplier'],
  supplier_risk_aware_feed: ['supplier-id'],
  suppliers: ['number'],
  tax_registrations: ['number', 'country'],
  user_group_memberships: ['user-group', 'user'],
  user_groups: ['name'],
  users: ['login'],
};

/** Unique fields that serve as a key, best first: a code stays when a name is changed. */
const preferred = [
  'number',
  'code',
  'login',
  'abbreviation',
  'name',
  'email',
  'remit-to-code',
  'external-po-reference',
];

/** Gives the natural key of a resource, or null when no documented field is one. Every field of it exists in the object. */
export function naturalKey(
  key: string,
  fields: readonly { readonly name: string; readonly unique: boolean }[],
): readonly string[] | null {
  const names = new Set(fields.map((field) => field.name));
  const fixed = stated[key]?.filter((name) => names.has(name));
  if (fixed && fixed.length === stated[key]?.length) return fixed;
  const unique = new Set(fields.filter((field) => field.unique).map((field) => field.name));
  const best = preferred.find((name) => unique.has(name));
  return best === undefined ? null : [best];
}

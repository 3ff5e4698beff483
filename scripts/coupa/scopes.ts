// Owns which scope a call needs: the documented permissions table where it has the action, else a stated rule, and the call says which.
import type { Call } from './calls.ts';
import type { FactScopes } from './facts.ts';
import { objectId, singular } from './names.ts';

/** The domain of scopes that owns a resource, by catalog key. It often follows the owning area, not the object's name. */
const domains: Readonly<Record<string, string>> = {
  account_types: 'core.accounting',
  account_validation_rules: 'core.accounting',
  accounts: 'core.accounting',
  addresses: 'core.common',
  announcements: 'core.common',
  approvals: 'core.approval',
  'asn/headers': 'core.inventory.asn',
  'asn/lines': 'core.inventory.asn',
  attachments: 'core.common',
  budget_lines: 'core.budget',
  'budget_lines/budget_line_adjustments': 'core.budget',
  business_entities: 'core.business_entity',
  business_groups: 'core.common',
  charges: 'core.pay.charges',
  comments: 'core.comment',
  commodities: 'core.common',
  contracts: 'core.contract',
  'contracts/contract_terms': 'core.contract',
  'contracts/legal_documents': 'core.contract',
  'contracts/templates': 'core.contracts_template',
  currencies: 'core.common',
  'custom_objects/object_instances': 'core.common',
  cycle_counts: 'core.inventory.cycle_counts',
  'cycle_counts/cycle_count_lines': 'core.inventory.cycle_counts',
  data_file_sources: 'core.integration',
  default_receiving_locations: 'core.inventory.receiving',
  delegations: 'core.user',
  departments: 'core.common',
  easy_form_responses: 'core.easy_form_response',
  exchange_rates: 'core.common',
  expense_delegations: 'core.expense',
  expense_lines: 'core.expense',
  'expense_lines/expense_artifacts': 'core.expense',
  expense_reports: 'core.expense',
  financial_counterparties: 'core.financial_counterparty',
  integration_errors: 'core.integration',
  integration_history_records: 'core.integration',
  integration_runs: 'core.integration',
  integrations: 'core.integration',
  inventory_adjustments: 'core.inventory.adjustment',
  inventory_consumptions: 'core.inventory.consumption',
  inventory_transfers: 'core.inventory.transfer',
  invoices: 'core.invoice',
  items: 'core.item',
  lookup_values: 'core.common',
  matching_allocations: 'core.invoice',
  order_header_confirmations: 'core.order_header_confirmations',
  order_pads: 'core.order_pad',
  'payables/allocations': 'core.payables.allocations',
  'payables/external/payables': 'core.payables.external',
  'payables/invoices': 'core.payables.invoice',
  'payables/order/reconciliation_lines': 'core.payables.order',
  'payables/orders': 'core.payables.order',
  payment_terms: 'core.common',
  pick_lists: 'core.inventory.pick_list',
  project_memberships: 'core.project',
  projects: 'core.project',
  purchase_order_changes: 'core.purchase_order_change',
  purchase_order_lines: 'core.purchase_order',
  purchase_orders: 'core.purchase_order',
  'qualitycollaboration/quality-inspections': 'core.inventory.receiving',
  quote_requests: 'core.sourcing',
  quote_responses: 'core.sourcing.response',
  quote_suppliers: 'core.sourcing',
  receipt_requests: 'core.inventory.receiving',
  receiving_transactions: 'core.inventory.receiving',
  requisitions: 'core.requisition',
  return_requests: 'core.inventory.return_to_supplier',
  return_to_supplier_transactions: 'core.inventory.return_to_supplier',
  shipping_terms: 'core.common',
  supplier_information: 'core.supplier',
  'supplier_information/supplier_information_sites': 'core.supplier_information_sites',
  supplier_information_tax_registrations: 'core.supplier_information_tax_registrations',
  supplier_items: 'core.catalog',
  supplier_risk_aware_feed: 'core.supplier.risk_aware',
  suppliers: 'core.supplier',
  'suppliers/addresses': 'core.supplier',
  'suppliers/supplier_sites': 'core.supplier_sites',
  tasks: 'core.project',
  tax_registrations: 'core.invoice',
  'uoms/translations': 'core.object_translations',
  user_group_memberships: 'core.user_group',
  user_groups: 'core.user_group',
  users: 'core.user',
  'work_confirmation/headers': 'core.services_procurement.workers',
  worker_assignments: 'core.services_procurement.workers',
  workers: 'core.services_procurement.workers',
};

/** Scopes that exist for a single kind of action: a call prefers one over plain `.write` when its domain has it. */
const narrow: readonly (readonly [action: RegExp, right: string])[] = [
  [/^bypass_/, 'approval.bypass'],
  [/(approver|approval|approvals)$/, 'approval.write'],
  [/award$/, 'award.write'],
];

/** Rights to make and delete are for the record that the domain is named after, not for what hangs on it. */
const ofRecord: readonly (readonly [kind: Call['kind'], right: string])[] = [
  ['create', 'create'],
  ['delete', 'delete'],
];

const rightsOf = (key: string, domain: string, { verb, action, kind }: Call): readonly string[] => {
  if (verb === 'GET') return ['read'];
  const last = domain.slice(domain.lastIndexOf('.') + 1);
  const record = last === key || last === singular(key) ? ofRecord.find(([one]) => one === kind)?.[1] : undefined;
  const special = record ?? narrow.find(([pattern]) => pattern.test(action))?.[1];
  return [...(special ? [special] : []), 'write'];
};

/** The domain an attachment belongs to is that of the record it hangs on. */
const parentDomain = (path: string): string | undefined => {
  const [, parent, rest] = /^\/api\/([a-z_]+)\/:\w+\/(attachments)/.exec(path) ?? [];
  const owners: Readonly<Record<string, string>> = {
    inventory_transactions: 'core.inventory.transaction',
    quote_request_attachments: 'core.sourcing',
    quote_request_lines: 'core.sourcing',
    requisition_lines: 'core.requisition',
  };
  return parent !== undefined && rest ? (owners[parent] ?? domains[parent]) : undefined;
};

/** A scope and where it comes from. */
export interface CallScope {
  readonly scope: string;
  readonly scopeSource: 'documented' | 'inferred';
}

/** Gives a function that finds the scope of a call of a catalog key. It throws when no rule finds one that exists. */
export function scopeFinder(facts: FactScopes): (key: string, objectName: string, call: Call) => CallScope {
  const documented = new Map<string, string>();
  for (const [scope, { objects }] of Object.entries(facts.scopes)) {
    for (const [name, actions] of Object.entries(objects)) {
      for (const action of actions) documented.set(`${objectId(name)}.${action}`, scope);
    }
  }
  const exists = (scope: string): boolean => facts.scopes[scope] !== undefined;
  return (key, objectName, call) => {
    const found = documented.get(`${objectName}.${call.action}`);
    if (found !== undefined) return { scope: found, scopeSource: 'documented' };
    const domain = parentDomain(call.path) ?? domains[key] ?? '';
    const candidates = rightsOf(key, domain, call).map((right) => `${domain}.${right}`);
    const scope = candidates.find(exists);
    if (scope === undefined)
      throw new Error(`no scope for ${call.verb} ${call.path} of ${key}: tried ${candidates.join(', ')}`);
    return { scope, scopeSource: 'inferred' };
  };
}

import { describe, expect, it } from 'vitest';
import { isPlural, kebab, objectId, singular, title, typeName } from '../../../scripts/coupa/names.ts';

describe('objectId', () => {
  it.each([
    ['user', ['User', 'Users', 'user']],
    ['account-type', ['AccountType', 'Account Type', 'Account Types']],
    ['advance-ship-notice', ['Asn/Header', 'Advance Ship Notices']],
    ['asn-line', ['Asn/Line', 'ASN Lines']],
    ['job-role-association', ['ReferenceData::JobRole::JobRoleAssociation']],
    ['worker', ['Worker', 'Worker::Worker']],
    ['worker-address', ['Worker::WorkerAddress']],
    ['work-confirmation-line', ['WorkConfirmation::Line', 'Work Confirmation Line']],
    ['unit-of-measure', ['Uom', 'UoM', 'Unit of Measure']],
    ['purchase-order-line', ['Order Line', 'OrderLine', 'Purchase Order Lines']],
    [
      'order-line-attribute',
      ['ExtraLineAttributes::OrderLineAttribute', 'Extra Line Attributes:: Order Line Attribute'],
    ],
    ['business-group', ['ContentGroup', 'Content Groups', 'Business Group']],
    ['reason-insight-event', ['Reason Insights Events', 'reason-insight-event', 'ReasonInsightEvent']],
    ['supplier-tax-detail', ['SupplierTaxDetail', 'Supplier Tax Detail Object']],
    ['payable-order-reconciliation-line', ['Payables/Order/ReconciliationLine', 'Payables/Order Reconciliation Lines']],
  ])('gives %s for every spelling of it', (id, spellings) => {
    expect(spellings.map(objectId)).toEqual(spellings.map(() => id));
  });
});

describe('words', () => {
  it('makes singulars without breaking words that only look plural', () => {
    expect(['addresses', 'taxes', 'currencies', 'purposes', 'status', 'address'].map(singular)).toEqual([
      'address',
      'tax',
      'currency',
      'purpose',
      'status',
      'address',
    ]);
    expect([isPlural('invoice-lines'), isPlural('primary-address'), isPlural('audit-status')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('writes names for files, types and people', () => {
    expect(kebab('business-entity-alternate--names')).toBe('business-entity-alternate-names');
    expect(typeName('invoice-line')).toBe('CoupaInvoiceLine');
    expect(typeName('coupa-pay-statement')).toBe('CoupaPayStatement');
    expect(title('purchase_order_lines')).toBe('Purchase order lines');
  });
});

import { describe, expect, it } from 'vitest';
import { cleanField } from '../../../scripts/coupa/clean.ts';
import type { FactField } from '../../../scripts/coupa/facts.ts';
import { draft, type Field, type Meaning } from '../../../scripts/coupa/field.ts';
import { fieldRules } from '../../../scripts/coupa/field-rules.ts';
import type { CoupaObject } from '../../../scripts/coupa/objects.ts';

const elsewhere: Readonly<Record<string, Meaning>> = {
  status: { type: 'string' },
  'content-groups': { type: 'reference', target: 'business-group' },
  'end-at': { type: 'datetime' },
};
const objectIds = new Set(['user', 'invoice', 'invoice-line', 'currency', 'item-tax-detail', 'business-group', 'tag']);

interface Case {
  readonly rule: string;
  readonly owner?: string;
  readonly row: Partial<FactField> & Pick<FactField, 'name' | 'type'>;
  /** What the clean field has, or `dropped`. */
  readonly expected: Partial<Field> | 'dropped';
  readonly hasNoValues?: boolean;
}

const cases: readonly Case[] = [
  { rule: 'artefact', owner: 'charge', row: { name: 'example-requests', type: 'unspecified' }, expected: 'dropped' },
  { rule: 'header-row', row: { name: 'field-name', type: 'reference', ref: 'Data Type' }, expected: 'dropped' },
  { rule: 'double-dash', row: { name: 'alternate--names', type: 'string' }, expected: { name: 'alternate-names' } },
  {
    rule: 'stated-slip',
    row: { name: 'hide-price', type: 'reference', ref: 'RequisitionHeader' },
    expected: { type: 'boolean', targets: [] },
  },
  {
    rule: 'stated-slip',
    row: { name: 'created-by', type: 'integer' },
    expected: { type: 'reference', targets: ['user'] },
  },
  {
    rule: 'sentence-in-reference',
    row: { name: 'payment-term', type: 'reference', ref: 'Payment Term Payment term should exist in Coupa.' },
    expected: { type: 'reference', targets: ['payment-term'] },
  },
  {
    rule: 'polymorphic-reference',
    row: { name: 'approver', type: 'reference', ref: 'User, Approval Group' },
    expected: { type: 'reference', targets: ['user', 'approval-group'] },
  },
  {
    rule: 'type-in-reference',
    row: { name: 'source-ref', type: 'reference', ref: 'sting(255)' },
    expected: { type: 'string', maxLength: 255 },
  },
  {
    rule: 'type-in-reference',
    row: { name: 'withholding-amount', type: 'reference', ref: 'decimal(30,4' },
    expected: { type: 'decimal', precision: 30, scale: 4 },
  },
  {
    rule: 'type-in-reference',
    row: { name: 'external-file-upload', type: 'reference', ref: 'tinyint(1)' },
    expected: { type: 'boolean' },
  },
  {
    rule: 'type-in-reference',
    row: { name: 'received', type: 'reference', ref: 'integer/decimal' },
    expected: { type: 'decimal' },
  },
  {
    rule: 'value-in-reference',
    row: { name: 'status', type: 'reference', ref: 'draft' },
    expected: { type: 'string' },
  },
  {
    rule: 'value-in-reference',
    row: { name: 'mobile-currency', type: 'reference', ref: 'USD' },
    expected: { type: 'reference', targets: ['currency'] },
  },
  {
    rule: 'id-reference',
    row: { name: 'invoice-id', type: 'reference', ref: 'Invoice' },
    expected: { type: 'integer', targets: [] },
  },
  {
    rule: 'self-reference',
    row: { name: 'currency', type: 'reference', ref: 'Invoice' },
    expected: { type: 'reference', targets: ['currency'] },
  },
  {
    rule: 'contradicted-reference',
    row: { name: 'content-groups', type: 'reference', ref: 'Period' },
    expected: { type: 'reference', targets: ['business-group'], many: true },
  },
  {
    rule: 'reference-name',
    row: { name: 'submitter', type: 'reference', ref: 'Users' },
    expected: { type: 'reference', targets: ['user'], many: false },
  },
  { rule: 'untyped-custom-fields', row: { name: 'custom-fields', type: 'unspecified' }, expected: { type: 'object' } },
  { rule: 'untyped-by-name', row: { name: 'pay-invoice', type: 'unspecified' }, expected: { type: 'boolean' } },
  { rule: 'untyped-elsewhere', row: { name: 'end-at', type: 'unspecified' }, expected: { type: 'date-time' } },
  {
    rule: 'untyped-by-object',
    owner: 'item',
    row: { name: 'tax-detail', type: 'unspecified' },
    expected: { type: 'reference', targets: ['item-tax-detail'] },
  },
  { rule: 'untyped-by-ending', row: { name: 'check-number', type: 'unspecified' }, expected: { type: 'string' } },
  { rule: 'untyped-rest', row: { name: 'kr', type: 'unspecified' }, expected: { type: 'any' } },
  {
    rule: 'array-items',
    row: { name: 'tags', type: 'array' },
    expected: { type: 'reference', targets: ['tag'], many: true },
  },
  {
    rule: 'plural-reference',
    row: { name: 'invoice-lines', type: 'reference', ref: 'Invoice Line' },
    expected: { targets: ['invoice-line'], many: true },
  },
  {
    rule: 'boolean-values',
    row: { name: 'customer-accounting', type: 'boolean', enum: ['yes', 'no true', 'false'] },
    expected: { type: 'boolean' },
    hasNoValues: true,
  },
  {
    rule: 'prose-values',
    row: { name: 'payment-notes', type: 'text', enum: ['description', 'notes if any'] },
    expected: { type: 'string' },
    hasNoValues: true,
  },
  {
    rule: 'joined-values',
    row: { name: 'state', type: 'string', enum: ['draft', 'abandoned. disputed. pending_approval'] },
    expected: { values: ['draft', 'abandoned', 'disputed', 'pending_approval'] },
  },
  {
    rule: 'joined-values',
    row: { name: 'state', type: 'string', enum: ['approved ordered partially_received', 'Credit Note'] },
    expected: { values: ['approved', 'ordered', 'partially_received', 'Credit Note'] },
  },
  {
    rule: 'repeated-values',
    row: { name: 'pay-group', type: 'string', enum: ['Direct Debit', 'Tax', 'Direct Debit', 'Tax'] },
    expected: { values: ['Direct Debit', 'Tax'] },
  },
  {
    rule: 'numeric-values',
    row: { name: 'group-type', type: 'integer', enum: ['1', '2'] },
    expected: { type: 'integer', values: [1, 2] },
  },
  {
    rule: 'word-values',
    row: { name: 'whose-paper', type: 'integer', enum: ['our_paper'] },
    expected: { type: 'string', values: ['our_paper'] },
  },
  {
    rule: 'no-direction',
    row: { name: 'total', type: 'decimal', in: false, out: false },
    expected: { in: true, out: true },
  },
  {
    rule: 'no-direction',
    row: { name: 'created-at', type: 'datetime', in: false, out: false },
    expected: { in: false, out: true },
  },
  {
    rule: 'conditional-required',
    owner: 'supplier-site',
    row: { name: 'cxml-secret', type: 'string', required: true, in: true },
    expected: { required: false },
  },
  { rule: 'text', row: { name: 'comments', type: 'text' }, expected: { type: 'string' } },
  { rule: 'date-time', row: { name: 'due-on', type: 'datetime' }, expected: { type: 'date-time' } },
  {
    rule: 'decimal',
    row: { name: 'rate', type: 'decimal', precision: 30, scale: 9 },
    expected: { type: 'decimal', precision: 30, scale: 9 },
  },
];

const clean = ({ owner = 'invoice', row }: Case) => {
  const field: FactField = { required: false, unique: false, in: false, out: true, ...row };
  const object: CoupaObject = {
    id: owner,
    name: owner,
    group: 'shared',
    key: null,
    fields: [field],
    calls: [],
    mergedFields: 0,
  };
  return cleanField(draft(field), { owner: object, objectIds, elsewhere: (name) => elsewhere[name] });
};

describe('fieldRules', () => {
  it.each(cases)('$rule: $row.name ($row.type $row.ref $row.enum)', (example) => {
    const { field, rules } = clean(example);
    expect(rules).toContain(example.rule);
    if (example.expected === 'dropped') expect(field).toBeUndefined();
    else expect(field).toMatchObject(example.expected);
    if (example.hasNoValues) expect(field?.values).toBeUndefined();
  });

  it('shows every rule by at least one example', () => {
    expect(new Set(cases.map(({ rule }) => rule))).toEqual(new Set(fieldRules.map(({ id }) => id)));
  });

  it('leaves a well-written row alone', () => {
    const row = { name: 'invoice-number', type: 'string', maxLength: 40 } as const;
    expect(clean({ rule: '', row, expected: {} }).rules).toEqual([]);
  });

  it('keeps a reference to itself that is a parent', () => {
    const row = { name: 'parent', type: 'reference', ref: 'Invoice' } as const;
    expect(clean({ rule: '', row, expected: {} }).field).toMatchObject({ type: 'reference', targets: ['invoice'] });
  });

  it('keeps values of two words that are one value', () => {
    const row = { name: 'document-type', type: 'string', enum: ['Invoice', 'Credit Note'] } as const;
    expect(clean({ rule: '', row, expected: {} }).field?.values).toEqual(['Invoice', 'Credit Note']);
  });
});

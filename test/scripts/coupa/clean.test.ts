import { describe, expect, it } from 'vitest';
import { cleanFacts } from '../../../scripts/coupa/clean.ts';
import { readObjects } from '../../../scripts/coupa/facts.ts';
import { objectId } from '../../../scripts/coupa/names.ts';
import { joinObjects } from '../../../scripts/coupa/objects.ts';

const pages = readObjects();
const facts = cleanFacts(pages);
const byId = new Map(facts.objects.map((object) => [object.id, object]));

describe('cleanFacts', () => {
  it('accounts for each of the 4,814 documented rows: kept, merged or dropped by a named rule', () => {
    const rows = pages.reduce((sum, page) => sum + page.fields.length, 0);
    const kept = facts.objects.reduce((sum, object) => sum + object.fields.length, 0);
    const dropped = facts.ledger.filter(({ outcome }) => outcome === 'dropped');
    expect(rows).toBe(4814);
    expect(kept + facts.mergedFields + dropped.length).toBe(rows);
    for (const { rules } of dropped) expect(rules.length).toBeGreaterThan(0);
  });

  it('leaves no field without a type and no type of the tables', () => {
    const types = new Set(facts.objects.flatMap(({ fields }) => fields.map(({ type }) => type)));
    expect([...types].sort()).toEqual(
      ['any', 'boolean', 'date', 'date-time', 'decimal', 'integer', 'object', 'reference', 'string'].sort(),
    );
  });

  it('gives every field one name, in kebab case, once an object', () => {
    for (const { id, fields } of facts.objects) {
      const names = fields.map(({ name }) => name);
      expect(new Set(names).size, id).toBe(names.length);
      for (const name of names) expect(name, id).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    }
  });

  it('gives every reference a target and every field with several targets no other', () => {
    for (const { id, fields } of facts.objects) {
      for (const field of fields) {
        expect(field.targets.length > 0, `${id}.${field.name}`).toBe(field.type === 'reference');
        for (const target of field.targets) expect(target).toMatch(/^[a-z]+(-[a-z]+)*$/);
      }
    }
  });

  it('reads the rows that were wrong as what they mean', () => {
    const type = (object: string, name: string) => {
      const field = byId.get(object)?.fields.find((one) => one.name === name);
      return field && [field.type, ...field.targets, ...(field.many ? ['many'] : [])].join(' ');
    };
    expect(type('supplier-user', 'active')).toBe('boolean');
    expect(type('requisition', 'currency')).toBe('reference currency');
    expect(type('order-line-confirmation', 'currency')).toBe('reference currency');
    expect(type('expense-line-allocation', 'account')).toBe('reference account');
    expect(type('project', 'department')).toBe('reference department');
    expect(type('invoice', 'invoice-lines')).toBe('reference invoice-line many');
    expect(type('invoice-line', 'account-allocations')).toBe('reference invoice-charge-allocation many');
    expect(type('business-entity', 'addresses')).toBe('reference business-entity-address many');
    expect(type('contract', 'source-id')).toBe('string');
    expect(type('charge', 'request-body')).toBeUndefined();
  });
});

describe('joinObjects', () => {
  it('joins pages of one object and keeps two objects of one name apart', () => {
    const ids = joinObjects(pages).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(pages).toHaveLength(235);
    // Data File Sources, Default Receiving Location(s), Proxy Supplier, Rate Card and Rate Card Line are each two pages of one object.
    expect(ids).toHaveLength(230);
    expect(ids).toEqual(
      expect.arrayContaining(['payment', 'coupa-pay-payment', 'requisition', 'requisition-cart-line']),
    );
  });

  it('gives ids that are their own id', () => {
    for (const { id } of joinObjects(pages).filter(
      (object) => !/^(coupa-pay-payment|requisition-cart-line)$/.test(object.id),
    )) {
      expect(objectId(id)).toBe(id);
    }
  });

  it('takes the typed row of two and adds what the first page lacks', () => {
    const sources = joinObjects(pages).find(({ id }) => id === 'data-file-source');
    expect(sources?.fields.find(({ name }) => name === 'upload-errors')?.type).toBe('reference');
    expect(sources?.fields.some(({ name }) => name === 'records-count')).toBe(true);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { parseExact } from '../../src/document/index.ts';
import type { JsonObject } from '../../src/document/json.ts';
import { loadPack, type Pack } from '../../src/pack/index.ts';
import { addsMembers, checkBody } from '../../src/snap/write/record-check.ts';

let pack: Pack;
beforeAll(async () => {
  pack = await loadPack('.');
});

function check(resource: string, body: JsonObject, isNew = false) {
  const found = pack.resources.get(resource);
  const schema = found === undefined ? undefined : pack.recordSchema(found);
  if (schema === undefined) throw new Error(`no schema of ${resource}`);
  const { faults, body: sent } = checkBody(body, schema, { pack, isNew, apart: ['exported'] });
  return { sent, faults: faults.map(({ pointer, message }) => `${pointer} ${message}`) };
}

describe('checking a body', () => {
  it('keeps every digit of a decimal, however it came', () => {
    const body = parseExact('{"rate":0.91234567890123456789,"rate-date":"2026-11-02T00:00:00Z"}') as JsonObject;
    expect(JSON.stringify(check('exchange_rates', body))).toBe(
      '{"sent":{"rate":"0.91234567890123456789","rate-date":"2026-11-02T00:00:00Z"},"faults":[]}',
    );
    expect(check('exchange_rates', { rate: 12.5 }).sent).toEqual({ rate: '12.5' });
    expect(check('exchange_rates', { rate: '1,5' }).faults).toEqual([
      expect.stringContaining('/rate must be a decimal'),
    ]);
  });

  it('takes references by ID and by natural key, null where it is allowed, and any custom field', () => {
    const body = {
      'from-currency': { id: 1 },
      'to-currency': { code: 'EUR' },
      rate: null,
      'custom-fields': { anything: [1, { deep: true }] },
    };
    expect(check('exchange_rates', body, true).faults).toEqual([]);
    expect(check('exchange_rates', { 'to-currency': 'EUR' }).faults).toHaveLength(1);
  });

  it('asks for required fields of a new record only, and for values that fit', () => {
    const name = 'x'.repeat(101);
    expect(check('suppliers', { name }).faults).toEqual(['/name must have at most 100 characters']);
    const { faults } = check('suppliers', { name: '', 'payment-method': 'cash' }, true);
    expect(faults).toContain(' "name" is missing');
    expect(faults).toContain(' "invoice-matching-level" is missing');
    expect(faults.some((fault) => fault.startsWith('/payment-method must be one of'))).toBe(true);
  });

  it('names unknown and read-only fields of records inside, but lets them name themselves', () => {
    const lines = [{ id: 7, 'line-num': 1, 'created-at': '2026-01-01T00:00:00Z', prise: '1.00' }];
    const { faults } = check('invoices', { 'invoice-lines': lines });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      '/invoice-lines/0/created-at',
      '/invoice-lines/0/prise',
    ]);
  });

  it('checks every record schema of the pack without failing itself', () => {
    for (const resource of pack.resources.values()) {
      const { faults } = check(resource.key, { 'surely-no-field': 1 });
      expect(faults[0], resource.key).toContain('/surely-no-field is not a field of this record');
    }
  }, 90_000);

  it('keeps names of the language itself as plain data', () => {
    const body = JSON.parse('{"__proto__":{"polluted":1},"constructor":2}') as JsonObject;
    expect(check('suppliers', body).faults).toHaveLength(2);
    expect(JSON.stringify(check('suppliers', body).sent)).toBe(JSON.stringify(body));
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('tells a list that would grow when it is sent twice', () => {
    expect(addsMembers({ lines: [{ id: 1, price: '2' }] }, 'id')).toBe(false);
    expect(addsMembers({ lines: [{ id: 1, parts: [{ price: '2' }] }] }, 'id')).toBe(true);
    expect(addsMembers({ tags: ['a', 'b'] }, 'id')).toBe(false);
  });
});

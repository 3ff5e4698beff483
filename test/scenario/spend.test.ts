import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { openReadingTenant, type ReadingTenant } from '../support/reading-tenant.ts';

const records = 600;
let tenant: ReadingTenant;
let invoices: readonly JsonObject[];
beforeAll(async () => {
  tenant = await openReadingTenant(records, { scopes: ['core.invoice.read'] });
  const file = tenant.pipeline('all', { resource: 'invoices', fields: ['id', 'gross-total', { supplier: ['name'] }] });
  expect((await tenant.snaps(['run', file, '--json'])).code).toBe(0);
  const lines = readFileSync(path.join(tenant.folder, 'all.ndjson'), 'utf8').trimEnd().split('\n');
  invoices = lines.map((line) => JSON.parse(line) as JsonObject);
  expect(invoices).toHaveLength(records);
});
afterAll(() => tenant.close());

const runExample = async (name: string): Promise<JsonObject> => {
  const result = await tenant.snaps(['run', path.resolve('examples', `${name}.pipeline.json`), '--json']);
  expect(result.code, result.stdout + result.stderr).toBe(0);
  return result.json() as JsonObject;
};
/** Cents as a big integer: what a sum of money must come to. */
const cents = (total: unknown): bigint => {
  const [whole = '0', fraction = ''] = String(total ?? '0').split('.');
  return BigInt(`${whole}${fraction.padEnd(2, '0')}`);
};

describe('the example that adds spend up', () => {
  it('comes to the exact sum of each supplier, the largest first', async () => {
    await runExample('spend-by-supplier');
    const [header, ...rows] = readFileSync(path.join(tenant.folder, 'spend-by-supplier.csv'), 'utf8')
      .trimEnd()
      .split(/\r?\n/u);
    expect(header).toBe('supplier,invoices,total');
    const expected = new Map<string, bigint>();
    for (const { supplier, 'gross-total': total } of invoices) {
      const name = String((supplier as JsonObject).name);
      expected.set(name, (expected.get(name) ?? 0n) + cents(total));
    }
    const sums = rows.map((row) => cents(row.slice(row.lastIndexOf(',') + 1)));
    expect(sums).toEqual([...expected.values()].toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
  });
});

describe('the example that keeps a table up to date', () => {
  it('holds each invoice once with every digit, however often it is run', async () => {
    const added = await tenant.snaps([
      'account',
      'add',
      'warehouse',
      '--type',
      'core.database',
      '--set',
      'url=sqlite:warehouse.sqlite',
    ]);
    expect(added.code, added.stderr).toBe(0);
    await runExample('invoices-to-database');
    await runExample('invoices-to-database');
    const database = new DatabaseSync(path.join(tenant.folder, 'warehouse.sqlite'));
    const rows = database.prepare('select id, total from invoices order by id').all();
    const left = database.prepare('select count(*) as rows from snaps_progress').get();
    database.close();
    const byId = invoices.toSorted((a, b) => Number(a.id) - Number(b.id));
    expect(rows.map((row) => [row.id, row.total])).toEqual(byId.map((invoice) => [invoice.id, invoice['gross-total']]));
    expect(left?.rows).toBe(0);
  });
});

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { openReadingTenant, type ReadingTenant } from '../support/reading-tenant.ts';

const examples = path.resolve('examples');
const scopes = ['common', 'invoice', 'integration', 'inventory.receiving', 'purchase_order'].flatMap((name) => [
  `core.${name}.read`,
  `core.${name}.write`,
]);
let tenant: ReadingTenant;
beforeAll(async () => {
  tenant = await openReadingTenant(40, { scopes });
  await tenant.snaps([
    'account',
    'add',
    'warehouse',
    '--type',
    'core.database',
    '--set',
    'url=sqlite:warehouse.sqlite',
  ]);
});
afterAll(() => tenant.close());

/** Runs an example and gives the documents of the file it wrote. */
async function run(name: string): Promise<JsonObject[]> {
  const result = await tenant.snaps(['run', path.join(examples, `${name}.pipeline.json`), '--json']);
  expect(result.code, result.stdout + result.stderr).toBe(0);
  const [output] = (result.json() as { readonly outputs: readonly { readonly path: string }[] }).outputs;
  const text = readFileSync(output?.path ?? '', 'utf8').trimEnd();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as JsonObject);
}

/** Reads records through the command line, as somebody who looks afterwards. */
async function look(name: string, settings: JsonObject): Promise<JsonObject[]> {
  const file = tenant.pipeline(name, settings);
  const result = await tenant.snaps(['run', file, '--json']);
  expect(result.code, result.stdout + result.stderr).toBe(0);
  const text = readFileSync(path.join(tenant.folder, `${name}.ndjson`), 'utf8').trimEnd();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as JsonObject);
}

const put = (name: string, lines: readonly string[]) =>
  writeFileSync(path.join(tenant.folder, name), `${lines.join('\n')}\n`);

describe('the examples', () => {
  it('are all sound', async () => {
    put('posted.csv', ['id,erp']);
    put('receipts.csv', ['line,quantity,date']);
    const files = readdirSync(examples).filter((name) => name.endsWith('.pipeline.json'));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const { code, stderr } = await tenant.snaps(['pipeline', 'check', path.join(examples, file)]);
      expect([file, code, stderr.includes('SNAP_')]).toEqual([file, 0, false]);
    }
  }, 90_000);
});

describe('round trips', () => {
  it('drains approved invoices, writes the ERP numbers back, and leaves them marked', async () => {
    const drained = await run('drain-approved-invoices');
    expect(drained.length).toBeGreaterThan(0);
    expect(new Set(drained.map(({ status }) => status))).toEqual(new Set(['approved']));
    expect(await run('drain-approved-invoices')).toEqual([]);
    put('posted.csv', ['id,erp', ...drained.map(({ id }) => `${id},ERP-${id}`)]);
    expect(await run('write-back-erp-numbers')).toHaveLength(drained.length);
    for (const { id } of drained.slice(0, 3)) {
      const [invoice] = await look('invoice', { id: Number(id) });
      expect(invoice).toMatchObject({ exported: true, 'custom-fields': { 'erp-number': `ERP-${id}` } });
    }
    expect(await run('drain-approved-invoices')).toEqual([]);
  }, 90_000);

  it('creates receipts from a file', async () => {
    put('receipts.csv', ['line,quantity,date', '1,2.5,2026-11-20', '2,1,2026-11-21']);
    const made = await run('create-receipts');
    expect(made.map(({ quantity }) => Number(quantity))).toEqual([2.5, 1]);
    for (const { id } of made) {
      expect(await look('receipt', { resource: 'receiving_transactions', id: Number(id) })).toHaveLength(1);
    }
  }, 90_000);

  it('exports purchase orders once, and then those that changed', async () => {
    const first = await run('changed-purchase-orders');
    expect(first.length).toBeGreaterThan(10);
    const changed = first.slice(0, 2).map(({ id }) => Number(id));
    await tenant.mutate({ resource: 'purchase_orders', update: changed });
    const again = await run('changed-purchase-orders');
    expect(again.map(({ id }) => Number(id)).sort()).toEqual(changed.sort());
  }, 90_000);

  it('downloads the scans of a year of invoices, and attachments by their IDs', async () => {
    const since = '2025-11-01T00:00:00Z';
    const filters = [{ field: 'created-at', operator: 'gt_or_eq', value: since }];
    const year = await look('year', { fields: ['id'], filters });
    const saved = await run('download-invoice-scans');
    expect(year.length).toBeGreaterThan(10);
    expect(saved.map(({ id }) => id)).toEqual(year.map(({ id }) => id));
    for (const { id, file } of saved) {
      const bytes = readFileSync(path.join(tenant.folder, 'scans', String(id)));
      expect(bytes.length).toBeGreaterThan(0);
      expect(file).toMatchObject({ path: `scans/${id}`, sha256: createHash('sha256').update(bytes).digest('hex') });
    }
    put('attachments.csv', ['id', '1', '2']);
    const download = { resource: 'attachments', id: { expression: 'id' }, path: { expression: "'attached/' & id" } };
    const snaps = [
      { id: 'ids', snap: 'core.read-file', settings: { path: 'attachments.csv' } },
      { id: 'download', snap: 'coupa.download', account: 'coupa', settings: download },
      { id: 'write', snap: 'core.write-file', settings: { path: 'attached.ndjson' } },
    ];
    const links = [
      ['ids', 'download'],
      ['download', 'write'],
    ];
    const file = path.join(tenant.folder, 'attached.pipeline.json');
    writeFileSync(file, JSON.stringify({ name: 'attached', snaps, links }));
    const { code, stdout, stderr } = await tenant.snaps(['run', file, '--json']);
    expect(code, stdout + stderr).toBe(0);
    expect(readdirSync(path.join(tenant.folder, 'attached')).sort()).toEqual(['1', '2']);
  }, 90_000);

  it('reports an integration run as failed, with an alert', async () => {
    const [alert, ...more] = await run('report-failed-run');
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ 'contact-alert-type': 'Technical', resolved: false });
    expect(alert?.responses).toMatchObject([{ 'response-message': 'The ledger is closed.' }]);
    const id = Number(alert?.['integration-run-id']);
    const [failed] = await look('failed', { resource: 'integration_runs', id });
    expect(failed).toMatchObject({ id, status: 'failed', flow: 'invoices' });
    const kept = await look('kept', { resource: 'integration_history_records', id: Number(alert?.id) });
    expect(kept).toMatchObject([{ 'integration-run-id': id }]);
  }, 90_000);

  it('never raises an alert again whose answer was lost', async () => {
    const call = 'POST /api/integration_history_records/create_alert';
    const sent = () =>
      Object.values(tenant.simulator.stats().byPath[call] ?? {}).reduce((sum, count) => sum + count, 0);
    const before = sent();
    const [method = '', route = ''] = call.split(' ');
    await tenant.fault({ match: { method, path: route }, fault: 'lost-answer', times: 1 });
    const result = await tenant.snaps(['run', path.join(examples, 'report-failed-run.pipeline.json'), '--json']);
    expect(result.code).not.toBe(0);
    expect(result.json()).toMatchObject({ state: 'failed', error: { code: 'SNAP_WRITE_UNDECIDED' } });
    expect(sent()).toBe(before + 1);
  }, 90_000);
});

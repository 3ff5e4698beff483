import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import type { RunReport } from '../../src/host/host.ts';
import { everyScope } from '../simulator/support.ts';
import { type HostTenant, openHostTenant } from '../support/host-tenant.ts';

const examples = path.resolve('examples');
let tenant: HostTenant;
beforeAll(async () => {
  tenant = await openHostTenant(40, { scopes: everyScope });
  const settings = { url: 'sqlite:warehouse.sqlite' };
  await tenant.host.accounts.add({ name: 'warehouse', type: 'core.database', settings, secrets: {} });
});
afterAll(() => tenant.close());

async function runExample(name: string): Promise<RunReport> {
  const file = path.join(examples, `${name}.pipeline.json`);
  return await (await tenant.host.startRun({ file, outputDirectory: tenant.folder })).finished;
}

/** Runs an example and gives the documents of the file it wrote. */
async function run(name: string): Promise<JsonObject[]> {
  const report = await runExample(name);
  expect([report.state, report.error]).toEqual(['completed', undefined]);
  return tenant.lines(path.relative(tenant.folder, String(report.outputs[0]?.path)));
}

/** Runs snaps in a chain, and gives what came out. */
async function chain(...snaps: readonly JsonObject[]): Promise<JsonObject[]> {
  const write = { id: 'write', snap: 'core.write-file', settings: { path: 'looked.ndjson' } };
  const report = await tenant.run([...snaps, write]);
  expect([report.state, report.error]).toEqual(['completed', undefined]);
  return tenant.lines('looked.ndjson');
}

/** Reads records as somebody who looks afterwards. */
const look = (settings: JsonObject): Promise<JsonObject[]> =>
  chain({ id: 'read', snap: 'coupa.read', account: 'coupa', settings: { resource: 'invoices', ...settings } });

/** Calls an action as a person does by hand. */
const act = (resource: string, action: string, id: number): Promise<JsonObject[]> =>
  chain({ id: 'act', snap: 'coupa.action', account: 'coupa', settings: { resource, action, id } });

const put = (name: string, lines: readonly string[]) =>
  writeFileSync(path.join(tenant.folder, name), `${lines.join('\n')}\n`);

describe('the examples', () => {
  it('are all sound', async () => {
    put('posted.csv', ['id,erp']);
    put('receipts.csv', ['line,quantity,date']);
    const files = readdirSync(examples).filter((name) => name.endsWith('.pipeline.json'));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const { faults } = await tenant.host.checkPipeline(path.join(examples, file));
      expect([file, faults]).toEqual([file, []]);
    }
  }, 90_000);
});

describe('round trips', () => {
  it('writes the invoices of each active supplier in a run of their own', async () => {
    const summaries = await run('invoices-by-supplier');
    expect(summaries.length).toBeGreaterThan(1);
    for (const { read, outputs, original } of summaries) {
      const { id } = original as JsonObject;
      const lines = tenant.lines(`suppliers/${id}.ndjson`);
      expect([lines.length, (outputs as readonly JsonObject[])[0]?.documents]).toEqual([read, read]);
    }
    expect(tenant.lines('failed.ndjson')).toEqual([]);
  }, 60_000);

  it('drains approved invoices, writes the ERP numbers back, and leaves them marked', async () => {
    const drained = await run('drain-approved-invoices');
    expect(drained.length).toBeGreaterThan(0);
    expect(new Set(drained.map(({ status }) => status))).toEqual(new Set(['approved']));
    expect(await run('drain-approved-invoices')).toEqual([]);
    put('posted.csv', ['id,erp', ...drained.map(({ id }) => `${id},ERP-${id}`)]);
    expect(await run('write-back-erp-numbers')).toHaveLength(drained.length);
    for (const { id } of drained.slice(0, 3)) {
      const [invoice] = await look({ id: Number(id) });
      expect(invoice).toMatchObject({ exported: true, 'custom-fields': { 'erp-number': `ERP-${id}` } });
    }
    expect(await run('drain-approved-invoices')).toEqual([]);
  }, 90_000);

  it('creates receipts from a file', async () => {
    put('receipts.csv', ['line,quantity,date', '1,2.5,2026-11-20', '2,1,2026-11-21']);
    const made = await run('create-receipts');
    expect(made.map(({ quantity }) => Number(quantity))).toEqual([2.5, 1]);
    for (const { id } of made) {
      expect(await look({ resource: 'receiving_transactions', id: Number(id) })).toHaveLength(1);
    }
  }, 90_000);

  it('exports purchase orders once, and then those that changed', async () => {
    const first = await run('changed-purchase-orders');
    expect(first.length).toBeGreaterThan(10);
    const changed = first.slice(0, 2).map(({ id }) => Number(id));
    await tenant.control('mutate', { resource: 'purchase_orders', update: changed });
    const again = await run('changed-purchase-orders');
    expect(again.map(({ id }) => Number(id)).sort()).toEqual(changed.sort());
  }, 90_000);

  it('exports a purchase order again when a change gives it a new version, and not when the API changed it', async () => {
    const first = await run('export-purchase-orders');
    expect(first.length).toBeGreaterThan(10);
    expect(await run('export-purchase-orders')).toEqual([]);
    const [order] = first.filter(({ status }) => status === 'issued');
    const id = Number(order?.id);
    const settings = { resource: 'purchase_orders' };
    put('number.ndjson', [JSON.stringify({ id, 'custom-fields': { erp: '7' } })]);
    await chain(
      { id: 'number', snap: 'core.read-file', settings: { path: 'number.ndjson' } },
      { id: 'update', snap: 'coupa.update', account: 'coupa', settings },
    );
    expect(await run('export-purchase-orders')).toEqual([]);
    const [change] = await look({
      resource: 'purchase_order_changes',
      filters: [{ field: 'status', value: 'draft' }],
      limit: 1,
    });
    const changeId = Number(change?.id);
    const values = { 'order-header-id': id };
    await tenant.control('mutate', { resource: 'purchase_order_changes', update: [changeId], values });
    await act('purchase_order_changes', 'submit_for_approval', changeId);
    const [approval] = await look({
      resource: 'approvals',
      filters: [
        { field: 'approvable-type', value: 'OrderHeaderRevision' },
        { field: 'approvable-id', value: changeId },
      ],
    });
    await act('approvals', 'approve', Number(approval?.id));
    expect(await run('export-purchase-orders')).toMatchObject([{ id, version: Number(order?.version) + 1 }]);
    expect(await run('export-purchase-orders')).toEqual([]);
  }, 90_000);

  it('upserts suppliers and exchange rates from CSV, twice, and makes none twice', async () => {
    const suppliers = (name: string) => [
      'number,name,street,city,postcode,country,email',
      ...[1, 2].map(
        (index) => `UPS-${index},${name} ${index},Main Street 1,Chicago,60601,US,ap${index}@supplier.example`,
      ),
    ];
    put('suppliers.csv', suppliers('First'));
    const made = await run('upsert-suppliers');
    put('suppliers.csv', suppliers('Second'));
    const changed = await run('upsert-suppliers');
    expect(changed.map(({ id, name }) => [id, name])).toEqual(made.map(({ id }, index) => [id, `Second ${index + 1}`]));
    const filters = [{ field: 'number', operator: 'starts_with', value: 'UPS-' }];
    expect(await look({ resource: 'suppliers', filters, fields: ['id'] })).toHaveLength(2);
    const rates = (rate: string) => ['from,to,date,rate', `USD,EUR,2031-11-05,${rate}`, `USD,GBP,2031-11-06,${rate}`];
    put('exchange-rates.csv', rates('0.91234567890123456789'));
    const first = await run('upsert-exchange-rates');
    expect(first.map(({ rate }) => rate)).toEqual(['0.91234567890123456789', '0.91234567890123456789']);
    put('exchange-rates.csv', rates('0.5'));
    const second = await run('upsert-exchange-rates');
    expect(second.map(({ id, rate }) => [id, rate])).toEqual(first.map(({ id }) => [id, '0.5']));
  }, 90_000);

  it('downloads the scans of a year of invoices, and attachments by their IDs', async () => {
    const since = '2025-11-01T00:00:00Z';
    const filters = [{ field: 'created-at', operator: 'gt_or_eq', value: since }];
    const year = await look({ fields: ['id'], filters });
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
    await chain(
      { id: 'ids', snap: 'core.read-file', settings: { path: 'attachments.csv' } },
      { id: 'download', snap: 'coupa.download', account: 'coupa', settings: download },
    );
    expect(readdirSync(path.join(tenant.folder, 'attached')).sort()).toEqual(['1', '2']);
  }, 90_000);

  it('reports an integration run as failed, with an alert', async () => {
    const [alert, ...more] = await run('report-failed-run');
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ 'contact-alert-type': 'Technical', resolved: false });
    expect(alert?.responses).toMatchObject([{ 'response-message': 'The ledger is closed.' }]);
    const id = Number(alert?.['integration-run-id']);
    const [failed] = await look({ resource: 'integration_runs', id });
    expect(failed).toMatchObject({ id, status: 'failed', flow: 'invoices' });
    const kept = await look({ resource: 'integration_history_records', id: Number(alert?.id) });
    expect(kept).toMatchObject([{ 'integration-run-id': id }]);
  }, 90_000);

  it('never raises an alert again whose answer was lost', async () => {
    const call = 'POST /api/integration_history_records/create_alert';
    const [method = '', route = ''] = call.split(' ');
    const before = tenant.requests(route);
    await tenant.control('faults', { match: { method, path: route }, fault: 'lost-answer', times: 1 });
    expect(await runExample('report-failed-run')).toMatchObject({
      state: 'failed',
      error: { code: 'SNAP_WRITE_UNDECIDED' },
    });
    expect(tenant.requests(route)).toBe(before + 1);
  }, 90_000);
});

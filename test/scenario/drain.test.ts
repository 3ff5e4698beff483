import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openReadingTenant, type ReadingTenant, writtenIds } from '../support/reading-tenant.ts';

const scopes = ['core.invoice.read', 'core.invoice.write'];
let tenant: ReadingTenant;
afterEach(() => tenant.close());

const open = async (records: number, latencyMs = 0) => {
  tenant = await openReadingTenant(records, { scopes, latencyMs });
};
const marks = () => {
  const statuses = tenant.simulator.stats().byPath['PUT /api/invoices/:id'] ?? {};
  return Object.values(statuses).reduce((sum, count) => sum + count, 0);
};
const unmarked = (name: string) =>
  tenant.ids(tenant.pipeline(name, { fields: ['id'], filters: [{ field: 'exported', value: false }] }), name);

describe('draining', () => {
  it('delivers what is not exported, marks each once, and finds nothing afterwards', async () => {
    await open(120);
    const waiting = await unmarked('before');
    const file = tenant.pipeline('drain', { mode: 'drain', fields: ['id', 'invoice-number'] });
    expect(waiting.length).toBeGreaterThan(50);
    expect(await tenant.ids(file, 'drain-1')).toEqual(waiting);
    expect(marks()).toBe(waiting.length);
    expect(await unmarked('after')).toEqual([]);
    expect(await tenant.ids(file, 'drain-2')).toEqual([]);
    expect(marks()).toBe(waiting.length);
  }, 60_000);

  it('marks nothing when the delivery fails or is only a preview', async () => {
    await open(120);
    const waiting = await unmarked('before');
    const file = tenant.pipeline('drain', { mode: 'drain' });
    await tenant.snaps(['run', file, '--preview', '5', '--json']);
    await tenant.fault({ match: { method: 'GET', path: '/api/invoices' }, fault: 'status', status: 400, times: 1 });
    expect((await tenant.snaps(['run', file, '--output-directory', 'failed', '--json'])).code).not.toBe(0);
    expect(marks()).toBe(0);
    expect(await tenant.ids(file, 'drained')).toEqual(waiting);
  }, 60_000);

  it('is whole after kill -9 between delivery and mark, and leaves what changed meanwhile for the next run', async () => {
    await open(160, 30);
    const waiting = await unmarked('before');
    const file = tenant.pipeline('drain', { mode: 'drain', fields: ['id'] });
    const command = tenant.startRun(file, 'killed');
    await vi.waitUntil(() => marks() >= 3, { timeout: 30_000, interval: 5 });
    // Marks leave only when the file has its name: what is marked has arrived.
    expect(existsSync(path.join(tenant.folder, 'killed', 'drain.ndjson'))).toBe(true);
    command.child.kill('SIGKILL');
    await command.finished;
    const left = await unmarked('left');
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(waiting.length);
    const changed = left.slice(-2);
    await tenant.mutate({ update: changed });
    const runs = (await tenant.snaps(['runs', 'list', '--json'])).json() as { runId: string; pipeline: string }[];
    const runId = runs.find(({ pipeline }) => pipeline === 'drain')?.runId ?? '';
    const resumed = await tenant.snaps(['run', file, '--resume', runId, '--json']);
    expect(resumed.stderr).toBe('');
    expect(resumed.code).toBe(0);
    expect(writtenIds(resumed)).toEqual(waiting);
    expect(await unmarked('rest')).toEqual(changed);
    expect(await tenant.ids(file, 'again')).toEqual(changed);
    expect(await unmarked('none')).toEqual([]);
  }, 90_000);

  it('stops while it marks when it is told to, and marks the rest when it is resumed', async () => {
    await open(160, 30);
    const file = tenant.pipeline('drain', { mode: 'drain', fields: ['id'] });
    const command = tenant.startRun(file, 'stopped');
    await vi.waitUntil(() => marks() >= 3, { timeout: 30_000, interval: 5 });
    command.child.kill('SIGINT');
    const stopped = await command.finished;
    expect(stopped.code).toBe(130);
    const { runId } = stopped.json() as { runId: string };
    expect((await tenant.snaps(['run', file, '--resume', runId, '--json'])).code).toBe(0);
    expect(await unmarked('none')).toEqual([]);
  }, 60_000);

  it('names the records that the far side does not let be marked, and fails', async () => {
    await open(60);
    const file = tenant.pipeline('drain', { mode: 'drain', fields: ['id'] });
    await tenant.fault({ match: { method: 'PUT' }, fault: 'status', status: 422, times: 2 });
    const failed = await tenant.snaps(['run', file, '--output-directory', 'refused', '--json']);
    expect(failed.code).not.toBe(0);
    expect(failed.json()).toMatchObject({ state: 'failed', error: { code: 'SNAP_RECORD_REFUSED' } });
    expect((await unmarked('rest')).length).toBe(2);
  }, 60_000);

  it('refuses a resource that has no export mark', async () => {
    await open(20);
    const none = tenant.pipeline('none', { resource: 'suppliers', mode: 'drain' });
    expect((await tenant.snaps(['pipeline', 'check', none])).stderr).toContain('suppliers has no mark "exported"');
  }, 60_000);
});

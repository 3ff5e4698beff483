import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReadingTenant, type ReadingTenant } from '../support/reading-tenant.ts';

const records = 300;
let tenant: ReadingTenant;
beforeAll(async () => {
  tenant = await openReadingTenant(records);
});
afterAll(() => tenant.close());

const ascending = (ids: readonly number[]) => ids.toSorted((left, right) => left - right);

describe('reading incrementally', () => {
  it('gives everything first, then nothing, then exactly what was made or changed', async () => {
    const file = tenant.pipeline('changes', { mode: 'incremental', fields: ['id'] });
    const first = await tenant.ids(file, 'changes-1');
    expect(new Set(first).size).toBe(records);
    expect(first.length).toBe(records);
    expect(await tenant.ids(file, 'changes-2')).toEqual([]);
    const { inserted, updated } = await tenant.mutate({ insert: 3, update: 2 });
    expect(await tenant.ids(file, 'changes-3')).toEqual(ascending([...inserted, ...updated]));
    expect(await tenant.ids(file, 'changes-4')).toEqual([]);
  }, 60_000);

  it('gives what became visible late, and what changed in the very second of the cursor, each once', async () => {
    const file = tenant.pipeline('late', { mode: 'incremental' });
    const at = '2026-12-01T10:00:00+00:00';
    const { updated } = await tenant.mutate({ update: 1, values: { 'updated-at': at } });
    await tenant.mutate({ update: updated, values: { 'updated-at': at } });
    await tenant.ids(file, 'late-1');
    const same = await tenant.mutate({ insert: 2, values: { 'updated-at': at } });
    const late = await tenant.mutate({ insert: 2, values: { 'updated-at': '2026-12-01T09:56:00+00:00' } });
    const again = await tenant.mutate({
      update: updated,
      values: { 'updated-at': at, comments: [{ comments: 'new' }] },
    });
    expect(await tenant.ids(file, 'late-2')).toEqual(ascending([...same.inserted, ...late.inserted, ...again.updated]));
    expect(await tenant.ids(file, 'late-3')).toEqual([]);
    const tooLate = await tenant.mutate({ insert: 1, values: { 'updated-at': '2026-12-01T09:40:00+00:00' } });
    expect(await tenant.ids(file, 'late-4')).not.toContain(tooLate.inserted[0]);
  }, 60_000);

  it('keeps its place when a run fails, and begins anew when what it reads is changed', async () => {
    const file = tenant.pipeline('failing', { mode: 'incremental', fields: ['id'] });
    const before = (await tenant.ids(file, 'failing-1')).length;
    const { inserted } = await tenant.mutate({ insert: 2, values: { 'updated-at': '2026-12-02T10:00:00+00:00' } });
    await tenant.fault({ match: { method: 'GET', path: '/api/invoices' }, fault: 'status', status: 400, times: 1 });
    const failed = await tenant.snaps(['run', file, '--output-directory', 'failing-2', '--json']);
    expect(failed.code).not.toBe(0);
    expect(await tenant.ids(file, 'failing-3')).toEqual(inserted);
    tenant.pipeline('failing', {
      mode: 'incremental',
      fields: ['id'],
      filters: [{ field: 'id', operator: 'gt', value: 0 }],
    });
    expect((await tenant.ids(file, 'failing-4')).length).toBe(before + 2);
  }, 60_000);

  it('goes on behind a limit until everything was given once', async () => {
    const file = tenant.pipeline('limited', { mode: 'incremental', fields: ['id'], limit: 120 });
    const runs: number[][] = [];
    for (let run = 0; run < 4; run += 1) runs.push(await tenant.ids(file, `limited-${run}`));
    const all = runs.flat();
    const full = await tenant.ids(tenant.pipeline('full', { fields: ['id'] }), 'full');
    expect(runs.map((ids) => ids.length > 120)).toEqual([false, false, false, false]);
    expect(ascending(all)).toEqual(full);
  }, 60_000);

  it('shows where it stands, and begins anew when that is forgotten', async () => {
    const file = tenant.pipeline('forgotten', { mode: 'incremental', fields: ['id'] });
    const all = await tenant.ids(file, 'forgotten-1');
    const listed = (await tenant.snaps(['cursor', 'list', '--json'])).json() as { pipeline: string; upTo: string }[];
    expect(listed.find(({ pipeline }) => pipeline === 'forgotten')).toMatchObject({ snapId: 'read' });
    const removed = await tenant.snaps(['cursor', 'remove', 'forgotten', '--json']);
    expect(removed.json()).toEqual({ pipeline: 'forgotten', removed: 1 });
    expect(await tenant.ids(file, 'forgotten-2')).toEqual(all);
  }, 60_000);

  it('changes nothing on a preview', async () => {
    const file = tenant.pipeline('previewed', { mode: 'incremental', fields: ['id'] });
    expect((await tenant.snaps(['run', file, '--preview', '3', '--json'])).code).toBe(0);
    expect((await tenant.ids(file, 'previewed')).length).toBeGreaterThan(records);
  }, 60_000);
});

describe('watching', () => {
  it('gives only what changes from the first run on', async () => {
    const file = tenant.pipeline('watch', { start: 'now', fields: ['id'] }, 'coupa.watch');
    expect(await tenant.ids(file, 'watch-1')).toEqual([]);
    const { inserted } = await tenant.mutate({ insert: 2, values: { 'updated-at': '2026-12-03T10:00:00+00:00' } });
    expect(await tenant.ids(file, 'watch-2')).toEqual(inserted);
    expect(await tenant.ids(file, 'watch-3')).toEqual([]);
  }, 60_000);
});

describe('checking an incremental read', () => {
  it('names every setting that does not fit the mode, and resources without a time of change', async () => {
    const wrong = tenant.pipeline('wrong', { order: { field: 'id' }, mode: 'incremental', cursor: 'status' });
    const checked = await tenant.snaps(['pipeline', 'check', wrong]);
    expect(checked.code).toBe(2);
    expect(checked.stderr).toContain('"status" holds no time');
    expect(checked.stderr).toContain('has no effect in the mode "incremental"');
    const none = tenant.pipeline('none', { resource: 'currencies', mode: 'incremental' });
    expect((await tenant.snaps(['pipeline', 'check', none])).stderr).toContain('currencies has no field that tells');
    const useless = tenant.pipeline('useless', { start: 'now' });
    expect((await tenant.snaps(['pipeline', 'check', useless])).stderr).toContain('mode "full"');
  }, 60_000);
});

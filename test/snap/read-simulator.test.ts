import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { SnapError } from '../../src/errors.ts';
import { loadPack, type Pack } from '../../src/pack/index.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';
import { checkSettings, createOperationExecutor, requiredScopes } from '../../src/snap/index.ts';
import { type FakeContextOptions, fakeContext } from '../support/fake-context.ts';
import { openSimulatedAccount, type SimulatedAccount } from '../support/simulated-account.ts';

let pack: Pack;
let simulator: Simulator | undefined;
let account: SimulatedAccount | undefined;

beforeAll(async () => {
  pack = await loadPack(join(import.meta.dirname, '../..'));
});
afterEach(async () => {
  await account?.close();
  await simulator?.close();
});

async function start(options: SimulatorOptions, scopes = ['core.invoice.read']) {
  const started = await startSimulator({ ratePerSecond: 0, ...options });
  simulator = started;
  account = await openSimulatedAccount(started, scopes);
  return started;
}

async function read(settings: JsonObject, options: Omit<FakeContextOptions, 'settings'> = {}) {
  const snap = pack.snaps.get('coupa.read');
  const connection = account;
  if (snap === undefined || connection === undefined) throw new Error('not started');
  expect(checkSettings(pack, snap, settings)).toEqual([]);
  const context = fakeContext({ settings, ...options });
  await createOperationExecutor({ pack, snap, connect: async () => connection }).run(context);
  return context;
}

const ids = (records: readonly JsonObject[]) => records.map((record) => Number(record.id));
const ascending = (numbers: readonly number[]) => [...numbers].sort((left, right) => left - right);

describe('reading from the simulator', () => {
  it('gives every invoice once and in order, with one request for fifty of them and little more', async () => {
    const started = await start({ records: 5000 });
    const context = await read({ resource: 'invoices', fields: ['id', 'invoice-number'] });
    expect(context.emitted).toHaveLength(5000);
    expect(ids(context.emitted)).toEqual([...new Set(ascending(ids(context.emitted)))]);
    expect(started.stats().byPath['GET /api/invoices']?.['200']).toBeLessThanOrEqual(108);
    expect(Object.keys(context.emitted[0] ?? {})).toEqual(['id', 'invoice-number']);
  });

  it('filters through a reference and by time, and reads in a chosen order', async () => {
    await start({ records: 400 });
    const all = await read({ resource: 'invoices' });
    const supplier = all.emitted[0]?.supplier as JsonObject;
    const since = String(all.emitted[200]?.['updated-at']);
    const filters = [
      { field: 'supplier.id', value: Number(supplier.id) },
      { field: 'updated-at', operator: 'gt_or_eq', value: since },
    ];
    const some = await read({ resource: 'invoices', filters });
    const wanted = all.emitted.filter(
      (record) =>
        (record.supplier as JsonObject).id === supplier.id &&
        Date.parse(String(record['updated-at'])) >= Date.parse(since),
    );
    expect(ids(some.emitted)).toEqual(ids(wanted));
    const ordered = await read({ resource: 'invoices', order: { field: 'created-at', direction: 'desc' } });
    const times = ordered.emitted.map((record) => Date.parse(String(record['created-at'])));
    expect(times).toEqual(ascending(times).reverse());
    expect(ascending(ids(ordered.emitted))).toEqual(ids(all.emitted));
  });

  it('reads each of the 62 listable resources with the scopes that it says it needs', async () => {
    const snap = pack.snaps.get('coupa.read');
    if (snap === undefined) throw new Error('no coupa.read');
    const keys = [...pack.resources.values()].filter((resource) => resource.listable).map((resource) => resource.key);
    const scopes = new Set(keys.flatMap((resource) => requiredScopes(pack, snap, { resource })));
    await start({ records: 60 }, [...scopes]);
    const failed: string[] = [];
    for (const resource of keys) {
      const found = await read({ resource, limit: 60 }).then(
        ({ emitted }) => (emitted.length > 0 ? 'fine' : 'empty'),
        (thrown: unknown) => (thrown instanceof SnapError ? thrown.reason : String(thrown)),
      );
      if (found !== 'fine') failed.push(`${resource}: ${found}`);
    }
    expect(failed).toEqual([]);
  });

  it('names the scope that is missing', async () => {
    await start({ records: 20 });
    const thrown = await read({ resource: 'suppliers' }).catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(SnapError);
    expect(thrown).toMatchObject({ status: 403, reason: expect.stringContaining('core.supplier.read') });
  });

  it('reads by id for each document, and tells which are not there', async () => {
    await start({ records: 30 });
    const all = await read({ resource: 'invoices' });
    const input = [...ids(all.emitted).slice(0, 5), 99_999_999].map((n) => ({ n }));
    const context = await read(
      { resource: 'invoices', id: { expression: 'n' } },
      { input, resolve: (document) => ({ resource: 'invoices', id: document?.value.n ?? null }) },
    );
    expect(context.emitted).toEqual(all.emitted.slice(0, 5));
    expect(context.failures.map(({ error }) => error.code)).toEqual(['SNAP_NOT_FOUND']);
  });

  it('loses and doubles nothing that stays while records are made, changed and deleted during the read', async () => {
    const { url } = await start({ records: 4000, control: true, latencyMs: 5 });
    const before = ids((await read({ resource: 'invoices', fields: ['id'] })).emitted);
    let isReading = true;
    let rounds = 0;
    const mutate = async () => {
      for (; isReading && rounds < 100; rounds++) {
        const answer = await fetch(`${url}/__control/mutate`, {
          method: 'POST',
          body: JSON.stringify({ resource: 'invoices', insert: 3, update: 3, delete: 3 }),
          headers: { 'content-type': 'application/json' },
        });
        expect(answer.status).toBe(200);
      }
    };
    const mutating = mutate();
    const reading = read({ resource: 'invoices', fields: ['id'] }).finally(() => {
      isReading = false;
    });
    const [{ emitted }] = await Promise.all([reading, mutating]);
    const during = ids(emitted);
    const after = new Set(ids((await read({ resource: 'invoices', fields: ['id'] })).emitted));
    expect(rounds).toBeGreaterThan(0);
    expect(during).toEqual([...new Set(ascending(during))]);
    const given = new Set(during);
    expect(before.filter((id) => after.has(id) && !given.has(id))).toEqual([]);
  });
});

import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import type { Host, RunReport } from '../../src/host.ts';
import { runLeaseName } from '../../src/store/contract.ts';
import { faultScopes } from '../support/fault-cases.ts';
import { FaultLine } from '../support/fault-line.ts';
import { type FaultBench, type FaultTenant, giveFile, openFaultTenant } from '../support/fault-tenant.ts';

const count = 24;
let tenant: FaultTenant;
let ids: number[];
beforeAll(async () => {
  tenant = await openFaultTenant({ records: count, scopes: faultScopes });
  ids = (await tenant.ask('invoices?fields=["id"]')).map(({ id }) => Number(id));
});
afterAll(() => tenant.close());

const pipeline = (name: string, file = 'in.ndjson'): JsonObject => ({
  name,
  afterCrash: 'resume',
  snaps: [
    { id: 'file', snap: 'core.read-file', settings: { path: file } },
    {
      id: 'get',
      snap: 'coupa.read',
      account: 'coupa',
      settings: { resource: 'invoices', id: { expression: 'id' }, fields: ['id', 'status'] },
    },
    { id: 'out', snap: 'core.write-file', settings: { path: `${name}.ndjson` } },
  ],
  links: [
    ['file', 'get'],
    ['get', 'out'],
  ],
});

async function openBench(): Promise<FaultBench> {
  const bench = await tenant.bench();
  giveFile(bench, 'in.ndjson', ids.map((id) => JSON.stringify({ id, note: `of ${id}` })).join('\n'));
  return bench;
}

/** A process that dies when it asks for this invoice. */
const dyingOf = (id: number): FaultLine =>
  new FaultLine({ point: 'wire', detail: new RegExp(`GET /api/invoices/${id}$`, 'u'), edge: 'before', nth: 1 });

/** Serves until these runs have ended, or the process has died. */
async function serve(bench: FaultBench, runIds: readonly string[], line = new FaultLine()): Promise<void> {
  const host = await bench.openHost(line);
  try {
    for (const runId of runIds) {
      do {
        await host.crashedRuns.start();
        await delay(10);
      } while (['running', 'queued'].includes((await host.runs.show(runId)).state));
    }
  } catch (thrown) {
    if (line.diedAt === undefined) throw thrown;
  } finally {
    await host.close();
    if (line.diedAt !== undefined) bench.pass(15_000);
  }
}

async function ask<Result>(bench: FaultBench, question: (host: Host) => Promise<Result>): Promise<Result> {
  const host = await bench.openHost();
  try {
    return await question(host);
  } finally {
    await host.close();
  }
}

const written = (bench: FaultBench, name: string): number[] =>
  (bench.written('no run')[`${name}.ndjson`] ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number((JSON.parse(line) as JsonObject).id));

const countsOf = ({ snaps }: RunReport): unknown =>
  snaps.map(({ id, input, output, errors, dropped }) => [id, input, output, errors, dropped]);

/** Starts a run that dies of an invoice. */
async function died(bench: FaultBench, name: string, id: number, file?: string): Promise<string> {
  const { line } = await bench.start({ pipeline: pipeline(name, file), line: dyingOf(id) });
  expect(line.diedAt).toBeDefined();
  return (await bench.runId()) ?? '';
}

describe('a document that ends the process three times', () => {
  it.each(['a host that serves', 'a person'])(
    'is kept with its error when %s resumes the run, which completes with all others, and goes back in when mended',
    async (who) => {
      const [bench, poisoned] = [await openBench(), ids[9] ?? 0];
      const runId = await died(bench, 'poisoned', poisoned);
      for (let death = 2; death <= 3; death += 1) {
        const line = dyingOf(poisoned);
        if (who === 'a person') await bench.start({ pipeline: pipeline('poisoned'), resume: runId, line });
        else await serve(bench, [runId], line);
        expect(line.diedAt, `death ${death}`).toBeDefined();
      }
      // It is not even asked for again.
      const line = dyingOf(poisoned);
      if (who === 'a person') await bench.start({ pipeline: pipeline('poisoned'), resume: runId, line });
      else await serve(bench, [runId], line);
      expect(line.diedAt).toBeUndefined();
      const report = await ask(bench, (host) => host.runs.show(runId));
      expect(report).toMatchObject({ state: 'completed', attempt: 4 });
      expect(countsOf(report)).toEqual([
        ['file', 0, count, 0, 0],
        ['get', count, count - 1, 1, 0],
        ['out', count - 1, count - 1, 0, 0],
      ]);
      expect(written(bench, 'poisoned')).toEqual(ids.filter((id) => id !== poisoned));
      const errors = await ask(bench, (host) => host.runs.errors(runId, { limit: 10 }));
      expect(errors).toEqual([
        expect.objectContaining({
          code: 'SNAP_DOCUMENT_SET_ASIDE',
          message: 'A document was set aside at "get".',
          snap: 'get',
          runId,
          original: { id: poisoned, note: `of ${poisoned}` },
          place: expect.objectContaining({ snap: 'file', page: 'in.ndjson, line 10', index: 9 }),
        }),
      ]);
      const replayed = await ask(bench, async (host) => await (await host.replayRun({ runId })).finished);
      expect(replayed).toMatchObject({ state: 'completed' });
      expect(replayed.outputs).toEqual([expect.objectContaining({ documents: 1 })]);
    },
  );

  it('is found out though a run of its own was at work on it, and that run ends too', async () => {
    const [bench, poisoned] = [await openBench(), ids[4] ?? 0];
    const [, get] = pipeline('one').snaps as readonly JsonObject[];
    const shape = { id: 'shape', snap: 'core.map', settings: { fields: { id: 'id' } } };
    const one = { name: 'one', snaps: [shape, get ?? {}], links: [['shape', 'get']] };
    await ask(bench, (host) => host.pipelines.save({ name: 'one', pipeline: one, basedOn: 0 }));
    const [file, , out] = pipeline('parent').snaps as readonly JsonObject[];
    const call = {
      id: 'get',
      snap: 'core.pipeline',
      settings: { pipeline: 'one', output: 'documents', concurrency: 3 },
    };
    const parent = { ...pipeline('parent'), snaps: [file ?? {}, call, out ?? {}] };
    const { line } = await bench.start({ pipeline: parent, line: dyingOf(poisoned) });
    expect(line.diedAt).toBeDefined();
    const store = await bench.openStore();
    const runId = (await store.runs.list({ limit: 1 }))[0]?.runId ?? '';
    for (let death = 2; death <= 3; death += 1) await serve(bench, [runId], dyingOf(poisoned));
    await serve(bench, [runId], dyingOf(poisoned));
    expect(await store.runs.find(runId)).toMatchObject({ state: 'completed', attempt: 4, children: count });
    const children = await store.runs.children(runId, 'get', 0);
    await store.close();
    expect(children.map(({ state }) => state).toSorted()).toEqual([
      ...Array.from({ length: count - 1 }, () => 'completed'),
      'failed',
    ]);
    expect(written(bench, 'parent')).toEqual(ids.filter((id) => id !== poisoned));
  });

  it('leaves alone what another run of the same process had in hand each time', async () => {
    const [bench, poisoned] = [await openBench(), ids[5] ?? 0];
    const others = ids.filter((id) => id !== poisoned);
    giveFile(bench, 'others.ndjson', others.map((id) => JSON.stringify({ id })).join('\n'));
    const innocent = await died(bench, 'innocent', ids[7] ?? 0, 'others.ndjson');
    const guilty = await died(bench, 'guilty', poisoned);
    for (let death = 2; death <= 3; death += 1) {
      const line = dyingOf(poisoned);
      await serve(bench, [guilty, innocent], line);
      expect(line.diedAt, `death ${death}`).toBeDefined();
    }
    await serve(bench, [guilty, innocent], dyingOf(poisoned));
    const reports = await ask(bench, (host) => Promise.all([innocent, guilty].map((runId) => host.runs.show(runId))));
    // The innocent one was not even taken up while the other was looked into.
    expect(reports.map(({ state, attempt }) => [state, attempt])).toEqual([
      ['completed', 2],
      ['completed', 4],
    ]);
    expect(written(bench, 'innocent')).toEqual(others);
    expect(written(bench, 'guilty')).toEqual(others);
  });

  it('is not blamed when the machine was started anew each time: the run is set aside then', async () => {
    const [bench, held] = [await openBench(), ids[3] ?? 0];
    const runId = await died(bench, 'rebooted', held);
    for (let death = 2; death <= 3; death += 1) {
      await serve(bench, [runId], dyingOf(held));
      const store = await bench.openStore();
      const inHand = (await store.care.read(runId))?.inHand;
      expect(inHand).toMatchObject({ snap: 'get', place: { from: { index: 3 } } });
      const lease = await store.leases.acquire(runLeaseName(runId), 'test', 1);
      if (lease === undefined) throw new Error('the lease is taken');
      const owner = `${hostname()} 1 an-earlier-boot/pid`;
      expect(await store.care.hold(lease, runId, { ...inHand, owner })).toBe(true);
      await store.leases.release(lease);
      await store.close();
    }
    await serve(bench, [runId]);
    const [report, errors] = await ask(bench, (host) =>
      Promise.all([host.runs.show(runId), host.runs.errors(runId, { limit: 10 })]),
    );
    expect(report).toMatchObject({ state: 'failed', error: { code: 'SNAP_RUN_SET_ASIDE' } });
    expect(errors).toEqual([]);
  });
});

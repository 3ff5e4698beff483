// The contract of runs, checkpoints and error documents, for every database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JsonObject, parseExact } from '../../src/document/index.ts';
import { errorPipelineSnap, type Lease, runLeaseName, type Store } from '../../src/store/contract.ts';
import { type DatabaseUnderTest, takeLease } from './support.ts';

const leaseOf = (store: Store, runId: string, owner?: string) => takeLease(store, runLeaseName(runId), owner);

export function describeRuns(database: DatabaseUnderTest): void {
  let store: Store;

  const addRun = (runId: string) =>
    store.runs.insert({ runId, pipeline: 'invoices', parameters: { since: '2026' }, definition: { file: 'a.json' } });

  beforeEach(async () => {
    store = await database.open(await database.create());
    await addRun('run-1');
  });

  afterEach(() => store.close());

  describe('run rows', () => {
    it('queues a run and writes what its owner tells', async () => {
      expect(await store.runs.find('run-1')).toMatchObject({
        state: 'queued',
        startedAt: null,
        snaps: [],
        error: null,
      });
      const lease = await leaseOf(store, 'run-1');
      const change = {
        state: 'failed',
        startedAt: '2026-11-24T00:00:00.000Z',
        finishedAt: '2026-11-24T00:00:01.000Z',
        attempt: 1,
        snaps: [{ id: 'read', output: 5 }],
        outputs: [{ path: 'a.ndjson', documents: 5 }],
        error: { code: 'SNAP_RUN_FAILED' },
      } as const;
      expect(await store.runs.update(lease, 'run-1', change)).toBe(true);
      expect(await store.runs.find('run-1')).toMatchObject({
        ...change,
        pipeline: 'invoices',
        parameters: { since: '2026' },
      });
      expect(await store.runs.state('run-1')).toBe('failed');
      expect(await store.runs.state('run-2')).toBeUndefined();
    });

    it('keeps every digit of the documents in error documents and checkpoints', async () => {
      const text = '{"total":123456789012345678901234567890.123456789,"id":12345678901234567890}';
      const lease = await leaseOf(store, 'run-1');
      await store.errorDocuments.append(lease, 'run-1', [parseExact(text) as JsonObject]);
      await store.checkpoints.put(lease, 'run-1', parseExact(text) as JsonObject);
      const [kept] = await store.errorDocuments.list('run-1', { limit: 1 });
      expect(JSON.stringify(kept?.document)).toBe(text);
      expect(JSON.stringify(await store.checkpoints.read('run-1'))).toBe(text);
    });

    it('refuses everything from a holder that was outlived', async () => {
      const early = await store.leases.acquire(runLeaseName('run-1'), 'early', 0);
      const late = await leaseOf(store, 'run-1', 'late');
      if (early === undefined) throw new Error('the first lease was refused');
      expect(await store.runs.update(early, 'run-1', { state: 'failed' })).toBe(false);
      expect(await store.checkpoints.put(early, 'run-1', { at: 'early' }, [{ lost: true }])).toBe(false);
      expect(await store.errorDocuments.append(early, 'run-1', [{ lost: true }])).toBe(false);
      expect(await store.checkpoints.put(late, 'run-1', { at: 'late' })).toBe(true);
      expect(await store.checkpoints.read('run-1')).toEqual({ at: 'late' });
      expect(await store.errorDocuments.count('run-1')).toBe(0);
    });

    it('keeps the points of plots that its owner tells, and drops them with the run', async () => {
      const point = { seconds: 0, read: 0, written: 0, errors: 0, requests: 0, throttledMs: 0 };
      const points = [point, { ...point, seconds: 0.08, read: 3, throttledMs: 1_500 }];
      expect(await store.runs.points('run-1')).toEqual([]);
      const early = await store.leases.acquire(runLeaseName('run-1'), 'early', 0);
      const late = await leaseOf(store, 'run-1', 'late');
      if (early === undefined) throw new Error('the first lease was refused');
      expect(await store.runs.update(late, 'run-1', { state: 'running', points })).toBe(true);
      expect(await store.runs.update(early, 'run-1', { points: [] })).toBe(false);
      expect(await store.runs.update(late, 'run-1', { snaps: [] })).toBe(true);
      expect(await store.runs.points('run-1')).toEqual(points);
      await store.runs.remove('run-1');
      expect(await store.runs.points('run-1')).toBeUndefined();
    });

    it('keeps what is known from deaths, and what was in hand last, until the run is removed', async () => {
      expect(await store.care.read('run-1')).toBeUndefined();
      const early = await store.leases.acquire(runLeaseName('run-1'), 'early', 0);
      const late = await leaseOf(store, 'run-1', 'late');
      if (early === undefined) throw new Error('the first lease was refused');
      expect(await store.care.put(early, 'run-1', { deaths: 9 })).toBe(false);
      // Nothing is in hand of a run that nothing is known of.
      expect(await store.care.hold(late, 'run-1', { snap: 'map' })).toBe(false);
      expect(await store.care.put(late, 'run-1', { deaths: 1 })).toBe(true);
      expect(await store.care.hold(late, 'run-1', { snap: 'map' })).toBe(true);
      expect(await store.care.hold(early, 'run-1', { snap: 'late' })).toBe(false);
      expect(await store.care.read('run-1')).toEqual({ care: { deaths: 1 }, inHand: { snap: 'map' } });
      expect(await store.care.hold(late, 'run-1', null)).toBe(true);
      expect(await store.care.read('run-1')).toEqual({ care: { deaths: 1 }, inHand: null });
      await store.care.hold(late, 'run-1', { snap: 'map' });
      await store.care.put(late, 'run-1', { deaths: 2 });
      expect(await store.care.read('run-1')).toEqual({ care: { deaths: 2 }, inHand: null });
      await store.runs.remove('run-1');
      expect(await store.care.read('run-1')).toBeUndefined();
    });

    it('lists the newest first, page by page, each once', async () => {
      for (let index = 2; index <= 7; index += 1) await addRun(`run-${index}`);
      const seen: string[] = [];
      let before: { createdAt: string; runId: string } | undefined;
      for (;;) {
        const page = await store.runs.list({ limit: 3, ...(before === undefined ? {} : { before }) });
        seen.push(...page.map(({ runId }) => runId));
        before = page.at(-1);
        if (before === undefined) break;
      }
      expect([...seen].sort()).toEqual(['run-1', 'run-2', 'run-3', 'run-4', 'run-5', 'run-6', 'run-7']);
      const times = await store.runs.list({ limit: 10 });
      expect(times.map(({ createdAt }) => createdAt)).toEqual(
        times
          .map(({ createdAt }) => createdAt)
          .sort()
          .reverse(),
      );
      expect(await store.runs.list({ limit: 10, state: 'completed' })).toEqual([]);
      const since = times[2]?.createdAt ?? '';
      const [late, early] = [
        await store.runs.list({ limit: 10, since }),
        await store.runs.list({ limit: 10, until: since }),
      ];
      expect([...late, ...early]).toEqual(times);
      expect(late.at(-1)?.createdAt).toBe(since);
      const [pipeline = ''] = await store.runs.pipelines();
      expect(await store.runs.list({ limit: 10, pipeline, since, until: since })).toEqual([]);
    });

    it('stops a queued run at once and asks a running one to stop', async () => {
      expect(await store.runs.requestStop('run-1')).toBe('stopped');
      expect((await store.runs.find('run-1'))?.finishedAt).not.toBeNull();
      await addRun('run-2');
      await store.runs.update(await leaseOf(store, 'run-2'), 'run-2', { state: 'running' });
      expect(await store.runs.requestStop('run-2')).toBe('stopping');
      expect(await store.runs.requestStop('run-9')).toBeUndefined();
    });
  });

  describe('runs that are handed to workers', () => {
    it('are found while they have not ended, those under way first, each with who holds it', async () => {
      const hand = (runId: string) =>
        store.runs.insert({ runId, pipeline: 'invoices', parameters: {}, definition: {}, lane: `lane of ${runId}` });
      for (const runId of ['run-2', 'run-3', 'run-4']) expect(await hand(runId)).toBe(true);
      await store.runs.update(await leaseOf(store, 'run-3', 'worker'), 'run-3', { state: 'running' });
      await store.runs.requestStop('run-4');
      expect(await store.runs.handedOver(['queued', 'running', 'stopping'])).toMatchObject([
        { runId: 'run-3', state: 'running', lane: 'lane of run-3', holder: 'worker' },
        { runId: 'run-2', state: 'queued', lane: 'lane of run-2', holder: null },
      ]);
      expect(await store.runs.handedOver(['stopping'])).toEqual([]);
      expect(await store.runs.list({ limit: 9, isHandedOver: false })).toMatchObject([{ runId: 'run-1', lane: null }]);
      expect(await store.runs.list({ limit: 9, isHandedOver: true })).toHaveLength(3);
    });

    it('can wait again, as what they have become', async () => {
      const lease = await leaseOf(store, 'run-1');
      await store.runs.update(lease, 'run-1', { state: 'failed', finishedAt: '2026-11-24T00:00:01.000Z', error: {} });
      const change = { state: 'queued', finishedAt: null, error: null, lane: 'a', definition: { file: 'b' } } as const;
      expect(await store.runs.update(lease, 'run-1', change)).toBe(true);
      expect(await store.runs.find('run-1')).toMatchObject(change);
    });
  });

  describe('runs that another run started', () => {
    it('are listed with it, begun by its holder alone, and go with it', async () => {
      const lease = await leaseOf(store, 'run-1');
      const add = (n: number, by = lease) =>
        store.runs.insert({
          ...{ runId: `child-${n}`, pipeline: 'lines', parameters: {}, definition: {} },
          parent: { lease: by, runId: 'run-1', snapId: 'call', sequence: n, hash: `hash-${n}` },
        });
      for (const n of [1, 2, 3]) expect(await add(n)).toBe(true);
      expect(await store.runs.children('run-1', 'call', 1)).toEqual([
        { runId: 'child-2', state: 'queued', sequence: 2, hash: 'hash-2' },
        { runId: 'child-3', state: 'queued', sequence: 3, hash: 'hash-3' },
      ]);
      expect(await store.runs.list({ limit: 9 })).toMatchObject([{ runId: 'run-1', parent: null, children: 3 }]);
      expect(await store.runs.list({ limit: 9, parent: 'run-1' })).toHaveLength(3);
      expect(await store.runs.pipelines()).toEqual(['invoices']);
      expect(await store.runs.find('child-1')).toMatchObject({
        parent: { runId: 'run-1', snapId: 'call' },
        children: 0,
      });
      await store.leases.release(lease);
      await leaseOf(store, 'run-1', 'late');
      expect(await add(4)).toBe(false);
      await store.runs.remove('run-1');
      expect(await store.runs.find('child-1')).toBeUndefined();
    });

    it('may be added in the step that ends a run, or not at all', async () => {
      const early = await store.leases.acquire(runLeaseName('run-1'), 'early', 0);
      if (early === undefined) throw new Error('the first lease was refused');
      const end = (lease: Lease) =>
        store.runs.update(lease, 'run-1', {
          state: 'failed',
          follower: {
            ...{ runId: 'after', pipeline: 'errors', parameters: {}, definition: {} },
            parent: { lease, runId: 'run-1', snapId: errorPipelineSnap, sequence: 1, hash: '' },
          },
        });
      const late = await leaseOf(store, 'run-1', 'late');
      expect(await end(early)).toBe(false);
      expect(await store.runs.find('after')).toBeUndefined();
      expect(await end(late)).toBe(true);
      expect(await store.runs.find('after')).toMatchObject({ state: 'queued', parent: { runId: 'run-1' } });
    });
  });

  describe('runs that sent documents of another run back in', () => {
    it('are listed by that run, and among those that somebody started', async () => {
      for (const n of [1, 2])
        await store.runs.insert({
          ...{ runId: `replay-${n}`, pipeline: 'invoices', parameters: {}, definition: {} },
          replayOf: 'run-1',
        });
      expect(await store.runs.find('run-1')).toMatchObject({ replayOf: null, replays: 2 });
      const replays = await store.runs.list({ limit: 9, replayOf: 'run-1' });
      expect(replays.map(({ runId }) => runId).toSorted()).toEqual(['replay-1', 'replay-2']);
      expect(await store.runs.list({ limit: 9 })).toHaveLength(3);
    });
  });

  describe('retention', () => {
    it('deletes runs that ended long ago, and never one that is under way', async () => {
      for (const runId of ['run-2', 'run-3', 'run-4']) await addRun(runId);
      const end = async (runId: string, finishedAt: string) =>
        store.runs.update(await leaseOf(store, runId), runId, { state: 'completed', finishedAt });
      await end('run-2', '2020-01-01T00:00:00.000Z');
      await end('run-3', new Date(await store.now()).toISOString());
      await store.runs.update(await leaseOf(store, 'run-4'), 'run-4', {
        state: 'running',
        finishedAt: '2020-01-01T00:00:00.000Z',
      });
      expect(await store.runs.removeEnded(86_400_000, 10)).toBe(1);
      const left = (await store.runs.list({ limit: 10 })).map(({ runId }) => runId);
      expect(left.sort()).toEqual(['run-1', 'run-3', 'run-4']);
    });
  });

  describe('the holder of a lease', () => {
    it('is known while the lease lasts', async () => {
      expect(await store.leases.holder('some')).toBeUndefined();
      const lease = await takeLease(store, 'some', 'me');
      expect(await store.leases.holder('some')).toEqual(lease);
      await store.leases.release(lease);
      expect(await store.leases.holder('some')).toBeUndefined();
    });
  });

  describe('schedules', () => {
    const schedule = {
      name: 'hourly',
      definition: { file: 'a.json' },
      cron: '0 * * * *',
      timeZone: 'Europe/Zurich',
      misfire: 'once',
      mayOverlap: false,
      isPaused: false,
      nextAt: 1000,
    } as const;

    it('are added once by name, listed and removed', async () => {
      expect(await store.schedules.add(schedule)).toBe(true);
      expect(await store.schedules.add({ ...schedule, cron: '* * * * *' })).toBe(false);
      expect(await store.schedules.list()).toEqual([{ ...schedule, lastRunId: null, lastOutcome: '' }]);
      expect(await store.schedules.remove('hourly')).toBe(true);
      expect(await store.schedules.find('hourly')).toBeUndefined();
    });

    it('are changed in what is given, paused, and let go on', async () => {
      await store.schedules.add(schedule);
      expect(await store.schedules.change('hourly', { isPaused: true, nextAt: null })).toBe(true);
      expect(await store.schedules.find('hourly')).toMatchObject({ ...schedule, isPaused: true, nextAt: null });
      expect(await store.schedules.claim('hourly', { dueAt: 1000, nextAt: 2000 })).toBe(false);
      const change = {
        definition: { saved: 'b' },
        cron: '5 * * * *',
        misfire: 'skip',
        mayOverlap: true,
        nextAt: 3000,
      } as const;
      expect(await store.schedules.change('hourly', { ...change, isPaused: false })).toBe(true);
      expect(await store.schedules.find('hourly')).toMatchObject({ ...schedule, ...change });
      expect(await store.schedules.change('hourly', {})).toBe(true);
      expect(await store.schedules.change('daily', { cron: '* * * * *' })).toBe(false);
    });

    it('give each tick to one host', async () => {
      await store.schedules.add(schedule);
      const claims = await Promise.all(
        Array.from({ length: 8 }, () => store.schedules.claim('hourly', { dueAt: 1000, nextAt: 2000 })),
      );
      expect(claims.filter(Boolean)).toHaveLength(1);
      await store.schedules.note('hourly', { runId: 'run-1', text: 'started' });
      expect(await store.schedules.find('hourly')).toMatchObject({
        nextAt: 2000,
        lastRunId: 'run-1',
        lastOutcome: 'started',
      });
    });
  });

  describe('checkpoints and error documents', () => {
    it('keeps the last checkpoint and the error documents of the same moment', async () => {
      const lease = await leaseOf(store, 'run-1');
      await store.checkpoints.put(lease, 'run-1', { page: 1 }, [{ number: 1 }]);
      await store.checkpoints.put(lease, 'run-1', { page: 2 }, [{ number: 2 }, { number: 3 }]);
      expect(await store.checkpoints.read('run-1')).toEqual({ page: 2 });
      const documents = await store.errorDocuments.list('run-1', { limit: 10 });
      expect(documents).toEqual([1, 2, 3].map((number) => ({ sequence: number, document: { number } })));
    });

    it('numbers thousands of error documents from parallel appends without a gap', async () => {
      const lease = await leaseOf(store, 'run-1');
      const batch = Array.from({ length: 600 }, (_, number) => ({ number }));
      await Promise.all(Array.from({ length: 4 }, () => store.errorDocuments.append(lease, 'run-1', batch)));
      expect(await store.errorDocuments.count('run-1')).toBe(2400);
      const page = await store.errorDocuments.list('run-1', { after: 2395, limit: 10 });
      expect(page.map(({ sequence }) => sequence)).toEqual([2396, 2397, 2398, 2399, 2400]);
    });

    it('takes away error documents behind a sequence, for the holder of the run alone', async () => {
      const early = await store.leases.acquire(runLeaseName('run-1'), 'early', 0);
      const lease = await leaseOf(store, 'run-1');
      if (early === undefined) throw new Error('the first lease was refused');
      await store.errorDocuments.append(lease, 'run-1', [{ number: 1 }, { number: 2 }, { number: 3 }]);
      expect(await store.errorDocuments.removeAfter(early, 'run-1', 0)).toBe(false);
      expect(await store.errorDocuments.removeAfter(lease, 'run-1', 1)).toBe(true);
      await store.errorDocuments.append(lease, 'run-1', [{ number: 4 }]);
      const kept = await store.errorDocuments.list('run-1', { limit: 10 });
      expect(kept).toEqual([
        { sequence: 1, document: { number: 1 } },
        { sequence: 2, document: { number: 4 } },
      ]);
    });

    it('goes with its run', async () => {
      const lease = await leaseOf(store, 'run-1');
      await store.checkpoints.put(lease, 'run-1', { page: 1 }, [{ number: 1 }]);
      expect(await store.runs.remove('run-1')).toBe(true);
      expect(await store.checkpoints.read('run-1')).toBeUndefined();
      expect(await store.errorDocuments.count('run-1')).toBe(0);
    });
  });
}

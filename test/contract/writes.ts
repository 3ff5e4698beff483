// The contract of the write journal, for every database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runLeaseName, type Store, type WriteNote } from '../../src/store/contract.ts';
import { type DatabaseUnderTest, takeLease } from './support.ts';

const note = (sequence: number, more: Partial<WriteNote> = {}): WriteNote => ({
  snapId: 'create',
  sequence,
  attempt: 1,
  hash: `hash-${sequence}`,
  key: null,
  origin: 'read  0',
  request: { method: 'POST', path: '/things', repeatable: false },
  body: '{"price":"1.10"}',
  ...more,
});

export function describeWrites(database: DatabaseUnderTest): void {
  describe('the write journal', () => {
    let store: Store;

    beforeEach(async () => {
      store = await database.open(await database.create());
      await store.runs.insert({ runId: 'run-1', pipeline: 'things', parameters: {}, definition: {} });
    });

    afterEach(() => store.close());

    const list = (snapId = 'create') => store.writes.list('run-1', { snapId, limit: 100 });

    it('keeps a write as sent until its outcome is known, body and all', async () => {
      const lease = await takeLease(store, runLeaseName('run-1'));
      expect(await store.writes.note(lease, 'run-1', [note(0), note(1), note(2, { snapId: 'other' })])).toBe(true);
      expect(await list()).toEqual([
        { ...note(0), state: 'sent', outcome: null },
        { ...note(1), state: 'sent', outcome: null },
      ]);
      const settlements = [
        { snapId: 'create', sequence: 0, state: 'done', outcome: '{"id":1}' },
        { snapId: 'create', sequence: 1, state: 'not-done' },
      ] as const;
      await store.writes.settle(lease, 'run-1', settlements);
      expect(await list()).toEqual([{ ...note(0), state: 'done', outcome: '{"id":1}' }]);
    });

    it('writes a second sending over the first', async () => {
      const lease = await takeLease(store, runLeaseName('run-1'));
      await store.writes.note(lease, 'run-1', [note(0)]);
      await store.writes.note(lease, 'run-1', [note(0, { attempt: 2 })]);
      expect(await list()).toMatchObject([{ sequence: 0, attempt: 2, state: 'sent' }]);
    });

    it('drops what a checkpoint covers, and keeps what is undecided or unsettled', async () => {
      const lease = await takeLease(store, runLeaseName('run-1'));
      await store.writes.note(
        lease,
        'run-1',
        [0, 1, 2, 3].map((sequence) => note(sequence)),
      );
      await store.writes.settle(lease, 'run-1', [
        { snapId: 'create', sequence: 0, state: 'done' },
        { snapId: 'create', sequence: 1, state: 'undecided' },
        { snapId: 'create', sequence: 3, state: 'refused' },
      ]);
      await store.writes.prune(lease, 'run-1', { snapId: 'create', sequence: 3 });
      expect((await list()).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
      expect((await store.writes.undecided('run-1')).map(({ sequence }) => sequence)).toEqual([1]);
    });

    it('refuses a holder that was outlived, and goes with its run', async () => {
      const early = await store.leases.acquire(runLeaseName('run-1'), 'early', 0);
      if (early === undefined) throw new Error('the first lease was refused');
      const late = await takeLease(store, runLeaseName('run-1'), 'late');
      expect(await store.writes.note(early, 'run-1', [note(0)])).toBe(false);
      expect(await list()).toEqual([]);
      await store.writes.note(late, 'run-1', [note(0)]);
      await store.runs.remove('run-1');
      expect(await list()).toEqual([]);
    });
  });
}

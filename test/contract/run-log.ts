// The contract of the log of a run, for every database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lease, type RunLogInsert, runLeaseName, type Store } from '../../src/store/contract.ts';
import { runLogEntriesMax } from '../../src/store/run-log.ts';
import { type DatabaseUnderTest, takeLease } from './support.ts';

export function describeRunLog(database: DatabaseUnderTest): void {
  let store: Store;
  let lease: Lease;

  const entry = (message: string): RunLogInsert => ({
    ...{ at: 1_764_000_000_000, level: 'info', event: 'state', snapId: null, message, details: { n: 1 } },
  });

  beforeEach(async () => {
    store = await database.open(await database.create());
    await store.runs.insert({ runId: 'run-1', pipeline: 'invoices', parameters: {}, definition: {} });
    lease = await takeLease(store, runLeaseName('run-1'));
  });

  afterEach(() => store.close());

  describe('the log of a run', () => {
    it('keeps entries in order and gives them behind one that was seen', async () => {
      await store.runLog.append(lease, 'run-1', [entry('a'), entry('b')]);
      await store.runLog.append(lease, 'run-1', [{ ...entry('c'), snapId: 'read', details: null }]);
      expect(await store.runLog.list('run-1', { limit: 2 })).toEqual([
        { ...entry('a'), sequence: 1 },
        { ...entry('b'), sequence: 2 },
      ]);
      expect(await store.runLog.list('run-1', { after: 2, limit: 9 })).toEqual([
        { ...entry('c'), snapId: 'read', details: null, sequence: 3 },
      ]);
      expect(await store.runLog.first('run-1')).toBe(1);
      expect(await store.runLog.first('run-9')).toBeUndefined();
    });

    it('drops the oldest beyond its bound', async () => {
      const many = Array.from({ length: runLogEntriesMax }, (_, n) => entry(`${n}`));
      await store.runLog.append(lease, 'run-1', many);
      await store.runLog.append(lease, 'run-1', [entry('x'), entry('y'), entry('z')]);
      expect(await store.runLog.first('run-1')).toBe(4);
      const last = await store.runLog.list('run-1', { after: runLogEntriesMax + 2, limit: 9 });
      expect(last.map(({ message }) => message)).toEqual(['z']);
    });

    it('takes nothing from a holder of the run that was outlived, and goes with the run', async () => {
      await store.leases.release(lease);
      const late = await takeLease(store, runLeaseName('run-1'), 'late');
      expect(await store.runLog.append(lease, 'run-1', [entry('early')])).toBe(false);
      expect(await store.runLog.append(late, 'run-1', [entry('late')])).toBe(true);
      await store.runs.remove('run-1');
      expect(await store.runLog.list('run-1', { limit: 9 })).toEqual([]);
    });
  });
}

// The contract of cursors, for every database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lease, runLeaseName, type Store } from '../../src/store/contract.ts';
import { type DatabaseUnderTest, takeLease } from './support.ts';

export function describeCursors(database: DatabaseUnderTest): void {
  let store: Store;
  let lease: Lease;

  const complete = (upTo: string, fromVersion: number, by = lease) =>
    store.runs.update(by, 'run-1', {
      state: 'completed',
      cursors: { pipeline: 'invoices', cursors: [{ snapId: 'read', value: { upTo }, fromVersion }] },
    });

  beforeEach(async () => {
    store = await database.open(await database.create());
    await store.runs.insert({ runId: 'run-1', pipeline: 'invoices', parameters: {}, definition: {} });
    lease = await takeLease(store, runLeaseName('run-1'));
  });

  afterEach(() => store.close());

  describe('cursors', () => {
    it('move with the run that is completed, from the version it began with', async () => {
      await complete('a', 0);
      expect(await store.cursors.list('invoices')).toMatchObject([
        { pipeline: 'invoices', snapId: 'read', value: { upTo: 'a' }, version: 1 },
      ]);
      await complete('b', 1);
      expect(await store.cursors.list()).toMatchObject([{ value: { upTo: 'b' }, version: 2 }]);
    });

    it('stay where another run has moved them meanwhile', async () => {
      await complete('a', 0);
      await complete('late', 0);
      await complete('b', 1);
      await complete('later', 1);
      expect(await store.cursors.list()).toMatchObject([{ value: { upTo: 'b' }, version: 2 }]);
    });

    it('are not moved by a holder of the run that was outlived', async () => {
      await store.leases.release(lease);
      await takeLease(store, runLeaseName('run-1'), 'late');
      expect(await complete('a', 0)).toBe(false);
      expect(await store.cursors.list()).toEqual([]);
    });

    it('are forgotten by pipeline and snap', async () => {
      await complete('a', 0);
      expect(await store.cursors.remove('invoices', 'other')).toBe(0);
      expect(await store.cursors.remove('invoices')).toBe(1);
      expect(await store.cursors.list()).toEqual([]);
    });
  });
}

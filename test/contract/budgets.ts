// The contract of budget rows, for every database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/contract.ts';
import type { DatabaseUnderTest } from './support.ts';

export function describeBudgets(database: DatabaseUnderTest): void {
  let store: Store;
  beforeEach(async () => {
    store = await database.open(await database.create());
  });
  afterEach(() => store.close());

  describe('budget rows', () => {
    it('line up what many put into one bucket, and keep buckets apart', async () => {
      const intervalMs = 10_000;
      const ahead = await Promise.all(Array.from({ length: 8 }, () => store.budgets.fill('acme', 2, intervalMs)));
      // The bucket drains while they ask, by less than one request.
      const places = ahead.toSorted((a, b) => a - b).map((ms) => Math.round(ms / intervalMs));
      expect(places).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
      expect(await store.budgets.fill('other', 1, intervalMs)).toBe(0);
    });

    it('keep a bucket filled through a pause, and never empty it sooner for one', async () => {
      await store.budgets.pause('acme', 60_000);
      await store.budgets.pause('acme', 1_000);
      expect(Math.round((await store.budgets.fill('acme', 1, 1_000)) / 10_000)).toBe(6);
    });
  });
}

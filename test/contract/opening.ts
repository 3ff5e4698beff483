// The contract of opening, migrating and closing a store, for every database.

import { describe, expect, it } from 'vitest';
import { runLeaseName } from '../../src/store/contract.ts';
import { addAccount, type DatabaseUnderTest } from './support.ts';

export function describeOpening(database: DatabaseUnderTest): void {
  describe('opening', () => {
    it('lets many open an empty database at once and keeps what they wrote', async () => {
      const url = await database.create();
      const stores = await Promise.all(Array.from({ length: 6 }, () => database.open(url)));
      for (const [index, store] of stores.entries()) await addAccount(store, `demo-${index}`, `account-${index}`);
      await Promise.all(stores.map((store) => store.close()));
      const again = await database.open(url);
      expect((await again.accounts.list()).map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5].map((n) => `demo-${n}`));
      await again.close();
    });

    it('tells the time in whole ms', async () => {
      const store = await database.open(await database.create());
      const now = await store.now();
      await store.close();
      expect(Number.isSafeInteger(now)).toBe(true);
      expect(Math.abs(now - Date.now())).toBeLessThan(60_000);
    });

    it('erases without harm to what stays', async () => {
      const store = await database.open(await database.create());
      await addAccount(store);
      await store.scrub();
      expect(await store.accounts.list()).toHaveLength(1);
      await store.close();
    });

    it('rebuilds errors without the text of the database', async () => {
      const store = await database.open(await database.create());
      const lease = await store.leases.acquire(runLeaseName('CANARY'), 'me', 60_000);
      if (lease === undefined) throw new Error('the lease was refused');
      // There is no such run, and the database says its id.
      const thrown = await store.checkpoints.put(lease, 'CANARY', {}).then(
        () => undefined,
        (error: unknown) => error,
      );
      await store.close();
      expect(thrown).toMatchObject({ code: 'SNAP_STORE_UNAVAILABLE' });
      expect(JSON.stringify(thrown)).not.toContain('CANARY');
      expect((thrown as Error).cause).toBeUndefined();
    });
  });
}

// The contract of keys, leases and pending authorizations, for every database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/contract.ts';
import { addAccount, type DatabaseUnderTest, sealed, tokenSet } from './support.ts';

const id = 'account-1';

export function describeKeys(database: DatabaseUnderTest): void {
  let store: Store;

  beforeEach(async () => {
    store = await database.open(await database.create());
    await addAccount(store);
  });

  afterEach(() => store.close());

  describe('key rows', () => {
    it('takes one first key only', async () => {
      expect(await store.keys.addFirst('key-2', { master: 'wrap' })).toBe(false);
      expect(await store.keys.list()).toMatchObject([{ id: 'key-1', state: 'active', wraps: { master: 'wrap' } }]);
    });

    it('refuses to seal with a retiring key and to retire one that is in use', async () => {
      expect(await store.keys.succeed('key-1', 'key-2', { master: 'w2', next: 'w3' })).toBe(true);
      expect(await store.keys.succeed('key-1', 'key-3', {})).toBe(false);
      expect(await store.tokenSets.commit(id, { version: 0, revision: 1 }, tokenSet('key-1'))).toBe('key-retired');
      expect(await store.keys.retire('key-1')).toBe(false);
      expect(await store.accounts.sealedWith('key-1', 10)).toEqual([id]);
      expect(await store.accounts.reseal(id, 1, 'key-1', { keyId: 'key-2', fields: {} })).toBe('done');
      expect(await store.accounts.reseal(id, 1, 'key-1', { keyId: 'key-2', fields: {} })).toBe('stale');
      expect(await store.keys.retire('key-1')).toBe(true);
      await store.keys.dropWrap('key-2', 'master');
      expect(await store.keys.list()).toMatchObject([{ id: 'key-2', state: 'active', wraps: { next: 'w3' } }]);
    });
  });

  describe('lease rows', () => {
    it('gives a lease to one of many and fences the holders', async () => {
      const given = await Promise.all(
        Array.from({ length: 10 }, (_, index) => store.leases.acquire('work', `owner-${index}`, 60_000)),
      );
      const leases = given.filter((lease) => lease !== undefined);
      expect(leases).toHaveLength(1);
      for (const lease of leases) await store.leases.release(lease);
      expect(await store.leases.acquire('work', 'later', 60_000)).toMatchObject({ fence: 2 });
    });

    it('ends a lease by the clock of the database and keeps its late holder from releasing it', async () => {
      const lease = await store.leases.acquire('work', 'early', 0);
      expect(await store.leases.acquire('work', 'late', 60_000)).toMatchObject({ owner: 'late', fence: 2 });
      if (lease === undefined) throw new Error('the first lease was refused');
      expect(await store.leases.extend(lease, 60_000)).toBe(false);
      await store.leases.release(lease);
      expect(await store.leases.acquire('work', 'third', 60_000)).toBeUndefined();
    });
  });

  describe('pending authorizations', () => {
    const row = {
      stateHash: 'hash-1',
      accountId: id,
      revision: 1,
      redirectUri: 'http://127.0.0.1:8252/callback',
      nonceHash: undefined,
      sealed: sealed(),
    };

    it('gives a pending authorization once', async () => {
      expect(await store.authorizations.add(row, 600_000)).toBe('done');
      const taken = await Promise.all(Array.from({ length: 5 }, () => store.authorizations.take('hash-1')));
      expect(taken.filter((found) => found !== undefined)).toEqual([row]);
    });

    it('does not give one that ended', async () => {
      await store.authorizations.add(row, 0);
      expect(await store.authorizations.take('hash-1')).toBeUndefined();
    });

    it('drops those of an account that changed', async () => {
      await store.authorizations.add(row, 600_000);
      await store.accounts.change(id, 1, { settings: {}, secrets: undefined, clearsTokens: false });
      expect(await store.authorizations.take('hash-1')).toBeUndefined();
    });
  });
}

// The contract of account and token set rows, for every database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/contract.ts';
import { addAccount, type DatabaseUnderTest, sealed, takeLease, tokenSet } from './support.ts';

const id = 'account-1';
const first = { version: 0, revision: 1 };

export function describeAccounts(database: DatabaseUnderTest): void {
  let store: Store;

  beforeEach(async () => {
    store = await database.open(await database.create());
    await addAccount(store);
  });

  afterEach(() => store.close());

  describe('account rows', () => {
    it('gives back what was added', async () => {
      expect(await store.accounts.findByName('demo')).toMatchObject({
        id,
        type: 'acme.oauth2',
        settings: { host: 'acme' },
        secrets: { keyId: 'key-1', fields: { clientSecret: 'sealed-secret' } },
        revision: 1,
        secretsVersion: 1,
        tokenVersion: 0,
        state: 'new',
      });
      expect(await store.accounts.findById(id)).toEqual(await store.accounts.findByName('demo'));
      expect(await store.accounts.findByName('other')).toBeUndefined();
    });

    it('refuses a second account of a name and a key that is not active', async () => {
      const account = { id: 'account-2', name: 'demo', type: 't', settings: {}, secrets: undefined };
      expect(await store.accounts.insert(account)).toBe('exists');
      const secrets = { keyId: 'no-such-key', fields: {} };
      expect(await store.accounts.insert({ ...account, name: 'other', secrets })).toBe('key-retired');
      expect(await store.accounts.list()).toHaveLength(1);
    });

    it('changes only the revision it was made on', async () => {
      const change = { settings: { host: 'beta' }, secrets: undefined, clearsTokens: false };
      expect(await store.accounts.change(id, 1, change)).toBe('done');
      expect(await store.accounts.change(id, 1, change)).toBe('stale');
      expect(await store.accounts.findById(id)).toMatchObject({ revision: 2, secretsVersion: 2, secrets: undefined });
    });

    it('ends the token set when a change clears it, so that a late renewal is stale', async () => {
      await store.tokenSets.commit(id, first, tokenSet());
      await store.accounts.change(id, 1, { settings: {}, secrets: undefined, clearsTokens: true });
      const view = await store.tokenSets.read(id);
      expect(view).toMatchObject({ set: undefined, account: { tokenVersion: 2, state: 'new' } });
      expect(await store.tokenSets.commit(id, { version: 1, revision: 1 }, tokenSet())).toBe('stale');
    });

    it('drops a verdict about an older token set', async () => {
      const verdict = { state: 'needs-authorization', reason: 'gone', revision: 1, tokenVersion: 0 } as const;
      await store.tokenSets.commit(id, first, tokenSet());
      expect(await store.accounts.judge(id, verdict)).toBe('stale');
      expect(await store.accounts.judge(id, { ...verdict, tokenVersion: 1 })).toBe('done');
      expect(await store.accounts.findById(id)).toMatchObject({ state: 'needs-authorization', stateReason: 'gone' });
    });

    it('remembers that callbacks name their server until the account belongs elsewhere', async () => {
      const change = { settings: {}, secrets: undefined, clearsTokens: false };
      expect(await store.accounts.noteIssuer(id, 2)).toBe('stale');
      expect(await store.accounts.findById(id)).toMatchObject({ sendsIssuer: false });
      expect(await store.accounts.noteIssuer(id, 1)).toBe('done');
      await store.accounts.change(id, 1, change);
      expect(await store.accounts.findById(id)).toMatchObject({ sendsIssuer: true });
      await store.accounts.change(id, 2, { ...change, clearsTokens: true });
      expect(await store.accounts.findById(id)).toMatchObject({ sendsIssuer: false });
    });

    it('removes everything that belongs to an account', async () => {
      await store.tokenSets.commit(id, first, tokenSet());
      expect(await store.accounts.remove(id)).toBe(true);
      expect(await store.accounts.remove(id)).toBe(false);
      expect(await store.tokenSets.read(id)).toBeUndefined();
      expect(await store.accounts.list()).toEqual([]);
    });
  });

  describe('token set rows', () => {
    it('stores the set that follows and makes the account authorized', async () => {
      expect(await store.tokenSets.commit(id, first, tokenSet())).toBe('done');
      const view = await store.tokenSets.read(id);
      expect(view?.set).toMatchObject({
        version: 1,
        sealed: sealed(),
        scopes: ['core.invoice.read'],
        isRejected: false,
      });
      expect(view?.account).toMatchObject({ state: 'authorized', tokenVersion: 1 });
      expect((view?.set?.expiresAt ?? 0) - (view?.set?.issuedAt ?? 0)).toBeLessThanOrEqual(3_600_100);
      expect((view?.set?.expiresAt ?? 0) - (view?.set?.issuedAt ?? 0)).toBeGreaterThanOrEqual(3_600_000);
    });

    it('lets one of many commits from the same version win', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, index) => store.tokenSets.commit(id, first, tokenSet('key-1', `set-${index}`))),
      );
      expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
      const winner = outcomes.indexOf('done');
      expect((await store.tokenSets.read(id))?.set?.sealed.fields.access).toBe(`set-${winner}`);
    });

    it('notes a renewal only for the holder of the lease and counts attempts from one version', async () => {
      const lease = await takeLease(store, 'renewal');
      expect(await store.tokenSets.noteSent(lease, id, 0)).toBe(true);
      expect(await store.tokenSets.noteSent(lease, id, 0)).toBe(true);
      expect((await store.tokenSets.read(id))?.renewal).toMatchObject({ sentFromVersion: 0, attempts: 2 });
      await store.leases.release(lease);
      expect(await store.tokenSets.noteSent(lease, id, 0)).toBe(false);
    });

    it('settles an answered failure and keeps an unanswered one open', async () => {
      const lease = await takeLease(store, 'renewal');
      const failed = { fromVersion: 0, isOutcomeKnown: true, coolDownMs: 30_000, reason: 'status 503' };
      await store.tokenSets.noteSent(lease, id, 0);
      await store.tokenSets.noteFailure(id, failed);
      const settled = await store.tokenSets.read(id);
      expect(settled?.renewal).toMatchObject({ sentFromVersion: undefined, failures: 1, lastFailure: 'status 503' });
      expect((settled?.renewal.coolDownUntil ?? 0) - (settled?.now ?? 0)).toBeGreaterThan(29_000);
      await store.tokenSets.noteSent(lease, id, 0);
      await store.tokenSets.noteFailure(id, { ...failed, isOutcomeKnown: false });
      expect((await store.tokenSets.read(id))?.renewal).toMatchObject({ sentFromVersion: 0, attempts: 1, failures: 2 });
      await store.tokenSets.commit(id, first, tokenSet());
      expect((await store.tokenSets.read(id))?.renewal).toMatchObject({ sentFromVersion: undefined, failures: 0 });
    });

    it('marks only the version that was rejected', async () => {
      await store.tokenSets.commit(id, first, tokenSet());
      await store.tokenSets.markRejected(id, 7);
      expect((await store.tokenSets.read(id))?.set?.isRejected).toBe(false);
      await store.tokenSets.markRejected(id, 1);
      expect((await store.tokenSets.read(id))?.set?.isRejected).toBe(true);
    });
  });
}

// Owns what the contract suites share: how a database is opened for them, and small rows.
import type { Store } from '../../src/store/contract.ts';
import type { StoreOptions } from '../../src/store/store.ts';

/** One database under test. Each call of `create` gives the URL of an empty one. */
export interface DatabaseUnderTest {
  create(): Promise<string>;
  open(url: string, options?: StoreOptions): Promise<Store>;
}

export const sealed = (keyId = 'key-1', text = 'sealed-text') => ({ keyId, fields: { access: text } });

export const tokenSet = (keyId = 'key-1', text = 'sealed-text') => ({
  sealed: sealed(keyId, text),
  scopes: ['core.invoice.read'],
  lifetimeMs: 3_600_000,
  refreshLifetimeMs: undefined,
  answersRejection: false,
  flaws: [],
});

/** Adds the first data key and an account `account-1`. */
export async function addAccount(store: Store, name = 'demo', id = 'account-1'): Promise<void> {
  await store.keys.addFirst('key-1', { master: 'wrap' });
  const outcome = await store.accounts.insert({
    id,
    name,
    type: 'acme.oauth2',
    settings: { host: 'acme' },
    secrets: { keyId: 'key-1', fields: { clientSecret: 'sealed-secret' } },
  });
  if (outcome !== 'done') throw new Error(`the account was not added: ${outcome}`);
}

/** Gives a lease that nobody else can hold. */
export async function takeLease(store: Store, name: string, owner = 'owner-1') {
  const lease = await store.leases.acquire(name, owner, 60_000);
  if (lease === undefined) throw new Error(`the lease ${name} is held`);
  return lease;
}

// Opens everything that is sealed, to tell what would not open when it is needed.
import { SnapError } from '../errors.ts';
import type { Store } from '../store/contract.ts';
import type { KeyVerification } from './contract.ts';
import type { KeyRing } from './key-ring.ts';
import { openAccount, openTokens } from './sealed-rows.ts';

/** Gives what opened and, by account and field, what did not. Shows no value. */
export async function verifyKeys(store: Store, ring: KeyRing): Promise<KeyVerification> {
  const rows = await ring.reload();
  const broken: string[] = [];
  let opened = 0;
  const attempt = async (what: string, open: () => Promise<unknown>): Promise<void> => {
    try {
      await open();
      opened += 1;
    } catch (error) {
      if (!(error instanceof SnapError) || error.code !== 'SNAP_SEAL_BROKEN') throw error;
      broken.push(what);
    }
  };
  for (const account of await store.accounts.list()) {
    if (account.secrets !== undefined) await attempt(`${account.name}: secrets`, () => openAccount(ring, account));
    const view = await store.tokenSets.read(account.id);
    if (view?.set !== undefined) await attempt(`${account.name}: token set`, () => openTokens(ring, view));
  }
  return {
    fingerprint: ring.master.fingerprint,
    keys: rows.map(({ id, state, createdAt }) => ({ id, state, createdAt: new Date(createdAt).toISOString() })),
    opened,
    broken,
  };
}

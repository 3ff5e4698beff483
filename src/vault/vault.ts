// Puts the vault together. Holds no rule of its own.
import type { TokenSource } from '../http/contract.ts';
import { AccountKeeper } from './accounts.ts';
import { AuthorizationKeeper } from './authorizations.ts';
import { systemClock } from './clock.ts';
import type { Vault, VaultOptions } from './contract.ts';
import { KeyRing } from './key-ring.ts';
import { rotateKeys } from './key-rotation.ts';
import { verifyKeys } from './key-verification.ts';
import { defaultLimits } from './limits.ts';
import { Renewal, type RenewalOptions } from './renewal.ts';
import { createTokenSource } from './token-source.ts';

/**
 * Opens the vault of a store. The store stays the caller's to close.
 * Throws SNAP_KEY_MISSING, SNAP_KEY_UNSAFE, and SNAP_KEY_WRONG before anything is written.
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { store, key } = options;
  const ring = await KeyRing.open(store, key);
  const renewalOptions: RenewalOptions = {
    store,
    ring,
    requestTokens: options.requestTokens,
    policyOf: options.policyOf,
    clock: options.clock ?? systemClock,
    limits: { ...defaultLimits, ...options.limits },
    seen: options.seen,
    onRenewal: options.onRenewal ?? (() => undefined),
  };
  const renewal = new Renewal(renewalOptions);
  const accounts = new AccountKeeper(renewalOptions, renewal, options.revokeTokens);
  const sources = new Map<string, TokenSource>();
  return {
    accounts,
    authorizations: new AuthorizationKeeper(renewalOptions, renewal, accounts),
    keys: {
      get fingerprint() {
        return ring.master.fingerprint;
      },
      rotate: (newKeyText) => rotateKeys(store, ring, key, newKeyText),
      verify: () => verifyKeys(store, ring),
    },
    tokenSource: (accountName) => {
      const source = sources.get(accountName) ?? createTokenSource(accountName, renewal, renewalOptions);
      sources.set(accountName, source);
      return source;
    },
  };
}

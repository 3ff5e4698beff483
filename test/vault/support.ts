// Owns the small world of the vault's tests: a store, a key file, an account type and a scripted authorization server.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenAnswer } from '../../src/oauth/contract.ts';
import { OauthFailure, type OauthFailureDetails } from '../../src/oauth/failure.ts';
import type { Store } from '../../src/store/contract.ts';
import { openStore } from '../../src/store/store.ts';
import type { AccountPolicy, Clock, Grant, OpenAccount, Vault, VaultLimits } from '../../src/vault/contract.ts';
import { openVault } from '../../src/vault/vault.ts';

export const policy: AccountPolicy = {
  secretFields: ['clientSecret'],
  binding: ({ host = null, grant = null }) => JSON.stringify([host, grant]),
  refreshMarginMs: 14_400_000,
  tokenLifetimeMsMax: 86_400_000,
  refreshTokenLifetimeMs: 7_776_000_000,
  settleMs: 0,
  hasTokens: true,
  standsAlone: (settings) => settings.grant === 'client_credentials',
};

/** A clock that tests move; the store goes by its wall too. */
export class TestClock implements Clock {
  wallMs = Date.parse('2026-01-01T00:00:00Z');
  monotonicMs = 0;

  wall(): number {
    return this.wallMs;
  }

  monotonic(): number {
    return this.monotonicMs;
  }

  pass(ms: number): void {
    this.wallMs += ms;
    this.monotonicMs += ms;
  }
}

export interface Asked {
  readonly account: OpenAccount;
  readonly grant: Grant;
}

type Answerer = (asked: Asked, count: number) => TokenAnswer | Promise<TokenAnswer>;

/** Gives a full answer with the parts that a test cares about. */
export const answer = (parts: Partial<TokenAnswer> = {}): TokenAnswer => ({
  accessToken: 'access-1',
  tokenType: 'bearer',
  scope: undefined,
  expiresInSeconds: 86_399,
  refreshToken: undefined,
  flaws: [],
  ...parts,
});

/** Builds what a failed grant throws. */
export const failure = (parts: Partial<OauthFailureDetails> = {}): OauthFailure =>
  new OauthFailure({ kind: 'temporary', description: '', sent: 'answered', ...parts });

export interface World {
  readonly directory: string;
  readonly storeUrl: string;
  readonly keyFile: string;
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: TestClock;
  /** Every token request, in order. */
  readonly asked: Asked[];
  respond(answerer: Answerer): void;
  /** A second vault on the same store, as another process would have it. */
  another(): Promise<Vault>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly policy?: Partial<AccountPolicy>;
  readonly limits?: Partial<VaultLimits>;
}

/** Opens a world in a new folder; `close` removes it. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'snaps-vault-'));
  const clock = new TestClock();
  const storeUrl = `sqlite:${join(directory, 'store.db')}`;
  const keyFile = join(directory, 'key');
  const store = await openStore(storeUrl, { now: () => clock.wallMs });
  const asked: Asked[] = [];
  let answerer: Answerer = (_, count) => answer({ accessToken: `access-${count}` });
  const open = (): Promise<Vault> =>
    openVault({
      store,
      key: { file: keyFile, isMadeWhenMissing: true },
      policyOf: () => ({ ...policy, ...options.policy }),
      requestTokens: async (account, grant) => {
        asked.push({ account, grant });
        return answerer({ account, grant }, asked.length);
      },
      clock,
      limits: { patienceMsMax: 2000, ...options.limits },
    });
  const vault = await open();
  return {
    directory,
    storeUrl,
    keyFile,
    store,
    vault,
    clock,
    asked,
    respond: (next) => {
      answerer = next;
    },
    another: open,
    close: async () => {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export const clientAccount = {
  name: 'demo',
  type: 'acme.oauth2',
  settings: { host: 'acme', grant: 'client_credentials', clientId: 'id-1' },
  secrets: { clientSecret: 'CANARY-secret-1' },
};

export const personAccount = { ...clientAccount, settings: { ...clientAccount.settings, grant: 'authorization_code' } };

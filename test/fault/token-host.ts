// The account side of a host as the product wires it: real packs, store, vault, OAuth and HTTP client. Clocks and limits are handed in.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { accountPolicy, accountTypeOf } from '../../src/host/account-policy.ts';
import { AuthorizationService } from '../../src/host/authorization-service.ts';
import { repositoryRoot } from '../../src/host/root.ts';
import { TokenRequests } from '../../src/host/token-requests.ts';
import { createHttpClient } from '../../src/http/client.ts';
import type { HttpClient } from '../../src/http/contract.ts';
import { discoverPacks, loadPack, PackRegistry } from '../../src/pack/index.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import type { Store } from '../../src/store/contract.ts';
import { openStore } from '../../src/store/store.ts';
import type { AccountView, RequestTokens, Vault, VaultLimits } from '../../src/vault/contract.ts';
import { seenVersionsIn } from '../../src/vault/seen-versions.ts';
import { openVault } from '../../src/vault/vault.ts';
import { Browser } from '../support/browser.ts';

export const redirectUri = 'http://127.0.0.1:9/oauth/callback';
export const secondPack = path.resolve('test/fault/fixtures/second');

/** Both clocks of the machine, moved by a test. */
export class MovedClock {
  wallOffsetMs = 0;
  monotonicOffsetMs = 0;

  readonly wall = (): number => Date.now() + this.wallOffsetMs;
  readonly monotonic = (): number => performance.now() + this.monotonicOffsetMs;

  pass(ms: number): void {
    this.wallOffsetMs += ms;
    this.monotonicOffsetMs += ms;
  }
}

export interface TokenHostOptions {
  /** Where store and key are; a folder that several hosts share. */
  readonly directory: string;
  readonly clock?: MovedClock;
  readonly limits?: Partial<VaultLimits>;
  readonly packs?: readonly string[];
  /** Stands around the real token request, to die or stop at its edges. */
  readonly around?: (request: RequestTokens) => RequestTokens;
}

export interface TokenHost {
  readonly store: Store;
  readonly vault: Vault;
  readonly authorizations: AuthorizationService;
  /** A client that calls the API as the account. */
  connect(name: string): Promise<HttpClient>;
  close(): Promise<void>;
}

export const storeFile = (directory: string): string => path.join(directory, 'snaps.sqlite');

/** A folder for one test, removed by the second part of what it gives. */
export function makeFolder(): { readonly directory: string; readonly remove: () => void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'snaps-fault-'));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Opens the account side on a data directory, as one process of many would have it. */
export async function openTokenHost(options: TokenHostOptions): Promise<TokenHost> {
  const { directory, clock = new MovedClock(), limits = {}, around = (request) => request } = options;
  const folders = discoverPacks({ root: repositoryRoot, named: options.packs ?? [] });
  const registry = new PackRegistry(await Promise.all(folders.map(loadPack)));
  const requests = new TokenRequests(registry, ['127.0.0.1']);
  const store = await openStore(`sqlite:${storeFile(directory)}`, { now: clock.wall });
  const vault = await openVault({
    store,
    key: { file: path.join(directory, 'key'), isMadeWhenMissing: true },
    policyOf: (type) => accountPolicy(accountTypeOf(registry, type)),
    requestTokens: around((account, grant, signal) => requests.request(account, grant, signal)),
    revokeTokens: (account, tokens) => requests.revoke(account, tokens),
    seen: seenVersionsIn(path.join(directory, 'seen-token-sets')),
    clock,
    limits,
  });
  const clients: HttpClient[] = [];
  return {
    store,
    vault,
    authorizations: new AuthorizationService({ registry, openVault: async () => vault, tokenRequests: requests }),
    connect: async (name) => {
      const client = createHttpClient({ tokens: vault.tokenSource(name), allowedHosts: ['127.0.0.1'] });
      clients.push(client);
      return client;
    },
    close: async () => {
      await Promise.all([...clients, requests].map((each) => each.close()));
      await store.close();
    },
  };
}

/** A person who allows everything: gives the callback that the browser is sent to. */
export async function allow(url: string): Promise<URL> {
  const seen = await new Browser().open(url, { stopAt: redirectUri });
  if (seen.status !== 0) throw new Error(`the authorization ended at ${seen.url} with ${seen.status}: ${seen.text}`);
  return new URL(seen.url);
}

/** Registers a client at the simulator and adds the account that uses it. */
export async function addAccount(
  host: TokenHost,
  simulator: Simulator,
  options: { name?: string; grant?: 'client_credentials' | 'authorization_code'; scopes?: readonly string[] } = {},
): Promise<{ readonly clientId: string; readonly clientSecret: string }> {
  const { name = 'coupa', grant = 'client_credentials' } = options;
  const isPersonal = grant === 'authorization_code';
  const scopes = options.scopes ?? ['core.common.read', ...(isPersonal ? ['offline_access'] : [])];
  const client = simulator.registerClient({
    name,
    login: `${name}-${Math.random()}`,
    grantType: grant,
    scopes,
    ...(isPersonal ? { redirectUris: [redirectUri] } : {}),
  });
  await host.vault.accounts.add({
    name,
    type: 'coupa.oauth2',
    settings: { host: simulator.url, grant, clientId: client.clientId, scopes: scopes.join(' ') },
    secrets: { clientSecret: client.clientSecret },
  });
  return client;
}

/** Adds an account of a person and goes through login and consent. */
export async function addPerson(host: TokenHost, simulator: Simulator, name = 'coupa'): Promise<AccountView> {
  await addAccount(host, simulator, { name, grant: 'authorization_code' });
  return await authorize(host, name);
}

/** The same address with other parameters. */
export function changed(url: string, parameters: Readonly<Record<string, string>>): URL {
  const other = new URL(url);
  for (const [name, value] of Object.entries(parameters)) other.searchParams.set(name, value);
  return other;
}

/** Goes through the authorization of an account as a person who allows everything; `parameters` are added to the address. */
export async function authorize(
  host: TokenHost,
  name: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<AccountView> {
  const { authorizeUrl } = await host.authorizations.begin(name, { redirectUri, bindsBrowser: false });
  const callback = await allow(changed(authorizeUrl, parameters).href);
  return await host.authorizations.complete({ parameters: callback.searchParams });
}

/** How many token requests a simulator has counted. */
export const tokenRequests = (simulator: Simulator): number => simulator.stats().authorization.tokenRequests;

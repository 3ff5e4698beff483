// Owns one connection an account: where its API is, its token source, and the budget that all accounts of a tenant share.
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError } from '../errors.ts';
import { Breaker } from '../http/breaker.ts';
import { createBudget } from '../http/budget.ts';
import { createHttpClient } from '../http/client.ts';
import type { Budget, HttpClient, SharedBucket, TokenSource } from '../http/contract.ts';
import type { Layer } from '../http/exchange.ts';
import { accountOrigin, accountUrl, fillTemplate, type LoadedAccountType, type PackRegistry } from '../pack/index.ts';
import type { Connection } from '../snap/connection.ts';
import type { Store } from '../store/contract.ts';
import type { Vault } from '../vault/contract.ts';
import { accountTypeOf } from './account-policy.ts';
import { refuseNarrowerGrant } from './account-scopes.ts';
import type { GivenAccounts } from './given-accounts.ts';
import type { AccountTest } from './host.ts';

const testMsMax = 30_000;
const testBytesMax = 8 * 1024 * 1024;

interface OpenConnection extends Connection {
  readonly client: HttpClient;
  readonly type: LoadedAccountType;
}

export interface ConnectionOptions {
  readonly registry: PackRegistry;
  readonly openVault: () => Promise<Vault>;
  readonly openStore: () => Promise<Store>;
  readonly allowedHosts: readonly string[];
  readonly given: GivenAccounts;
  readonly onWire?: Layer | undefined;
}

export class Connections {
  readonly #options: ConnectionOptions;
  readonly #open = new Map<string, OpenConnection>();
  readonly #budgets = new Map<string, Budget>();
  readonly #breakers = new Map<string, Breaker>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** The connection of an account, the same for everybody who asks. Throws SNAP_ACCOUNT_NOT_FOUND, SNAP_HOST_NOT_ALLOWED. */
  async connect(accountName: string): Promise<Connection> {
    return await this.#connect(accountName);
  }

  /** The type of an account that is stored or given. Throws SNAP_ACCOUNT_NOT_FOUND. */
  async typeOf(accountName: string): Promise<string> {
    return (await this.#find(accountName)).type;
  }

  /** Obtains a token, compares what it was granted, and makes the account type's test call. Throws what went wrong, naming the account. */
  async test(accountName: string): Promise<AccountTest> {
    const { baseUrl, client, type } = await this.#connect(accountName);
    const vault = await this.#options.openVault();
    await vault.tokenSource(accountName)();
    const account = await vault.accounts.show(accountName);
    refuseNarrowerGrant(this.#options.registry, account);
    const { path, acceptStatuses } = testOf(type);
    const url = new URL(`${baseUrl.href.replace(/\/$/u, '')}${path}`);
    const startedAt = performance.now();
    const answer = await client.send({
      method: 'GET',
      url,
      headers: apiOf(this.#options.registry, type).headers,
      repeatable: true,
      totalTimeoutMs: testMsMax,
      bodyBytesMax: testBytesMax,
    });
    if (!acceptStatuses.includes(answer.status)) {
      throw new ConfigurationError('SNAP_ACCOUNT_REJECTED', `The account "${accountName}" does not work.`, {
        reason: `${url.origin}${url.pathname} answered ${answer.status}`,
        resolution: `check the host of the account, then run "snaps account authorize ${accountName}"`,
        status: answer.status,
      });
    }
    const durationMs = Math.round(performance.now() - startedAt);
    const scopes = account.token?.scopes ?? null;
    return {
      name: accountName,
      ok: true,
      status: answer.status,
      url: `${url.origin}${url.pathname}`,
      durationMs,
      scopes,
    };
  }

  /** Closes what an account has open: it was changed or removed. */
  async drop(accountName: string): Promise<void> {
    const connection = this.#open.get(accountName);
    this.#open.delete(accountName);
    await connection?.client.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((name) => this.drop(name)));
  }

  async #connect(accountName: string): Promise<OpenConnection> {
    const known = this.#open.get(accountName);
    if (known !== undefined) return known;
    const { registry, given, openVault } = this.#options;
    const { type: typeId, settings } = await this.#find(accountName);
    const tokens = given.find(accountName)?.tokens ?? (await openVault()).tokenSource(accountName);
    const connection = this.#build(accountName, accountTypeOf(registry, typeId), { settings, tokens });
    // Somebody may have connected the same account while the store was read.
    const other = this.#open.get(accountName);
    if (other !== undefined) {
      await connection.client.close();
      return other;
    }
    this.#open.set(accountName, connection);
    return connection;
  }

  async #find(accountName: string): Promise<{ readonly type: string; readonly settings: JsonObject }> {
    const { given, openVault } = this.#options;
    return given.find(accountName) ?? (await (await openVault()).accounts.show(accountName));
  }

  #build(
    account: string,
    type: LoadedAccountType,
    from: { settings: JsonObject; tokens: TokenSource },
  ): OpenConnection {
    const { registry, allowedHosts, onWire } = this.#options;
    const api = apiOf(registry, type);
    const origin = accountOrigin(type.declaration, from.settings, { allowedHosts });
    const client = createHttpClient({
      tokens: from.tokens,
      settleMs: (type.declaration.oauth?.settleSeconds ?? 0) * 1000,
      ...(api.rateLimit === undefined ? {} : { budget: this.#budget(api.rateLimit, origin, from.settings) }),
      breaker: this.#breaker(origin),
      allowedHosts: [origin.hostname],
      ...(onWire === undefined ? {} : { onWire }),
      retry: { statuses: api.retry.statuses, attemptsMax: api.retry.attemptsMax },
    });
    return {
      account,
      type,
      client,
      baseUrl: accountUrl(api.baseUrl, origin, from.settings),
      send: (request) => client.send(request),
    };
  }

  /** The tenant's bucket in the store, which other processes use as well. */
  #sharedBucket(key: string): SharedBucket {
    const { openStore } = this.#options;
    return {
      fill: async (requests, intervalMs) => await (await openStore()).budgets.fill(key, requests, intervalMs),
      pause: async (delayMs) => await (await openStore()).budgets.pause(key, delayMs),
    };
  }

  /** One breaker a tenant, whatever account of this process calls it. */
  #breaker({ origin }: URL): Breaker {
    const breaker = this.#breakers.get(origin) ?? new Breaker();
    this.#breakers.set(origin, breaker);
    return breaker;
  }

  /** One budget a tenant, whatever account or process calls it. */
  #budget(limit: { requestsPerSecond: number; burst: number; key: string }, origin: URL, settings: JsonObject): Budget {
    const texts = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
    const key = fillTemplate(limit.key, { ...texts, host: origin.origin });
    const budget = this.#budgets.get(key) ?? createBudget(limit, { shared: this.#sharedBucket(key) });
    this.#budgets.set(key, budget);
    return budget;
  }
}

function testOf({ id, declaration }: LoadedAccountType) {
  if (declaration.test !== undefined) return declaration.test;
  throw new ConfigurationError('SNAP_ACCOUNT_INVALID', `An account of type ${id} calls no API.`, {
    reason: 'its type declares no test call',
    resolution: 'name an account whose type calls an API',
  });
}

function apiOf(registry: PackRegistry, type: LoadedAccountType) {
  const { api } = registry.pack(type.pack).manifest;
  if (api !== undefined) return api;
  throw new ConfigurationError('SNAP_PACK_INVALID', `The pack "${type.pack}" declares no API.`, {
    reason: 'it has account types, and nothing that they could call',
    resolution: 'declare "api" in its manifest',
  });
}

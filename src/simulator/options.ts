// Owns what a simulator can be told and what it tells. No behaviour but the defaults.
import type {
  Authorization,
  AuthorizationStats,
  ClientRegistration,
  RegisteredClient,
} from './authorization/contract.ts';
import type { UploadedFile } from './files/library.ts';
import type { SteadyCounts } from './steady.ts';

/** How a simulator behaves. Everything has a default that is like a real tenant, but for `latencyMs`. */
export interface SimulatorOptions {
  /** 0 takes any free port. */
  readonly port?: number;
  /** Number of invoices; all other resources follow. 1,000 by default. */
  readonly records?: number;
  /** Same seed, same bytes. */
  readonly seed?: number;
  /** Delay before each answer. */
  readonly latencyMs?: number;
  /** Requests a second, 25 by default; 0 for no limit. */
  readonly ratePerSecond?: number;
  /** Requests taken at once, 20 by default. */
  readonly burst?: number;
  /** What Retry-After says with a 429: nothing, seconds (default) or a date. */
  readonly retryAfter?: 'none' | 'seconds' | 'date';
  readonly rotateRefreshTokens?: boolean;
  readonly tokenLifetimeSeconds?: number;
  /** A token younger than this is refused, as tenants sometimes do; 0 by default. */
  readonly settleMs?: number;
  /** Whether `/__control` answers. */
  readonly control?: boolean;
  /** Whether there is a client with every scope from the start, under the keys that guides and scripts know. */
  readonly hasGuideClient?: boolean;
  /** Whether `stats().served` lists the ids of the records answered. */
  readonly keepsLedger?: boolean;
  /** Whether ids have holes; true by default. */
  readonly hasGaps?: boolean;
  /** Whether unknown plain query parameters are refused; true by default. */
  readonly isStrict?: boolean;
  /** The status of a validation failure; both are met in practice. 422 by default. */
  readonly validationStatus?: 400 | 422;
  /** API filters saved under a name (`filter=NAME`): the query string each stands for. */
  readonly savedFilters?: Readonly<Record<string, string>>;
  /** The login and consent pages press their own buttons, for tests without a browser. */
  readonly autoConsent?: boolean;
  /** How long a spent refresh token may come back without harm; 0 by default. */
  readonly reuseGraceSeconds?: number;
  /** Least seconds between two device polls; 5 by default. */
  readonly deviceIntervalSeconds?: number;
  /** The largest file taken, in bytes; 250 MB by default. */
  readonly fileBytesMax?: number;
  /** The simulator's clock in milliseconds since 1970. */
  readonly now?: () => number;
}

/** What a simulator counted since it started or was reset. */
export interface SimulatorStats {
  /** All requests but those to `/__control`. */
  readonly requests: number;
  /** `GET /api/invoices` -> status -> how many; ids in paths stand as `:id`, a dropped connection as status 0. */
  readonly byPath: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Requests refused for their rate. */
  readonly rateRefusals: number;
  /** Every POST to the token endpoint, refused ones included. */
  readonly tokenRequests: number;
  readonly authorization: AuthorizationStats;
  /** Records and changes kept in memory; computed records are not. */
  readonly storedRecords: number;
  /** Faults that no request has met yet. */
  readonly faultsWaiting: number;
  /** Files that were uploaded and are kept. */
  readonly files: readonly UploadedFile[];
  /** What mutations at a rate have done. */
  readonly mutated: SteadyCounts;
  /** Resource -> id -> times answered; only with `keepsLedger`. */
  readonly served?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** A running simulator. */
export interface Simulator {
  readonly url: string;
  readonly port: number;
  /** The authorization side, for tests that look behind it. */
  readonly authorization: Authorization;
  registerClient(registration: ClientRegistration): RegisteredClient;
  stats(): SimulatorStats;
  /** Forgets writes, faults and counts; with `tokens` also codes, tokens and their counts. Registered clients stay. */
  reset(also?: { readonly tokens?: boolean }): void;
  /** Ends open connections and stops listening. */
  close(): Promise<void>;
}

// Owns the types that the simulator's server and its authorization side share. No behaviour here.

import type { IncomingMessage, ServerResponse } from 'node:http';

/** The scopes an instance knows: the OpenID ones and, for each API scope, the objects and actions it permits. */
export interface ScopeCatalog {
  readonly openid: readonly string[];
  readonly scopes: Readonly<Record<string, ScopePermissions>>;
}

export interface ScopePermissions {
  /** Object title to the actions on it, as the scope page lists them. Empty when the public tables do not say. */
  readonly objects: Readonly<Record<string, readonly string[]>>;
  /** The same for what no public table says and the name of the scope suggests. */
  readonly inferred?: Readonly<Record<string, readonly string[]>>;
}

export type GrantType = 'client_credentials' | 'authorization_code' | 'device_code';

export interface AuthorizationOptions {
  /** The simulator's own origin, known once it listens; asked for at the first request. */
  readonly issuer: () => string;
  /** Makes client identifiers and secrets repeatable. */
  readonly seed: number;
  /** Life of an access token; Coupa's is 86,399 s. */
  readonly tokenLifetimeSeconds: number;
  /** True: each renewal answers a new refresh token and spends the old one. False: the same one goes on. */
  readonly rotateRefreshTokens: boolean;
  /** How long a spent refresh token may come back without harm, as some servers allow; 0 by default. */
  readonly reuseGraceSeconds?: number;
  /** The simulator's clock in milliseconds since 1970; moving it ages codes, tokens and sessions. */
  readonly now: () => number;
  readonly scopes: ScopeCatalog;
  /** Least seconds between two device polls, 5 by default (RFC 8628 section 3.2). */
  readonly deviceIntervalSeconds?: number;
  /** True: the login and consent pages press their own buttons, for tests that have no browser. */
  readonly autoConsent?: boolean;
}

export interface ClientRegistration {
  readonly name: string;
  /** The API user the client acts as; unique among client-credentials clients. */
  readonly login: string;
  readonly grantType: GrantType;
  /** Needed for authorization_code, compared character by character. */
  readonly redirectUris?: readonly string[];
  /** At least one, each of the catalog. */
  readonly scopes: readonly string[];
  /** True for a client that proves itself by PKCE alone and has no secret. */
  readonly isPublic?: boolean;
  readonly contactFirstName?: string;
  readonly contactLastName?: string;
  readonly contactEmail?: string;
}

export interface RegisteredClient {
  readonly clientId: string;
  /** Empty for a public client. */
  readonly clientSecret: string;
}

/** What a valid bearer token stands for. Times are milliseconds since 1970 on the simulator's clock. */
export interface Bearer {
  readonly clientId: string;
  readonly login: string;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface AuthorizationStats {
  /** Every POST to the token endpoint, refused ones included. */
  readonly tokenRequests: number;
  /** The same, by grant_type; what is no known grant counts as `other`. */
  readonly tokenRequestsByGrant: Readonly<Record<string, number>>;
  /** Times a person pressed Allow. */
  readonly authorizations: number;
  /** Times a spent refresh token was presented again. */
  readonly reuses: number;
}

/** Which tokens to revoke: of one client or, without `clientId`, of all; without `kind` both kinds. */
export interface RevokeRequest {
  readonly clientId?: string;
  readonly kind?: 'access' | 'refresh';
}

export interface Authorization {
  /** Answers a request for one of its paths; false, and nothing read or written, when the path is not its own. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  /** The meaning of an access token, or undefined when it is unknown, expired, revoked or of a deactivated client. */
  verify(bearer: string): Bearer | undefined;
  /** Registers a client as the page would, under `keys` where they are given. Throws SNAP_SETTINGS_INVALID with every fault, each at its field. */
  registerClient(registration: ClientRegistration, keys?: RegisteredClient): RegisteredClient;
  /** Revokes tokens from outside, as an administrator or an incident would. */
  revoke(which?: RevokeRequest): void;
  stats(): AuthorizationStats;
  /** Forgets codes, tokens, sessions, spent verifiers and counters; registered clients stay. */
  reset(): void;
}

// What the grants take and give. Words are those of RFC 6749; wire names stop in this folder.
import type { GuardedFetch } from '../http/contract.ts';

/** Where the authorization server answers. */
export interface AuthorizationServer {
  /** Its issuer identifier; without one, the origin of the token endpoint stands for it. */
  readonly issuer?: string;
  /** Whether its callbacks are known to carry `iss` (RFC 9207): one without is then refused. */
  readonly sendsIssuer?: boolean;
  readonly tokenEndpoint: string;
  readonly authorizationEndpoint?: string;
  readonly deviceEndpoint?: string;
  readonly revocationEndpoint?: string;
}

/** How a client with a secret shows it; a client without one sends only its id, whatever stands here. */
export type ClientAuthentication = 'client_secret_post' | 'client_secret_basic';

export interface OauthClient {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly authentication: ClientAuthentication;
}

/** What every grant is given: whom it asks, as whom, and over what. */
export interface OauthContext {
  readonly server: AuthorizationServer;
  readonly client: OauthClient;
  readonly fetch: GuardedFetch;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A token answer as far as it can be used. Whatever else is wrong with it, tokens it holds are kept: the server may have
 * ended their predecessors already.
 */
export interface TokenAnswer {
  /** Undefined when the answer has no usable one, but a refresh token that must not be lost: keep that, then renew. */
  readonly accessToken: string | undefined;
  /** In lower case; `bearer` unless the answer says otherwise. */
  readonly tokenType: string;
  /** Undefined when the answer names none: then what was asked for was granted (RFC 6749, section 5.1). */
  readonly scope: readonly string[] | undefined;
  /** A whole number from 1 to 10^9, or undefined. */
  readonly expiresInSeconds: number | undefined;
  readonly refreshToken: string | undefined;
  /** What does not follow the RFC, in words without any value. */
  readonly flaws: readonly string[];
}

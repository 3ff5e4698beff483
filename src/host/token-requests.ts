// Owns turning an account into a token request: its endpoints, client and scopes as its type declares them. It keeps no token.
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError, ExecutionError } from '../errors.ts';
import { createHttpClient } from '../http/client.ts';
import { systemClock } from '../http/clock.ts';
import type { HttpClient } from '../http/contract.ts';
import type { Layer } from '../http/exchange.ts';
import { authorizationUrl, requestAuthorizationCode } from '../oauth/authorization-code.ts';
import { requestClientCredentials } from '../oauth/client-credentials.ts';
import type { OauthContext, TokenAnswer } from '../oauth/contract.ts';
import { type DeviceAuthorization, pollDeviceToken, requestDeviceAuthorization } from '../oauth/device-code.ts';
import { requestRefresh } from '../oauth/refresh.ts';
import { revokeToken } from '../oauth/revoke.ts';
import { type AccountTypeDeclaration, accountOrigin, accountUrl, type PackRegistry } from '../pack/index.ts';
import type { Grant, OpenAccount } from '../vault/contract.ts';
import { accountTypeOf } from './account-policy.ts';

type OauthDeclaration = NonNullable<AccountTypeDeclaration['oauth']>;

export class TokenRequests {
  readonly #registry: PackRegistry;
  readonly #allowedHosts: readonly string[];
  readonly #onWire: Layer | undefined;
  /** One client a host: the guard of each lets nothing through but that host. */
  readonly #clients = new Map<string, HttpClient>();

  constructor(registry: PackRegistry, allowedHosts: readonly string[], onWire?: Layer) {
    this.#registry = registry;
    this.#allowedHosts = allowedHosts;
    this.#onWire = onWire;
  }

  /** Sends one token request. Throws OauthFailure, and SNAP_HOST_NOT_ALLOWED before anything is sent. */
  async request(account: OpenAccount, grant: Grant, signal: AbortSignal): Promise<TokenAnswer> {
    const { declaration, oauth } = this.#declarationOf(account);
    const context = this.#context(account, { declaration, oauth, signal });
    switch (grant.kind) {
      case 'client_credentials':
        return await requestClientCredentials(context, scopesOf(oauth, account.settings));
      case 'refresh_token':
        return await requestRefresh(context, grant.refreshToken);
      case 'authorization_code':
        return await requestAuthorizationCode(grant.expectsIssuer ? expectingIssuer(context) : context, grant);
    }
  }

  /** The address that a person opens to authorize the account. Nothing is sent. */
  authorizeUrl(
    account: OpenAccount,
    address: { readonly redirectUri: string; readonly state: string; readonly codeChallenge: string | undefined },
  ): URL {
    const from = this.#declarationOf(account);
    const { server, client } = this.#context(account, from);
    if (server.authorizationEndpoint === undefined) throw noEndpoint(account, 'authorize');
    return authorizationUrl({
      authorizationEndpoint: server.authorizationEndpoint,
      clientId: client.clientId,
      scopes: scopesOf(from.oauth, account.settings),
      extra: from.oauth.authorizeParameters,
      ...address,
    });
  }

  /** Asks for a code that a person types elsewhere. Throws OauthFailure. */
  async requestDevice(account: OpenAccount, signal: AbortSignal): Promise<DeviceAuthorization> {
    const from = this.#declarationOf(account);
    if (from.oauth.endpoints.device === undefined) throw noEndpoint(account, 'device');
    const scopes = scopesOf(from.oauth, account.settings);
    return await requestDeviceAuthorization(this.#context(account, { ...from, signal }), scopes);
  }

  /** Waits until the person has typed the code. Throws OauthFailure, `temporary` when the signal aborts. */
  async pollDevice(account: OpenAccount, device: DeviceAuthorization, signal: AbortSignal): Promise<TokenAnswer> {
    const context = this.#context(account, { ...this.#declarationOf(account), signal });
    return await pollDeviceToken(context, device, systemClock);
  }

  /** Revokes a token set, the refresh token first. Throws when the server has no place for it or does not answer. */
  async revoke(
    account: OpenAccount,
    tokens: { readonly accessToken: string; readonly refreshToken: string | undefined },
  ): Promise<void> {
    const { declaration, oauth } = this.#declarationOf(account);
    if (oauth.endpoints.revoke === undefined) {
      throw new ExecutionError('SNAP_TOKEN_UNAVAILABLE', `The tokens of "${account.name}" were not revoked.`, {
        reason: `account type ${account.type} declares no revocation endpoint`,
        resolution: 'deactivate the client at the far side if it is not needed any more',
      });
    }
    const context = this.#context(account, { declaration, oauth });
    if (tokens.refreshToken !== undefined) {
      await revokeToken(context, { value: tokens.refreshToken, kind: 'refresh_token' });
    }
    await revokeToken(context, { value: tokens.accessToken, kind: 'access_token' });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
    this.#clients.clear();
  }

  #declarationOf(account: OpenAccount): { declaration: AccountTypeDeclaration; oauth: OauthDeclaration } {
    const { declaration } = accountTypeOf(this.#registry, account.type);
    if (declaration.oauth !== undefined) return { declaration, oauth: declaration.oauth };
    throw new ExecutionError('SNAP_TOKEN_UNAVAILABLE', `The account "${account.name}" has no token to ask for.`, {
      reason: `account type ${account.type} declares no OAuth`,
      resolution: 'use an account type with OAuth',
    });
  }

  #context(
    account: OpenAccount,
    from: { declaration: AccountTypeDeclaration; oauth: OauthDeclaration; signal?: AbortSignal },
  ): OauthContext {
    const { declaration, oauth, signal } = from;
    const { settings, secrets } = account;
    const origin = accountOrigin(declaration, settings, { allowedHosts: this.#allowedHosts });
    const url = (template: string): string => accountUrl(template, origin, settings).href;
    const { token, authorize, device, revoke } = oauth.endpoints;
    return {
      server: {
        tokenEndpoint: url(token),
        ...(authorize === undefined ? {} : { authorizationEndpoint: url(authorize) }),
        ...(device === undefined ? {} : { deviceEndpoint: url(device) }),
        ...(revoke === undefined ? {} : { revocationEndpoint: url(revoke) }),
        sendsIssuer: oauth.sendsIssuer === true,
      },
      client: {
        clientId: String(settings.clientId ?? ''),
        clientSecret: secrets.clientSecret,
        authentication: oauth.clientAuthentication,
      },
      fetch: this.#client(origin).fetch,
      signal,
    };
  }

  #client(origin: URL): HttpClient {
    const onWire = this.#onWire;
    const client =
      this.#clients.get(origin.hostname) ??
      createHttpClient({ allowedHosts: [origin.hostname], ...(onWire === undefined ? {} : { onWire }) });
    this.#clients.set(origin.hostname, client);
    return client;
  }
}

const expectingIssuer = (context: OauthContext): OauthContext => ({
  ...context,
  server: { ...context.server, sendsIssuer: true },
});

function noEndpoint({ name, type }: OpenAccount, endpoint: string): ConfigurationError {
  return new ConfigurationError('SNAP_ACCOUNT_INVALID', `Account "${name}" cannot be authorized in this way.`, {
    reason: `account type ${type} declares no endpoint "${endpoint}"`,
    resolution: 'choose another grant',
  });
}

/** The scopes to ask for: the account's own, else the type's default, and always the required ones. */
export function scopesOf(oauth: OauthDeclaration, settings: JsonObject): string[] {
  const own = typeof settings.scopes === 'string' ? settings.scopes.split(' ').filter((scope) => scope !== '') : [];
  return [...new Set([...oauth.scopes.required, ...(own.length > 0 ? own : oauth.scopes.default)])];
}

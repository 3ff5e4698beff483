// Owns the setting of the certified authorization server: Coupa's routes, grants, token form and lifetimes.
// The protocol itself is oidc-provider's; nothing of it is written again here.

import { generateKeyPair, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { AdapterPayload, Configuration, JWK, KoaContextWithOIDC, default as Provider } from 'oidc-provider';
import type { Client, ClientRegistry } from './clients.ts';
import type { AuthorizationOptions } from './contract.ts';
import type { MemoryStorage } from './memory-storage.ts';
import { deviceDone, devicePage, errorPage } from './pages/server-pages.ts';
import { findPerson } from './people.ts';
import { routes } from './routes.ts';
import { scopeNames } from './scope-catalog.ts';

export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const refreshTokenLifetimeSeconds = 90 * 86_400;
const sessionLifetimeSeconds = 14 * 86_400;
const codeLifetimeSeconds = 600;

/** What the provider is made of besides the caller's options. */
export interface ProviderParts {
  readonly options: AuthorizationOptions;
  readonly clients: ClientRegistry;
  readonly storage: MemoryStorage;
  readonly clockOffsetSeconds: () => number;
}

/** The slow parts of a start: the server's own modules and a signing key. */
export type Materials = Awaited<ReturnType<typeof prepareMaterials>>;

/** Loads and generates them, a few hundred milliseconds; begun with the simulator so that its start need not wait. */
export async function prepareMaterials() {
  const [server, keys] = await Promise.all([
    import('oidc-provider'),
    promisify(generateKeyPair)('rsa', { modulusLength: 2048 }),
  ]);
  const key = { ...keys.privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomUUID() } as JWK;
  return { server, key };
}

/** Makes the authorization server, once the issuer is known. */
export function createProvider(parts: ProviderParts, materials: Materials): Provider {
  const { InvalidScope } = materials.server.errors;
  const issuer = parts.options.issuer();
  const configuration = configure(parts, issuer);
  return new materials.server.default(issuer, {
    ...configuration,
    jwks: { keys: [materials.key] },
    features: { ...configuration.features, resourceIndicators: resourceIndicators(parts, issuer, InvalidScope) },
    // A renewal that asks for a scope the client has lost is refused here, before the old refresh token is spent.
    rotateRefreshToken: (ctx) => {
      const wanted = String(ctx.oidc.params?.scope ?? ctx.oidc.entities.RefreshToken?.scope ?? '');
      refuseOtherScopes(parts, ctx.oidc.client?.clientId, wanted, InvalidScope);
      return parts.options.rotateRefreshTokens;
    },
  });
}

type ScopeError = new (description: string, scope: string) => Error;

function resourceIndicators(parts: ProviderParts, issuer: string, refusal: ScopeError) {
  const scope = scopeNames(parts.options.scopes).join(' ');
  return {
    enabled: true,
    defaultResource: () => `${issuer}/api`,
    useGrantedResource: () => true,
    getResourceServerInfo: (ctx: KoaContextWithOIDC, _resource: string, client: { clientId: string }) => {
      refuseOtherScopes(parts, client.clientId, String(ctx.oidc.params?.scope ?? ''), refusal);
      return {
        scope,
        audience: `${issuer}/api`,
        accessTokenTTL: parts.options.tokenLifetimeSeconds,
        accessTokenFormat: 'jwt' as const,
        jwt: { sign: { alg: 'RS256' as const } },
      };
    },
  };
}

function refuseOtherScopes(
  parts: ProviderParts,
  clientId: string | undefined,
  wanted: string,
  refusal: ScopeError,
): void {
  const granted = new Set(parts.clients.find(clientId ?? '')?.scopes);
  const other = wanted.split(' ').filter((scope) => scope !== '' && !granted.has(scope));
  if (other.length > 0) {
    throw new refusal('the requested scope is invalid, unknown, or not granted to the client', other.join(' '));
  }
}

function configure(parts: ProviderParts, issuer: string): Configuration {
  const { options, storage } = parts;
  const port = new URL(issuer).port;
  return {
    adapter: storage.adapter,
    clientAuthMethods: ['client_secret_post', 'none'],
    clientBasedCORS: () => false,
    claims: { openid: ['sub'], email: ['email'], profile: ['name'], login: ['login'] },
    // A browser sends the cookies of one port to every port of 127.0.0.1, so each simulator names its own.
    cookies: {
      names: {
        session: `simulator_authorization_${port}`,
        interaction: `simulator_interaction_${port}`,
        resume: `simulator_resume_${port}`,
      },
    },
    discovery: {
      userinfo_endpoint: `${issuer}${routes.userinfo}`,
      code_challenge_methods_supported: ['S256', 'plain'],
    },
    expiresWithSession: () => false,
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: devicePage,
        userCodeConfirmSource: (ctx) => devicePage(ctx),
        successSource: deviceDone,
      },
    },
    findAccount: async (_ctx, login) => {
      const person = findPerson(login);
      return person
        ? { accountId: login, claims: () => ({ sub: login, login, name: person.name, email: person.email }) }
        : undefined;
    },
    formats: { customizers: { jwt: (_ctx, _token, token) => moveToClock(parts, token.payload) } },
    interactions: { url: (_ctx, interaction) => `${routes.interactions}/${interaction.uid}` },
    renderError: errorPage,
    responseTypes: ['code'],
    revokeGrantPolicy: () => true,
    routes: {
      authorization: routes.authorization,
      code_verification: routes.device,
      device_authorization: routes.deviceAuthorization,
      end_session: routes.endSession,
      jwks: routes.jwks,
      revocation: routes.revocation,
      token: routes.token,
      userinfo: routes.userinfo,
    },
    scopes: scopeNames(options.scopes),
    ttl: {
      AccessToken: options.tokenLifetimeSeconds,
      AuthorizationCode: codeLifetimeSeconds,
      ClientCredentials: options.tokenLifetimeSeconds,
      DeviceCode: codeLifetimeSeconds,
      Grant: refreshTokenLifetimeSeconds,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: refreshTokenLifetimeSeconds,
      Session: sessionLifetimeSeconds,
    },
  };
}

/** Puts the simulator's clock into the token. Its scopes are in it by name: with all of them it is kilobytes long, as Coupa's are. */
function moveToClock(parts: ProviderParts, payload: Record<string, unknown>): void {
  const offset = parts.clockOffsetSeconds();
  payload.iat = Number(payload.iat) + offset;
  payload.exp = Number(payload.exp) + offset;
}

/** A registered client in the server's words (OpenID Connect Dynamic Client Registration section 2). */
export function clientMetadata(client: Client): AdapterPayload {
  const isPersonal = client.grantType !== 'client_credentials';
  return {
    client_id: client.clientId,
    client_name: client.name,
    ...(client.isPublic ? {} : { client_secret: client.clientSecret }),
    token_endpoint_auth_method: client.isPublic ? 'none' : 'client_secret_post',
    grant_types: [
      client.grantType === 'device_code' ? deviceGrant : client.grantType,
      ...(isPersonal ? ['refresh_token'] : []),
    ],
    response_types: client.grantType === 'authorization_code' ? ['code'] : [],
    redirect_uris: [...client.redirectUris],
    scope: client.scopes.join(' '),
  };
}

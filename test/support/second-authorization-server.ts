// An authorization server configured unlike Coupa's: other routes, credentials in the Authorization header, opaque short-lived
// tokens, `iss` in the authorization answer, rotation always on. Everything that speaks OAuth must work against it too.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type ClientMetadata, errors, type JWK, type KoaContextWithOIDC } from 'oidc-provider';
import { MemoryStorage } from '../../src/simulator/authorization/memory-storage.ts';
import { Browser } from './browser.ts';

export interface SecondAuthorizationServer {
  readonly issuer: string;
  readonly endpoints: Readonly<
    Record<'authorization' | 'token' | 'device' | 'deviceAuthorization' | 'revocation', string>
  >;
  /** Registers a client; its secret goes into the Authorization header unless it is public. */
  register(client: SecondClient): { clientId: string; clientSecret: string };
  /** Opens an authorize URL as a person who allows everything; resolves with the callback URL, which is not loaded. */
  authorize(url: URL | string): Promise<URL>;
  /** Enters a user code and allows it. */
  approveDevice(userCode: string): Promise<void>;
  stats(): { tokenRequests: number; reuses: number };
  close(): Promise<void>;
}

export interface SecondClient {
  readonly grantType: 'client_credentials' | 'authorization_code' | 'device_code';
  readonly redirectUri?: string;
  readonly isPublic?: boolean;
}

const scopes = ['read', 'write', 'openid', 'offline_access'];
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** Starts the server on a free port of 127.0.0.1. Access tokens live `tokenLifetimeSeconds`, 30 by default. */
export async function startSecondAuthorizationServer(
  options: { tokenLifetimeSeconds?: number; now?: () => number } = {},
): Promise<SecondAuthorizationServer> {
  const clients = new Map<string, ClientMetadata>();
  const counts = { tokenRequests: 0, reuses: 0 };
  const now = options.now ?? Date.now;
  const storage = new MemoryStorage({
    clockOffsetSeconds: () => Math.round((now() - Date.now()) / 1000),
    reuseGraceSeconds: 0,
    findClient: (clientId) => clients.get(clientId),
    onReuse: () => {
      counts.reuses += 1;
    },
    onGrantEnded: () => undefined,
    refusal: () => new errors.InvalidGrant('already used'),
  });
  const server = createServer((req, res) => answer(req, res).catch((error) => res.destroy(error)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = createProvider(issuer, storage, options.tokenLifetimeSeconds ?? 30);
  const callback = provider.callback();

  async function answer(...[req, res]: Parameters<typeof callback>): Promise<void> {
    if (req.method === 'POST' && req.url === '/as/token') counts.tokenRequests += 1;
    if (req.url?.startsWith('/as/interaction/')) await allow(provider, req, res);
    else await callback(req, res);
  }

  return {
    issuer,
    endpoints: {
      authorization: `${issuer}/as/authorize`,
      token: `${issuer}/as/token`,
      device: `${issuer}/as/activate`,
      deviceAuthorization: `${issuer}/as/device`,
      revocation: `${issuer}/as/revoke`,
    },
    register: (client) => {
      const clientId = `client-${clients.size + 1}`;
      // Characters that must be form-encoded before they go into a Basic header (RFC 6749 section 2.3.1).
      const clientSecret = client.isPublic ? '' : `secret:+/=%&${clients.size + 1}-${'x'.repeat(32)}`;
      clients.set(clientId, metadata(client, clientId, clientSecret));
      return { clientId, clientSecret };
    },
    authorize: async (url) => {
      const redirectUri = new URL(url).searchParams.get('redirect_uri') ?? 'none';
      const seen = await new Browser().open(String(url), { stopAt: redirectUri });
      if (seen.status !== 0) throw new Error(`authorize ended at ${seen.url} with ${seen.status}: ${seen.text}`);
      return new URL(seen.url);
    },
    approveDevice: async (userCode) => {
      const browser = new Browser();
      const asked = await browser.open(`${issuer}/as/activate`);
      const seen = await browser.submit(asked, { user_code: userCode });
      if (!seen.text.includes('device connected')) throw new Error(`the code was not taken: ${seen.text}`);
    },
    stats: () => ({ ...counts }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function createProvider(issuer: string, storage: MemoryStorage, tokenLifetimeSeconds: number): Provider {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ask = (ctx: KoaContextWithOIDC): void => {
    ctx.body = `<form method="post" action="/as/activate"><input type="hidden" name="xsrf" value="${ctx.oidc.session?.state?.secret}"><input type="hidden" name="confirm" value="yes"></form>`;
  };
  return new Provider(issuer, {
    adapter: storage.adapter,
    clientAuthMethods: ['client_secret_basic', 'none'],
    clientBasedCORS: () => false,
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'second' } as JWK] },
    expiresWithSession: () => false,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: ask,
        userCodeConfirmSource: ask,
        successSource: (ctx) => {
          ctx.body = 'device connected';
        },
      },
    },
    findAccount: async (_ctx, login) => ({ accountId: login, claims: () => ({ sub: login }) }),
    interactions: { url: (_ctx, interaction) => `/as/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    renderError: (ctx, out) => {
      ctx.body = JSON.stringify(out);
    },
    responseTypes: ['code'],
    revokeGrantPolicy: () => true,
    rotateRefreshToken: true,
    routes: {
      authorization: '/as/authorize',
      token: '/as/token',
      device_authorization: '/as/device',
      code_verification: '/as/activate',
      revocation: '/as/revoke',
      jwks: '/as/keys',
      userinfo: '/as/me',
      end_session: '/as/end',
    },
    scopes,
    ttl: {
      AccessToken: tokenLifetimeSeconds,
      ClientCredentials: tokenLifetimeSeconds,
      AuthorizationCode: 60,
      DeviceCode: 600,
      Grant: 86_400,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
  });
}

function metadata(client: SecondClient, clientId: string, clientSecret: string): ClientMetadata {
  return {
    client_id: clientId,
    ...(client.isPublic ? {} : { client_secret: clientSecret }),
    token_endpoint_auth_method: client.isPublic ? 'none' : 'client_secret_basic',
    grant_types:
      client.grantType === 'client_credentials'
        ? ['client_credentials']
        : [client.grantType === 'device_code' ? deviceGrant : 'authorization_code', 'refresh_token'],
    response_types: client.grantType === 'authorization_code' ? ['code'] : [],
    redirect_uris: client.redirectUri === undefined ? [] : [client.redirectUri],
    scope: scopes.join(' '),
  };
}

async function allow(provider: Provider, ...[req, res]: Parameters<ReturnType<Provider['callback']>>): Promise<void> {
  const interaction = await provider.interactionDetails(req, res);
  if (interaction.prompt.name === 'login') {
    await provider.interactionFinished(req, res, { login: { accountId: 'person' } });
    return;
  }
  const grant = new provider.Grant({ accountId: 'person', clientId: String(interaction.params.client_id) });
  grant.addOIDCScope(String(interaction.params.scope ?? ''));
  await provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } });
}

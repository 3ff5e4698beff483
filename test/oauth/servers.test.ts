import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttpClient } from '../../src/http/client.ts';
import { authorizationUrl, requestAuthorizationCode } from '../../src/oauth/authorization-code.ts';
import { requestClientCredentials } from '../../src/oauth/client-credentials.ts';
import type { AuthorizationServer, ClientAuthentication, OauthContext } from '../../src/oauth/contract.ts';
import { pollDeviceToken, requestDeviceAuthorization, requestDeviceToken } from '../../src/oauth/device-code.ts';
import { createPkcePair } from '../../src/oauth/pkce.ts';
import { requestRefresh } from '../../src/oauth/refresh.ts';
import { revokeToken } from '../../src/oauth/revoke.ts';
import { allow, callback, logIn, startInstance } from '../simulator/authorization/support.ts';
import { Browser } from '../support/browser.ts';
import { startSecondAuthorizationServer } from '../support/second-authorization-server.ts';

type GrantType = 'client_credentials' | 'authorization_code' | 'device_code';

interface Played {
  readonly server: AuthorizationServer;
  readonly authentication: ClientAuthentication;
  readonly scopes: readonly string[];
  register(grantType: GrantType, isPublic?: boolean): { clientId: string; clientSecret: string };
  /** Opens the address as a person who allows everything; gives the callback's query. */
  authorize(url: URL): Promise<URLSearchParams>;
  approveDevice(userCode: string): Promise<void>;
  /** Lets the server's clock pass where it can. */
  pass(seconds: number): void;
}

async function startSimulated(): Promise<Played> {
  const instance = await startInstance();
  const { url, authorization } = instance;
  const scopes = ['core.invoice.read', 'offline_access'];
  return {
    server: {
      tokenEndpoint: `${url}/oauth2/token`,
      authorizationEndpoint: `${url}/oauth2/authorizations/new`,
      deviceEndpoint: `${url}/oauth2/device_authorizations`,
      revocationEndpoint: `${url}/oauth2/revoke`,
    },
    authentication: 'client_secret_post',
    scopes,
    register: (grantType, isPublic = false) =>
      authorization.registerClient({
        name: 'Ledger link',
        login: 'ledger',
        grantType,
        scopes: grantType === 'client_credentials' ? ['core.invoice.read'] : scopes,
        isPublic,
        ...(grantType === 'authorization_code' ? { redirectUris: [callback] } : {}),
      }),
    authorize: (address) => allow(address.href),
    approveDevice: async (userCode) => {
      const browser = new Browser();
      const asked = await browser.open(`${url}/oauth2/device`);
      const seen = await browser.submit(asked, { user_code: userCode });
      const consent = seen.url.includes('/login') ? await logIn(browser, seen) : seen;
      await browser.submit(consent, { decision: 'allow' });
    },
    pass: instance.pass,
  };
}

async function startSecond(): Promise<Played> {
  const second = await startSecondAuthorizationServer();
  onTestFinished(second.close);
  const { endpoints, issuer } = second;
  return {
    server: {
      issuer,
      sendsIssuer: true,
      tokenEndpoint: endpoints.token,
      authorizationEndpoint: endpoints.authorization,
      deviceEndpoint: endpoints.deviceAuthorization,
      revocationEndpoint: endpoints.revocation,
    },
    authentication: 'client_secret_basic',
    scopes: ['openid', 'read', 'offline_access'],
    register: (grantType, isPublic = false) =>
      second.register({
        grantType,
        isPublic,
        ...(grantType === 'authorization_code' ? { redirectUri: callback } : {}),
      }),
    authorize: async (url) => {
      url.searchParams.set('prompt', 'consent');
      return (await second.authorize(url)).searchParams;
    },
    approveDevice: second.approveDevice,
    pass: () => undefined,
  };
}

/** What a grant is given, for a fresh client of this kind. */
function contextFor(played: Played, grantType: GrantType, isPublic = false): OauthContext {
  const http = createHttpClient({ allowedHosts: ['127.0.0.1'] });
  onTestFinished(http.close);
  const client = { ...played.register(grantType, isPublic), authentication: played.authentication };
  return { server: played.server, client, fetch: http.fetch };
}

/** A whole authorization; gives its first answer, and what exchanges its callback again. */
async function authorize(played: Played, context: OauthContext) {
  const { codeVerifier, codeChallenge } = await createPkcePair();
  const { clientId } = context.client;
  const { scopes, server } = played;
  const state = 'state-of-128-bits';
  const authorizationEndpoint = server.authorizationEndpoint ?? '';
  const url = authorizationUrl({
    authorizationEndpoint,
    clientId,
    redirectUri: callback,
    scopes,
    state,
    codeChallenge,
  });
  const parameters = await played.authorize(url);
  const exchange = (verifier = codeVerifier) =>
    requestAuthorizationCode(context, { parameters, state, redirectUri: callback, codeVerifier: verifier });
  return { exchange };
}

describe.each([
  ['the simulated instance', startSimulated],
  ['an authorization server configured otherwise', startSecond],
] as const)('against %s', (_, start) => {
  it('client credentials give an access token and nothing to refresh', async () => {
    const played = await start();
    const context = contextFor(played, 'client_credentials');
    const scopes = [played.scopes.find((scope) => scope.includes('read')) ?? ''];
    const answer = await requestClientCredentials(context, scopes);
    expect(answer).toMatchObject({
      accessToken: expect.any(String),
      refreshToken: undefined,
      tokenType: 'bearer',
      flaws: [],
    });
    expect(answer.expiresInSeconds).toBeGreaterThan(0);
  });

  it('a wrong secret is an invalid client, and is not repeated back', async () => {
    const context = contextFor(await start(), 'client_credentials');
    const wrong = { ...context, client: { ...context.client, clientSecret: 'canary-wrong-secret' } };
    const failure: Error = await requestClientCredentials(wrong, []).catch((thrown) => thrown);
    expect(failure).toMatchObject({ kind: 'invalid_client', sent: 'answered' });
    expect(failure.message).not.toContain('canary');
  });

  it.each([
    ['a secret', false],
    ['PKCE alone', true],
  ])('an authorization with %s gives tokens that renew, rotate and end', async (__, isPublic) => {
    const played = await start();
    const context = contextFor(played, 'authorization_code', isPublic);
    const { exchange } = await authorize(played, context);
    const first = await exchange();
    expect(first).toMatchObject({ refreshToken: expect.any(String), flaws: [] });
    const second = await requestRefresh(context, first.refreshToken ?? '');
    expect(second).toMatchObject({ accessToken: expect.any(String), flaws: [] });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    await revokeToken(context, { value: second.refreshToken ?? '', kind: 'refresh_token' });
    await expect(requestRefresh(context, second.refreshToken ?? '')).rejects.toMatchObject({
      kind: 'invalid_grant',
      status: 400,
    });
  });

  it('a verifier of another pair is refused', async () => {
    const played = await start();
    const context = contextFor(played, 'authorization_code');
    const { exchange } = await authorize(played, context);
    const { codeVerifier } = await createPkcePair();
    await expect(exchange(codeVerifier)).rejects.toMatchObject({ kind: 'invalid_grant' });
  });

  it('a code serves once', async () => {
    const played = await start();
    const { exchange } = await authorize(played, contextFor(played, 'authorization_code'));
    await exchange();
    await expect(exchange()).rejects.toMatchObject({ kind: 'invalid_grant' });
  });

  it('a device waits for its person and then gets tokens', async () => {
    const played = await start();
    const context = contextFor(played, 'device_code');
    const device = await requestDeviceAuthorization(context, played.scopes);
    await expect(requestDeviceToken(context, device.deviceCode)).rejects.toMatchObject({
      error: 'authorization_pending',
    });
    await played.approveDevice(device.userCode);
    const clock = { monotonic: () => 0, wait: async (delayMs: number) => played.pass(delayMs / 1_000) };
    expect(await pollDeviceToken(context, device, clock)).toMatchObject({ accessToken: expect.any(String), flaws: [] });
  });
});

// SECURITY part B over real sockets: a whole host, a simulated authorization server, and a person's browser without a screen.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Host, openHost, resolveConfig } from '../../src/host.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { Browser } from '../support/browser.ts';

const scopes = ['core.invoice.read', 'offline_access'];

let folder: string;
let simulator: Simulator;
let host: Host;
let server: RunningServer;
let origin: string;
let own: Record<string, string>;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-authorization-'));
  simulator = await startSimulator({ records: 10, ratePerSecond: 0 });
  await open({});
});
afterEach(async () => {
  await server.close();
  await host.close();
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(environment: Record<string, string>): Promise<void> {
  const SNAPS_DATA_DIR = path.join(folder, 'data');
  const config = await resolveConfig({
    directory: folder,
    environment: { SNAPS_DATA_DIR, SNAPS_ALLOWED_HOSTS: '127.0.0.1', ...environment },
  });
  host = await openHost(config);
  let signInUrl = '';
  const announce = (url: string): void => {
    signInUrl = url;
  };
  server = await startServer(host, { port: 0, address: '127.0.0.1', allowPlainHttp: true, announce });
  origin = `http://127.0.0.1:${server.port}`;
  const json = { origin, 'content-type': 'application/json' };
  const token = signInUrl.split('#sign-in=')[1];
  const opened = await send('/api/session', { method: 'POST', headers: json, body: JSON.stringify({ token }) });
  own = { ...json, cookie: cookiesOf(opened)[0] ?? '', 'x-snaps-page': String(bodyOf(opened).pageToken) };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function send(address: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { port: server.port, host: '127.0.0.1', path: address, method, agent: false };
    const sent = httpRequest({ ...options, headers: { ...headers, ...length } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const api = (method: string, address: string, body: object = {}, headers: Record<string, string> = {}) =>
  send(address, {
    method,
    headers: { ...own, ...headers },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
  });
const cookiesOf = ({ headers }: Answer): string[] =>
  (headers['set-cookie'] ?? []).map((line) => line.split(';')[0] ?? '');
const bodyOf = ({ body }: Answer): Record<string, unknown> => JSON.parse(body);
const tokenRequests = (): number => simulator.stats().authorization.tokenRequests;
const stateOf = async (name = 'coupa') => (await host.accounts.show(name)).state;

async function addAccount(settings: Record<string, string | boolean> = {}, name = 'coupa'): Promise<void> {
  const client = simulator.registerClient({
    name,
    login: name,
    grantType: 'authorization_code',
    scopes,
    redirectUris: [`${origin}/oauth/callback`],
  });
  const all = { host: simulator.url, grant: 'authorization_code', clientId: client.clientId, scopes: scopes.join(' ') };
  const added = await api('POST', '/api/accounts', {
    name,
    type: 'coupa.oauth2',
    settings: { ...all, ...settings },
    secrets: { clientSecret: client.clientSecret },
  });
  expect(added.status, added.body).toBe(201);
  expect(added.body).not.toContain(client.clientSecret);
}

interface Begun {
  readonly id: string;
  readonly authorizeUrl: string;
  readonly redirectUri: string;
  readonly cookie: string;
  readonly setCookie: string;
}

async function begin(name = 'coupa'): Promise<Begun> {
  const answer = await api('POST', `/api/accounts/${name}/authorize`);
  expect(answer.status, answer.body).toBe(200);
  const begun = bodyOf(answer) as unknown as Begun;
  return { ...begun, cookie: cookiesOf(answer)[0] ?? '', setCookie: answer.headers['set-cookie']?.[0] ?? '' };
}

/** Logs in and decides; gives the path and query of the callback, not yet loaded. */
async function decide(authorizeUrl: string, decision: 'allow' | 'deny' = 'allow'): Promise<string> {
  const browser = new Browser();
  const login = await browser.open(authorizeUrl);
  const consent = await browser.submit(login, { login: 'admin', password: 'admin' }, { action: '/login' });
  const back = await browser.submit(consent, { decision }, { stopAt: `${origin}/oauth/callback` });
  return back.url.slice(origin.length);
}

/** Loads a callback as a browser does: the clean address it is sent on to, and the page there. */
async function callBack(
  address: string,
  cookie = '',
): Promise<{ location: string; page: Answer; headers: IncomingHttpHeaders }> {
  const { status, headers } = await send(address, { headers: cookie === '' ? {} : { cookie } });
  expect(status).toBe(303);
  const location = headers.location ?? '';
  return { location, page: await send(location), headers };
}

describe('an authorization from the host', () => {
  it('ends authorized, with no session cookie on the way back (18)', async () => {
    await addAccount();
    const begun = await begin();
    const { location, page, headers } = await callBack(await decide(begun.authorizeUrl), begun.cookie);
    expect(page.status).toBe(200);
    expect(page.body).toContain('Authorized');
    expect(location).toBe(`/oauth/result/${begun.id}`);
    expect(headers['set-cookie']?.[0]).toContain('Max-Age=0');
    expect(await stateOf()).toBe('authorized');
    expect(bodyOf(await api('GET', `/api/authorizations/${begun.id}`))).toMatchObject({ state: 'authorized' });
    expect(bodyOf(await api('POST', '/api/accounts/coupa/test'))).toMatchObject({ ok: true, scopes });
  });

  it('binds the flow to the browser by a Lax cookie of its own that scripts cannot read (18)', async () => {
    await addAccount();
    const { setCookie } = await begin();
    expect(setCookie).toMatch(
      new RegExp(
        `^snaps-${server.port}-flow-[0-9a-f]{16}=[\\w-]{43}; Path=/oauth/callback; Max-Age=600; HttpOnly; SameSite=Lax$`,
      ),
    );
  });

  it('refuses a missing, wrong, doubled or foreign state, and asks for no token (17)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    const query = new URLSearchParams(good.split('?')[1]);
    const state = query.get('state') ?? '';
    const forged = [
      '/oauth/callback',
      `/oauth/callback?code=${query.get('code')}`,
      `/oauth/callback?code=${query.get('code')}&state=${'A'.repeat(43)}`,
      `/oauth/callback?code=${query.get('code')}&state=${state}&state=${state}`,
    ];
    for (const address of forged) {
      const { page } = await callBack(address, begun.cookie);
      expect(page.status, address).toBe(400);
      expect(page.body).toContain('Nothing was changed');
    }
    // The right state from a browser that does not hold the flow's cookie: somebody else's link.
    for (const cookie of ['', begun.cookie.replace(/=.*/u, `=${'B'.repeat(43)}`).replace('flow-', 'flow-0')]) {
      expect((await callBack(good, cookie)).page.status).toBe(400);
    }
    expect(tokenRequests()).toBe(0);
    expect(await stateOf()).toBe('new');
    expect((await callBack(good, begun.cookie)).page.status).toBe(200);
  });

  it('refuses another browser that holds a cookie of the right name and a wrong nonce (17)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    const { page } = await callBack(good, begun.cookie.replace(/=.*/u, `=${'B'.repeat(43)}`));
    expect(page.status).toBe(400);
    expect(page.body).toContain('another browser');
    expect(tokenRequests()).toBe(0);
    expect(await stateOf()).toBe('new');
  });

  it("refuses an attacker's own code and state in the person's browser (17)", async () => {
    await addAccount();
    await addAccount({}, 'attacker');
    const person = await begin();
    const attacker = await begin('attacker');
    const { page } = await callBack(await decide(attacker.authorizeUrl), person.cookie);
    expect(page.status).toBe(400);
    expect(tokenRequests()).toBe(0);
    expect([await stateOf(), await stateOf('attacker')]).toEqual(['new', 'new']);
  });

  it('asks for one token when five callbacks come at once, and says "already done" to a later one (23)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    const hits = await Promise.all(Array.from({ length: 5 }, () => callBack(good, begun.cookie)));
    expect(hits.filter(({ location }) => location === `/oauth/result/${begun.id}`)).toHaveLength(1);
    expect(tokenRequests()).toBe(1);
    const again = await callBack(good, begun.cookie);
    expect(again.page.status).toBe(409);
    expect(again.page.body).toContain('Already done');
    expect(tokenRequests()).toBe(1);
    expect(await stateOf()).toBe('authorized');
  });

  it('does nothing for HEAD, POST, a prefetch or an image, and lets the real visit through (23)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    const headers = { cookie: begun.cookie };
    expect((await send(good, { method: 'HEAD', headers })).status).toBe(404);
    expect((await send(good, { method: 'POST', headers })).status).toBe(403);
    for (const more of [{ 'sec-purpose': 'prefetch' }, { purpose: 'prefetch' }, { 'sec-fetch-dest': 'image' }]) {
      expect((await send(good, { headers: { ...headers, ...(more as Record<string, string>) } })).status).toBe(400);
    }
    expect(tokenRequests()).toBe(0);
    expect((await callBack(good, begun.cookie)).page.status).toBe(200);
  });

  it('leaves no code in an address, a referrer or a cache (24)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    const code = new URLSearchParams(good.split('?')[1]).get('code') ?? '';
    const { location, page, headers } = await callBack(good, begun.cookie);
    for (const each of [headers, page.headers]) {
      expect(each['referrer-policy']).toBe('no-referrer');
      expect(each['cache-control']).toBe('no-store');
      expect(each['content-security-policy']).toContain("default-src 'none'");
    }
    expect(location + page.body).not.toContain(code);
    expect(page.body).not.toMatch(/https?:/u);
  });

  it('says the error of the far side before looking at a code, inert and bounded (22)', async () => {
    await addAccount();
    const begun = await begin();
    const state = new URL(begun.authorizeUrl).searchParams.get('state') ?? '';
    const hostile = new URLSearchParams({
      code: 'c',
      error: 'access_denied',
      error_description: `<script>alert(1)</script>\r\n${'x'.repeat(2000)}`,
      return_to: '//evil.test',
      state,
    });
    const { location, page } = await callBack(`/oauth/callback?${hostile}`, begun.cookie);
    expect(location).toMatch(/^\/oauth\/result\//u);
    expect(page.status).toBe(400);
    expect(page.body).toContain('access_denied');
    expect(page.body).not.toContain('<script>');
    expect(page.body.length).toBeLessThan(3_000);
    expect(tokenRequests()).toBe(0);
  });

  it('refuses an empty code and a query beyond all bounds (22)', async () => {
    await addAccount();
    const begun = await begin();
    const state = new URL(begun.authorizeUrl).searchParams.get('state') ?? '';
    expect((await send(`/oauth/callback?state=${state}&code=${'x'.repeat(20_000)}`)).status).toBe(431);
    expect((await callBack(`/oauth/callback?code=&state=${state}`, begun.cookie)).page.status).toBe(400);
    expect(tokenRequests()).toBe(0);
  });

  it('goes on with the old tokens when a second authorization is denied (25)', async () => {
    await addAccount();
    const first = await begin();
    await callBack(await decide(first.authorizeUrl), first.cookie);
    const second = await begin();
    const third = await begin();
    const denied = await callBack(await decide(second.authorizeUrl, 'deny'), `${second.cookie}; ${third.cookie}`);
    expect(denied.page.status).toBe(400);
    expect(denied.page.body).toContain('access_denied');
    expect(await stateOf()).toBe('authorized');
    expect((await api('POST', '/api/accounts/coupa/test')).status).toBe(200);
    expect((await callBack(await decide(third.authorizeUrl), third.cookie)).page.status).toBe(200);
  });

  it('refuses the callback of an account that was changed since (20)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    await host.accounts.update('coupa', { settings: { scopes: 'core.invoice.read' }, secrets: {} });
    const { page } = await callBack(good, begun.cookie);
    expect(page.status).toBe(400);
    expect(page.body).toContain('Nothing was changed');
    expect(tokenRequests()).toBe(0);
  });

  it('refuses a callback that names another issuer (20)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    const { page } = await callBack(`${good}&iss=${encodeURIComponent('https://evil.test')}`, begun.cookie);
    expect(page.status).toBe(400);
    expect(tokenRequests()).toBe(0);
    expect(await stateOf()).toBe('new');
  });

  it('takes the redirect URI from its configuration, whatever Host and forwarding headers say (21)', async () => {
    await addAccount();
    const forwarded = { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'https', forwarded: 'host=evil.test' };
    const answer = await api('POST', '/api/accounts/coupa/authorize', {}, forwarded);
    expect(bodyOf(answer).redirectUri).toBe(`${origin}/oauth/callback`);
    expect((await api('POST', '/api/accounts/coupa/authorize', {}, { host: 'evil.test' })).status).toBe(421);
    const localhost = `localhost:${server.port}`;
    const other = await api(
      'POST',
      '/api/accounts/coupa/authorize',
      {},
      { host: localhost, origin: `http://${localhost}` },
    );
    expect(other.status).toBe(400);
    expect(bodyOf(other).resolution).toContain(origin);
  });

  it('sends a fresh S256 challenge each time, with a client secret too (19)', async () => {
    await addAccount();
    const challenges = new Set<string>();
    for (let flow = 0; flow < 50; flow += 1) {
      const { searchParams } = new URL((await begin()).authorizeUrl);
      expect(searchParams.get('code_challenge_method')).toBe('S256');
      challenges.add(searchParams.get('code_challenge') ?? '');
    }
    expect(challenges.size).toBe(50);
    const hashed = createHash('sha256').update('').digest('base64url');
    for (const challenge of challenges) expect(challenge).toHaveLength(hashed.length);
  });

  it('says in advance that a person must come back when offline_access is not asked for', async () => {
    await addAccount({ scopes: 'core.invoice.read' });
    const { notes } = bodyOf(await api('POST', '/api/accounts/coupa/authorize'));
    expect(String(notes)).toContain('offline_access');
    expect(String(notes)).toContain('24 hours');
  });

  it('finishes a flow that was begun before the host was started anew', async () => {
    await addAccount();
    const { port } = server;
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    await server.close();
    server = await startServer(host, { port, address: '127.0.0.1', allowPlainHttp: true, announce: () => undefined });
    expect((await callBack(good, begun.cookie)).page.status).toBe(200);
    expect(await stateOf()).toBe('authorized');
  });
});

describe('the redirect URI', () => {
  it('is shown as it must be registered, with a check that it reaches this host', async () => {
    expect(bodyOf(await api('GET', '/api/redirect-uri'))).toEqual({
      redirectUri: `${origin}/oauth/callback`,
      reachesThisHost: true,
      reason: '',
    });
  });

  it('comes from SNAPS_PUBLIC_URL, and the check tells when that leads elsewhere', async () => {
    await server.close();
    await host.close();
    await open({ SNAPS_PUBLIC_URL: simulator.url });
    const check = bodyOf(await api('GET', '/api/redirect-uri'));
    expect(check).toMatchObject({ redirectUri: `${simulator.url}/oauth/callback`, reachesThisHost: false });
    expect(String(check.reason)).toContain('is not this host');
  });
});

describe('accounts over HTTP', () => {
  it('authorizes client credentials at once', async () => {
    const client = simulator.registerClient({
      name: 'machine',
      login: 'machine',
      grantType: 'client_credentials',
      scopes: ['core.invoice.read'],
    });
    const settings = { host: simulator.url, clientId: client.clientId, scopes: 'core.invoice.read' };
    const secrets = { clientSecret: client.clientSecret };
    await api('POST', '/api/accounts', { name: 'machine', type: 'coupa.oauth2', settings, secrets });
    const done = bodyOf(await api('POST', '/api/accounts/machine/authorize'));
    expect(done).toMatchObject({ kind: 'done', account: { state: 'authorized' } });
  });

  it('shows a device code, and takes the tokens when a person has typed it', async () => {
    const client = simulator.registerClient({ name: 'device', login: 'device', grantType: 'device_code', scopes });
    const settings = { host: simulator.url, grant: 'device_code', clientId: client.clientId, scopes: scopes.join(' ') };
    const secrets = { clientSecret: client.clientSecret };
    await api('POST', '/api/accounts', { name: 'device', type: 'coupa.oauth2', settings, secrets });
    const begun = bodyOf(await api('POST', '/api/accounts/device/authorize'));
    expect(begun).toMatchObject({ kind: 'device', userCode: expect.any(String) });
    const browser = new Browser();
    const asked = await browser.open(String(begun.verificationUri));
    const login = await browser.submit(asked, { user_code: String(begun.userCode) });
    const consent = await browser.submit(login, { login: 'admin', password: 'admin' }, { action: '/login' });
    await browser.submit(consent, { decision: 'allow' });
    await expect
      .poll(async () => bodyOf(await api('GET', `/api/authorizations/${begun.id}`)).state, { timeout: 20_000 })
      .toBe('authorized');
    expect(await stateOf('device')).toBe('authorized');
  }, 30_000);

  it('keeps a secret that comes back empty or masked, and forgets it when the host changes (33, 34)', async () => {
    await addAccount();
    const { settings } = bodyOf(await api('GET', '/api/accounts/coupa')) as { settings: Record<string, string> };
    for (const mask of ['', '********']) {
      const kept = await api('PUT', '/api/accounts/coupa', { settings, secrets: { clientSecret: mask } });
      expect(bodyOf(kept).secrets).toEqual({ clientSecret: { set: true } });
    }
    const moved = await api('PUT', '/api/accounts/coupa', { settings: { ...settings, host: 'acme' } });
    expect(bodyOf(moved)).toMatchObject({ state: 'new', secrets: { clientSecret: { set: false } } });
  });

  it('removes an account with its tokens revoked, by its id too', async () => {
    await addAccount();
    const begun = await begin();
    await callBack(await decide(begun.authorizeUrl), begun.cookie);
    const { id } = bodyOf(await api('GET', '/api/accounts/coupa'));
    const removed = await api('DELETE', `/api/accounts/${id}`);
    expect(bodyOf(removed)).toEqual({ name: 'coupa', removed: true, isRevoked: true });
    expect((await api('GET', '/api/accounts/coupa')).status).toBe(404);
  });

  it('gives nothing of it without a session', async () => {
    for (const [method, address] of [
      ['POST', '/api/accounts'],
      ['PUT', '/api/accounts/coupa'],
      ['DELETE', '/api/accounts/coupa'],
      ['POST', '/api/accounts/coupa/test'],
      ['POST', '/api/accounts/coupa/authorize'],
      ['GET', '/api/authorizations/x'],
      ['GET', '/api/redirect-uri'],
    ] as const) {
      const answer = await send(address, {
        method,
        headers: { origin, 'content-type': 'application/json' },
        body: '{}',
      });
      expect(answer.status, address).toBe(401);
    }
  });
});

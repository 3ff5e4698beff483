// A whole host behind real sockets, a simulated authorization server, and a person's browser without a screen. Each test gets its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { type Host, openHost, resolveConfig } from '../../src/host.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { Browser } from '../support/browser.ts';

export const scopes = ['core.invoice.read', 'offline_access'];

let folder: string;
export let simulator: Simulator;
export let host: Host;
export let server: RunningServer;
export let origin: string;
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

/** Opens host and server anew in the same data folder, signed in. */
export async function open(environment: Record<string, string>): Promise<void> {
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

export function send(address: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Answer> {
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

export const api = (method: string, address: string, body: object = {}, headers: Record<string, string> = {}) =>
  send(address, {
    method,
    headers: { ...own, ...headers },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
  });
export const cookiesOf = ({ headers }: Answer): string[] =>
  (headers['set-cookie'] ?? []).map((line) => line.split(';')[0] ?? '');
export const bodyOf = ({ body }: Answer): Record<string, unknown> => JSON.parse(body);
export const tokenRequests = (): number => simulator.stats().authorization.tokenRequests;
export const stateOf = async (name = 'coupa') => (await host.accounts.show(name)).state;

export async function addAccount(settings: Record<string, string | boolean> = {}, name = 'coupa'): Promise<void> {
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

export async function begin(name = 'coupa'): Promise<Begun> {
  const answer = await api('POST', `/api/accounts/${name}/authorize`);
  expect(answer.status, answer.body).toBe(200);
  const begun = bodyOf(answer) as unknown as Begun;
  return { ...begun, cookie: cookiesOf(answer)[0] ?? '', setCookie: answer.headers['set-cookie']?.[0] ?? '' };
}

/** Logs in and decides; gives the path and query of the callback, not yet loaded. */
export async function decide(authorizeUrl: string, decision: 'allow' | 'deny' = 'allow'): Promise<string> {
  const browser = new Browser();
  const login = await browser.open(authorizeUrl);
  const consent = await browser.submit(login, { login: 'admin', password: 'admin' }, { action: '/login' });
  const back = await browser.submit(consent, { decision }, { stopAt: `${origin}/oauth/callback` });
  return back.url.slice(origin.length);
}

/** Loads a callback as a browser does: the clean address it is sent on to, and the page there. */
export async function callBack(
  address: string,
  cookie = '',
): Promise<{ location: string; page: Answer; headers: IncomingHttpHeaders }> {
  const { status, headers } = await send(address, { headers: cookie === '' ? {} : { cookie } });
  expect(status).toBe(303);
  const location = headers.location ?? '';
  return { location, page: await send(location), headers };
}

/** Ends the server and starts another one over the same host, on the same port. */
export async function restart(): Promise<void> {
  const { port } = server;
  await server.close();
  server = await startServer(host, { port, address: '127.0.0.1', allowPlainHttp: true, announce: () => undefined });
}

import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';

const runs = [{ id: 'r1', runId: 'r1', pipeline: 'p', state: 'completed', startedAt: null, finishedAt: null }];
const host = {
  config: { publicUrl: undefined, metricsToken: 'scrape-me' },
  runs: { list: async () => runs, show: async () => runs[0] },
  accounts: { list: async () => [] },
  activity: () => ({
    requests: 0,
    retries: 0,
    throttledMs: 0,
    refusals: 0,
    renewals: 0,
    renewalFailures: 0,
    scheduleLagMs: 0,
  }),
  isReady: async () => true,
} as unknown as Host;

let server: RunningServer;
let signInUrls: string[];
let now: number;

beforeEach(async () => {
  signInUrls = [];
  now = 1_000_000;
  server = await startServer(host, {
    port: 0,
    address: '127.0.0.1',
    allowPlainHttp: false,
    announce: (url) => signInUrls.push(url),
    now: () => now,
  });
});
afterEach(() => server.close());

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function call(path: string, { method = 'GET', headers = {}, body }: Call = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ port: server.port, host: '127.0.0.1', path, method, headers }, (answer) => {
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

const own = (): Record<string, string> => ({
  origin: `http://127.0.0.1:${server.port}`,
  'content-type': 'application/json',
});
const newestToken = (): string => signInUrls.at(-1)?.split('#sign-in=')[1] ?? '';

const signIn = (token: string): Promise<Answer> =>
  call('/api/session', { method: 'POST', headers: own(), body: JSON.stringify({ token }) });

async function session(): Promise<{ cookie: string; 'x-snaps-page': string }> {
  const answer = await signIn(newestToken());
  const cookie = String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '';
  return { cookie, 'x-snaps-page': JSON.parse(answer.body).pageToken };
}

function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.end(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('the web host', () => {
  it('gives no data without a session, on any route', async () => {
    for (const path of ['/api/runs', '/api/runs/r1', '/api/accounts', '/api/openapi.json', '/metrics', '/nothing']) {
      const answer = await call(path);
      expect(answer.status, path).toBe(401);
      expect(answer.body).not.toContain('r1');
    }
  });

  it('gives data to the page that holds cookie and page token', async () => {
    const answer = await call('/api/runs', { headers: await session() });
    expect(JSON.parse(answer.body)).toEqual({ runs, next: null });
  });

  it('gives nothing for the cookie alone, which another port of this machine can collect', async () => {
    const { cookie } = await session();
    expect((await call('/api/runs', { headers: { cookie } })).status).toBe(401);
  });

  it('names the cookie with its port and keeps scripts and other sites from it', async () => {
    const answer = await signIn(newestToken());
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      new RegExp(`^snaps-${server.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
    );
  });

  it('takes a sign-in token once and announces a fresh one after its use', async () => {
    const token = newestToken();
    expect((await signIn(token)).status).toBe(200);
    expect((await signIn(token)).status).toBe(401);
    expect(newestToken()).not.toBe(token);
  });

  it('refuses a sign-in token after ten minutes, and announces a fresh one to whoever comes with it', async () => {
    now += 10 * 60_000;
    expect((await signIn(newestToken())).status).toBe(401);
    expect(signInUrls).toHaveLength(2);
    expect((await signIn('wrong')).status).toBe(401);
    expect(signInUrls).toHaveLength(2);
    expect((await signIn(newestToken())).status).toBe(200);
  });

  it('stops taking sign-in attempts after twenty wrong ones in a minute, and takes them again later', async () => {
    for (let attempt = 0; attempt < 20; attempt += 1) expect((await signIn('wrong')).status).toBe(401);
    expect((await signIn(newestToken())).status).toBe(429);
    now += 60_001;
    expect((await signIn(newestToken())).status).toBe(200);
  });

  it('ends a session at sign-out', async () => {
    const headers = await session();
    expect(
      (await call('/api/sign-out', { method: 'POST', headers: { ...headers, origin: own().origin ?? '' } })).status,
    ).toBe(200);
    expect((await call('/api/runs', { headers })).status).toBe(401);
  });

  it('serves no other name than its own, so that a rebound name reaches nothing', async () => {
    const headers = await session();
    for (const name of ['evil.test', '127.0.0.1.evil', 'localhost.', '0.0.0.0', '[::1]']) {
      const answer = await call('/api/runs', { headers: { ...headers, host: `${name}:${server.port}` } });
      expect(answer.status, name).toBe(421);
    }
    expect((await call('/healthz', { headers: { host: '127.0.0.1:1' } })).status).toBe(421);
    expect((await call('/healthz', { headers: { host: `localhost:${server.port}` } })).status).toBe(200);
  });

  it('refuses two hosts, no host and a request for a whole URL', async () => {
    const hostLine = `Host: 127.0.0.1:${server.port}\r\n`;
    const end = 'Connection: close\r\n\r\n';
    expect(await raw(`GET /healthz HTTP/1.1\r\n${hostLine}${hostLine}${end}`)).toMatch(/^HTTP\/1\.1 400/u);
    expect(await raw(`GET /healthz HTTP/1.1\r\n${end}`)).toMatch(/^HTTP\/1\.1 400/u);
    expect(await raw(`GET http://127.0.0.1:${server.port}/healthz HTTP/1.1\r\n${hostLine}${end}`)).toMatch(
      /^HTTP\/1\.1 400/u,
    );
  });

  it('refuses smuggled bodies and TRACE', async () => {
    const head = `POST /api/session HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n`;
    expect(await raw(`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 400/u,
    );
    expect((await call('/', { method: 'TRACE' })).status).toBeGreaterThanOrEqual(400);
  });

  it('lets no other site change or read anything', async () => {
    const headers = await session();
    const body = JSON.stringify({ token: newestToken() });
    const post = (extra: Record<string, string>) =>
      call('/api/session', { method: 'POST', headers: { 'content-type': 'application/json', ...extra }, body });
    expect((await post({})).status).toBe(403);
    expect((await post({ origin: 'null' })).status).toBe(403);
    expect((await post({ origin: 'http://evil.test' })).status).toBe(403);
    expect((await post({ ...own(), 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await call('/api/runs', { headers: { ...headers, 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
  });

  it('takes JSON only', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const answer = await call('/api/session', {
        method: 'POST',
        headers: { ...own(), 'content-type': type },
        body: JSON.stringify({ token: newestToken() }),
      });
      expect(answer.status).toBe(415);
    }
  });

  it('sends the security headers with pages, data, refusals and errors alike', async () => {
    for (const path of ['/', '/healthz', '/api/runs', '/nothing']) {
      const { headers } = await call(path);
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['cross-origin-opener-policy']).toBe('same-origin');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers['cache-control']).toBe('no-store');
    }
  });

  it('answers a body beyond the bound with 413 and a wrong body with the place of the fault', async () => {
    const large = await call('/api/session', {
      method: 'POST',
      headers: own(),
      body: `{"token":"${'x'.repeat(4_200_000)}"}`,
    });
    expect(large.status).toBe(413);
    const wrong = await call('/api/session', { method: 'POST', headers: own(), body: '{"tok":1}' });
    expect(wrong.status).toBe(400);
    expect(JSON.parse(wrong.body).reason).toContain('token');
  });

  it('listens beyond this machine only with a public URL that has TLS', async () => {
    const open = (publicUrl: string | undefined) =>
      startServer({ ...host, config: { ...host.config, publicUrl } } as Host, {
        port: 0,
        address: '0.0.0.0',
        allowPlainHttp: false,
        announce: () => undefined,
      });
    await expect(open(undefined)).rejects.toMatchObject({ code: 'SNAP_CONFIG_INVALID' });
    await expect(open('http://snaps.example')).rejects.toMatchObject({ code: 'SNAP_CONFIG_INVALID' });
    const exposed = await open('https://snaps.example');
    expect(exposed.url).toBe('https://snaps.example');
    await exposed.close();
  });

  it('says which port is taken', async () => {
    const options = { port: server.port, address: '127.0.0.1', allowPlainHttp: false, announce: () => undefined };
    await expect(startServer(host, options)).rejects.toMatchObject({
      code: 'SNAP_CONFIG_INVALID',
      reason: 'another process has the port',
    });
  });

  it('opens its numbers, and nothing else, to a scraper with the token of the configuration', async () => {
    const scrape = (path: string, authorization: string) => call(path, { headers: { authorization } });
    expect((await scrape('/metrics', 'Bearer scrape-me')).status).toBe(200);
    expect((await scrape('/metrics', 'Bearer scrape-m')).status).toBe(401);
    expect((await scrape('/api/runs', 'Bearer scrape-me')).status).toBe(401);
    expect((await call('/metrics', { method: 'POST', headers: { authorization: 'Bearer scrape-me' } })).status).toBe(
      403,
    );
  });
});

// SECURITY: every route of the described API, asked as somebody who must get nothing.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { signIn } from '../support/session.ts';

const description = JSON.parse(readFileSync('schemas/host/openapi.json', 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
};
const open = new Set(['/healthz', '/readyz', '/api/session']);
const routes = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => ({ path: path.replaceAll(/\{\w+\}/gu, '0'), method: method.toUpperCase() })),
);
const guarded = routes.filter(({ path }) => !open.has(path));

let touched = 0;
/** A host that counts every question: none may come through. */
const host = {
  config: { publicUrl: undefined, dataDirectory: '/nowhere' },
  ...Object.fromEntries(
    ['catalog', 'accounts', 'authorizations', 'runs', 'pipelines', 'keys'].map((part) => [
      part,
      new Proxy({}, { get: () => () => count() }),
    ]),
  ),
  preview: () => count(),
  evaluate: () => count(),
  suggest: () => count(),
  checkDraft: () => count(),
  startRun: () => count(),
  isReady: async () => true,
} as unknown as Host;

async function count(): Promise<never> {
  touched += 1;
  throw new Error('the host was asked');
}

let server: RunningServer;
let session: { cookie: string; 'x-snaps-page': string };

beforeAll(async () => {
  const urls: string[] = [];
  server = await startServer(host, {
    port: 0,
    address: '127.0.0.1',
    allowPlainHttp: false,
    announce: (url) => urls.push(url),
  });
  session = await signIn(server, urls[0] ?? '');
});

afterAll(() => server.close());

async function crawl(headers: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const outcomes = await Promise.all(
    guarded.map(async ({ path, method }) => {
      const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' };
      const type = 'body' in body ? { 'content-type': 'application/json' } : {};
      const answer = await fetch(`${server.url}${path}`, { method, headers: { ...type, ...headers }, ...body });
      await answer.text();
      // A download needs a ticket in place of a session; without a true one there is nothing at the path.
      const isRefused = [401, 403].includes(answer.status) || (path.startsWith('/downloads/') && answer.status === 404);
      return isRefused ? undefined : `${method} ${path} answered ${answer.status}`;
    }),
  );
  return outcomes.filter((outcome) => outcome !== undefined);
}

describe('every described route', () => {
  it('is found by the crawl', () => {
    expect(guarded.length).toBeGreaterThan(30);
  });

  it('gives nothing without a session', async () => {
    expect(await crawl({ origin: server.url })).toEqual([]);
    expect(touched).toBe(0);
  });

  it('gives nothing for the cookie alone, which another port of this machine can collect', async () => {
    expect(await crawl({ origin: server.url, cookie: session.cookie })).toEqual([]);
    expect(touched).toBe(0);
  });

  it('gives nothing for the page token alone', async () => {
    expect(await crawl({ origin: server.url, 'x-snaps-page': session['x-snaps-page'] })).toEqual([]);
    expect(touched).toBe(0);
  });

  it('gives nothing to a page of another origin, even with both', async () => {
    expect(await crawl({ ...session, origin: 'http://evil.test' })).toEqual([]);
    expect(touched).toBe(0);
  });

  it('sends the security headers with failures of the host too', async () => {
    const answer = await fetch(`${server.url}/api/runs`, { headers: session });
    expect(answer.status).toBe(500);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

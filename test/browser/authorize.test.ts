// A person's whole story in a real browser: a client made in the far side's pages, an account here, Authorize, Allow, a run.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Host, openHost, resolveConfig } from '../../src/host.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { startChromium } from '../support/chromium.ts';
import { createFarClient, logInAtFarSide } from '../support/far-pages.ts';

const invoices = 120;
let chromium: Browser;
let simulator: Simulator;
beforeAll(async () => {
  chromium = await startChromium();
  simulator = await startSimulator({ records: invoices, ratePerSecond: 0 });
}, 60_000);
afterAll(async () => {
  await chromium.close();
  await simulator.close();
});

let folder: string;
let host: Host;
let server: RunningServer;
let signInUrl: string;
let context: BrowserContext;
let page: Page;
let requests: Request[];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-browser-'));
  const environment = { SNAPS_DATA_DIR: path.join(folder, 'data'), SNAPS_ALLOWED_HOSTS: '127.0.0.1' };
  host = await openHost(await resolveConfig({ directory: folder, environment }));
  const announce = (url: string): void => {
    signInUrl = url;
  };
  server = await startServer(host, { port: 0, address: '127.0.0.1', allowPlainHttp: false, announce });
  context = await chromium.newContext();
  page = await context.newPage();
  requests = [];
  context.on('request', (request) => requests.push(request));
});
afterEach(async () => {
  await context.close();
  await server.close();
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

const farSide = (): string => simulator.url.replace('127.0.0.1', 'localhost');

function createClient(name: string): Promise<{ clientId: string; clientSecret: string }> {
  const redirectUri = `${server.url}/oauth/callback`;
  return createFarClient(page, {
    farSide: simulator.url,
    name,
    redirectUri,
    scopes: ['core.invoice.read', 'offline_access'],
  });
}

/** Signs the browser in at the host; what it then asks goes through the page, with its cookies and its origin. */
async function openHostPage(): Promise<
  (method: string, address: string, body?: object) => Promise<Record<string, unknown>>
> {
  await page.goto(`${server.url}/healthz`);
  const token = new URL(signInUrl).hash.split('=')[1];
  const { pageToken } = await ask('POST', '/api/session', { token });
  return (method, address, body) => ask(method, address, body, String(pageToken));
}

function ask(method: string, address: string, body?: object, pageToken = ''): Promise<Record<string, unknown>> {
  return page.evaluate(
    async ([verb, target, text, held]) => {
      const headers = { 'content-type': 'application/json', 'x-snaps-page': held };
      const answer = await fetch(target, { method: verb, headers, ...(text === '' ? {} : { body: text }) });
      return (await answer.json()) as Record<string, unknown>;
    },
    [method, address, body === undefined ? '' : JSON.stringify(body), pageToken] as const,
  );
}

async function addAccount(name: string): Promise<{ secret: string; call: Awaited<ReturnType<typeof openHostPage>> }> {
  const { clientId, clientSecret } = await createClient(name);
  const call = await openHostPage();
  const scopes = 'core.invoice.read offline_access';
  const settings = { host: simulator.url, grant: 'authorization_code', clientId, scopes };
  await call('POST', '/api/accounts', { name, type: 'coupa.oauth2', settings, secrets: { clientSecret } });
  return { secret: clientSecret, call };
}

/** Follows the address that the host gave, as a click on Authorize does, and decides on the consent page by a click. */
async function goAndPress(authorizeUrl: string, button: 'Allow' | 'Deny'): Promise<string> {
  await page.goto(authorizeUrl);
  // Whoever is logged in at the far side's pages still chooses here.
  await page.getByRole('button', { name: button }).click();
  await page.waitForURL(`${server.url}/oauth/result/**`);
  return await page.locator('main').innerText();
}

const stateOf = async (name: string) => (await host.accounts.show(name)).state;

describe('a person in a browser', () => {
  it('makes a client, adds an account, authorizes it by a click and runs a pipeline', async () => {
    const { secret, call } = await addAccount('story');
    const begun = await call('POST', '/api/accounts/story/authorize', {});
    requests = [];
    expect(await goAndPress(String(begun.authorizeUrl), 'Allow')).toContain('Account "story" can be used now');
    expect(await stateOf('story')).toBe('authorized');

    const callback = requests.find((request) => request.url().includes('/oauth/callback?'));
    const code = new URL(callback?.url() ?? '').searchParams.get('code') ?? 'none';
    const later = requests.slice(requests.indexOf(callback as Request) + 1);
    for (const request of later) {
      expect(request.url()).not.toContain(code);
      expect(request.headers().referer ?? '').not.toContain(code);
    }
    expect(page.url()).not.toContain('?');

    const file = path.join(folder, 'story.pipeline.json');
    writeFileSync(file, readFileSync('examples/invoices-to-ndjson.pipeline.json', 'utf8'));
    const run = await host.startRun({ file, outputDirectory: folder, accounts: { coupa: 'story' } });
    expect((await run.finished).state).toBe('completed');
    const lines = readFileSync(path.join(folder, 'invoices.ndjson'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(invoices);
    expect(readFileSync(path.join(folder, 'data', 'snaps.sqlite')).includes(secret)).toBe(false);
  }, 60_000);

  it('comes back every time from a consent page that asks for a click, with a strict session cookie that does not (18)', async () => {
    const { call } = await addAccount('often');
    // Ports do not part sites: by its other name, the far side is a site of its own, as a real one is.
    await page.goto(`${farSide()}/oauth2/clients`);
    await logInAtFarSide(page);
    for (let round = 0; round < 10; round += 1) {
      await page.goto(`${server.url}/healthz`);
      const begun = await call('POST', '/api/accounts/often/authorize', {});
      requests = [];
      const address = String(begun.authorizeUrl).replace(simulator.url, farSide());
      expect(await goAndPress(address, 'Allow')).toContain('can be used now');
      const callback = requests.find((request) => request.url().includes('/oauth/callback?'));
      const cookies = (await callback?.allHeaders())?.cookie ?? '';
      expect(cookies).toContain(`snaps-${server.port}-flow-`);
      expect(cookies).not.toContain(`snaps-${server.port}=`);
    }
  }, 120_000);

  it('denies, is told so, and the account is unchanged', async () => {
    const { call } = await addAccount('denied');
    const begun = await call('POST', '/api/accounts/denied/authorize', {});
    const before = simulator.stats().authorization.tokenRequests;
    const words = await goAndPress(String(begun.authorizeUrl), 'Deny');
    expect(words).toContain('Not authorized');
    expect(words).toContain('access_denied');
    expect(await stateOf('denied')).toBe('new');
    expect(simulator.stats().authorization.tokenRequests).toBe(before);
  }, 60_000);

  it('comes back with a wrong, a used or a foreign state, is told so, and nothing changes', async () => {
    const { call } = await addAccount('lost');
    const callback = `${server.url}/oauth/callback`;
    const wordsAt = async (address: string): Promise<string> => {
      await page.goto(address);
      return await page.locator('main').innerText();
    };
    expect(await wordsAt(`${callback}?code=c&state=wrong`)).toContain('Nothing was changed');
    await page.goto(`${server.url}/healthz`);
    const fresh = await call('POST', '/api/accounts/lost/authorize', {});
    const state = new URL(String(fresh.authorizeUrl)).searchParams.get('state');
    // Another browser that was sent the link.
    const other = await chromium.newContext();
    const stranger = await other.newPage();
    await stranger.goto(`${callback}?code=c&state=${state}`);
    expect(await stranger.locator('main').innerText()).toContain('Nothing was changed');
    await other.close();
    expect(await stateOf('lost')).toBe('new');
    await goAndPress(String(fresh.authorizeUrl), 'Allow');
    const used = requests.find(
      (request) => request.url().startsWith(`${callback}?`) && request.url().includes(`${state}`),
    );
    const before = simulator.stats().authorization.tokenRequests;
    expect(await wordsAt(used?.url() ?? '')).toContain('Already done');
    expect(simulator.stats().authorization.tokenRequests).toBe(before);
    expect(await stateOf('lost')).toBe('authorized');
  }, 60_000);
});

// A simulated tenant, a host on it and a real browser on the host's page: what browser tests and screenshots work with.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Host } from '../../src/host/host.ts';
import { openHost, resolveConfig } from '../../src/host.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';
import { startChromium } from './chromium.ts';

const scopes = ['core.invoice.read', 'core.supplier.read', 'core.common.read'];

export interface WebHost {
  readonly simulator: Simulator;
  readonly host: Host;
  readonly server: RunningServer;
  readonly browser: Browser;
  /** What the pages did that they must not do: policy violations, script errors, requests to other places. */
  readonly flaws: string[];
  /** Adds an account of a fresh client, and authorizes it. */
  addAccount(name: string): Promise<void>;
  /** A page that is signed in. Each has a context of its own. */
  open(options?: Parameters<Browser['newContext']>[0]): Promise<Page>;
  close(): Promise<void>;
}

export async function startWebHost(simulated: Partial<SimulatorOptions> = {}): Promise<WebHost> {
  const simulator = await startSimulator({ records: 2_000, ratePerSecond: 100_000, burst: 100_000, ...simulated });
  const folder = mkdtempSync(path.join(tmpdir(), 'snaps-web-'));
  const host = await openHost(
    await resolveConfig({
      directory: folder,
      environment: { SNAPS_DATA_DIR: path.join(folder, 'data'), SNAPS_ALLOWED_HOSTS: '127.0.0.1' },
    }),
  );
  const signInUrls: string[] = [];
  const server = await startServer(host, {
    port: 0,
    address: '127.0.0.1',
    allowPlainHttp: false,
    announce: (url) => signInUrls.push(url),
  });
  const browser = await startChromium();
  const flaws: string[] = [];
  return {
    simulator,
    host,
    server,
    browser,
    flaws,
    addAccount: (name) => addAccount(host, simulator, name),
    open: async (options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
      watch(context, server.url, flaws);
      const page = await context.newPage();
      await page.goto(signInUrls.at(-1) ?? '');
      await page.getByRole('navigation', { name: 'Main' }).waitFor();
      return page;
    },
    close: async () => {
      await browser.close();
      await server.close();
      await host.close();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function addAccount(host: Host, simulator: Simulator, name: string): Promise<void> {
  const login = `${name}-${Math.random().toString(36).slice(2)}`;
  const { clientId, clientSecret } = simulator.registerClient({
    name: login,
    login,
    grantType: 'client_credentials',
    scopes,
  });
  await host.accounts.add({
    name,
    type: 'coupa.oauth2',
    settings: { host: simulator.url, clientId, scopes: scopes.join(' ') },
    secrets: { clientSecret },
  });
  await host.accounts.authorize(name);
}

function watch(context: BrowserContext, origin: string, flaws: string[]): void {
  context.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('blob:'))
      flaws.push(`left for ${request.url()}`);
  });
  context.on('weberror', (error) => flaws.push(`script error: ${error.error().message}`));
  context.on('console', (message) => {
    if (/Content Security Policy|Refused to/u.test(message.text())) flaws.push(message.text());
  });
}

/** A pipeline that reads invoices and writes them to a file. */
export function invoicePipeline(name: string, account: string, settings: object = {}) {
  return {
    name,
    snaps: [
      { id: 'read', snap: 'coupa.read', account, settings: { resource: 'invoices', ...settings } },
      { id: 'shape', snap: 'core.map', settings: { fields: { id: 'id', number: '`invoice-number`' } } },
      { id: 'write', snap: 'core.write-file', settings: { path: 'invoices.ndjson' } },
    ],
    links: [
      ['read', 'shape'],
      ['shape', 'write'],
    ],
  };
}

/** The plot of a run's throughput with documents in it: an empty one shows a rate of 0. */
export const drawnThroughput = (page: Page) =>
  page.getByRole('img', { name: /^Throughput\. read[^;]* last, [\d.,]*[1-9][\d.,]*\/s at most/u });

/** Starts a run as the page does, and gives its id. */
export async function startRun(page: Page, pipeline: object): Promise<string> {
  const { runId } = await post<{ runId: string }>(page, '/api/runs', { pipeline });
  return runId;
}

/** Asks the host from within the page, with its session. */
export async function post<T>(page: Page, route: string, body: object): Promise<T> {
  return await page.evaluate(
    async ({ target, text, key }) => {
      const token = sessionStorage.getItem('snaps-page-token') ?? '';
      const headers = { 'content-type': 'application/json', 'idempotency-key': key, 'x-snaps-page': token };
      const answer = await fetch(target, { method: 'POST', headers, body: text });
      return (await answer.json()) as T;
    },
    { target: route, text: JSON.stringify(body), key: crypto.randomUUID() },
  );
}

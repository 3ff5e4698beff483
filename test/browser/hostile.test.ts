// SECURITY 38 to 42 in a real browser: hostile records, hostile files and hostile pages get neither script nor data.
import { writeFileSync } from 'node:fs';
import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/document/json.ts';
import { post, startRun, startWebHost, type WebHost } from '../support/web-host.ts';

const records = 1_000;
const payload =
  '"><img src=x onerror=globalThis.pwned=1><script>globalThis.pwned=1</script><svg onload=globalThis.pwned=1>';
/** Enough of it to be found where a cell cuts it short. */
const mark = '"><img src=x';

let web: WebHost;
let page: Page;
let farSide: Server;

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const listen = (server: Server): Promise<Server> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));

beforeAll(async () => {
  web = await startWebHost({ records });
  farSide = await listen(poisoned(web.simulator.url));
  const scopes = 'core.invoice.read core.supplier.read core.supplier.write';
  const { clientId, clientSecret } = web.simulator.registerClient({
    name: 'Hostile',
    login: 'hostile',
    grantType: 'client_credentials',
    scopes: scopes.split(' '),
  });
  const settings = { host: urlOf(farSide), clientId, scopes };
  await web.host.accounts.add({ name: 'hostile', type: 'coupa.oauth2', settings, secrets: { clientSecret } });
  await web.host.accounts.authorize('hostile');
  page = await web.open();
});

afterAll(async () => {
  farSide.closeAllConnections();
  farSide.close();
  await web.close();
});

/** A far side that answers as the simulator does, with the payload in every name and text below /api. */
function poisoned(origin: string): Server {
  return createServer((request, response) => {
    const headers = { ...request.headers, host: new URL(origin).host };
    const onward = forward(`${origin}${request.url}`, { method: request.method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        const { 'content-length': _length, ...more } = answer.headers;
        response.writeHead(answer.statusCode ?? 500, more);
        response.end(
          request.url?.startsWith('/api/') ? JSON.stringify(poison(JSON.parse(body.toString('utf8')))) : body,
        );
      });
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
}

/** The payload in each text, and as one more name in each object. */
function poison(value: JsonValue): JsonValue {
  if (typeof value === 'string') return `${value}${payload}`;
  if (Array.isArray(value)) return value.map(poison);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, poison(member)]);
  return Object.fromEntries([...members, [payload, payload]]) as JsonObject;
}

/** What the payloads on the page have become: nothing but text. */
async function expectTextAlone(least: number): Promise<void> {
  const shown = async (): Promise<number> => (await page.locator('body').innerText()).split(mark).length - 1;
  await expect.poll(shown, { timeout: 20_000 }).toBeGreaterThan(least);
  const found = await page.evaluate(`({
    pwned: globalThis.pwned,
    elements: [...document.querySelectorAll('main img, main script, svg[onload], iframe, object, embed, [onerror], [onload]')].length,
    links: [...document.querySelectorAll('a[href]:not(.react-flow__attribution a)')].filter((link) => !/^(#|blob:)/.test(link.getAttribute('href'))).length,
  })`);
  expect(found).toEqual({ elements: 0, links: 0 });
}

const tab = (name: RegExp) => page.getByRole('tab', { name });
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const visit = (route: string) => page.goto(`${web.server.url}/#${route}`);

/** Puts a frame with this address into a page. */
const addFrame = (into: Page, url: string) =>
  into.evaluate(`{
    const frame = document.createElement('iframe');
    frame.src = ${JSON.stringify(url)};
    document.body.append(frame);
  }`);

/** The address that serves a download once. */
const ticket = async (runId: string): Promise<string> =>
  (await post<{ url: string }>(page, `/api/runs/${runId}/outputs/0/ticket`, {})).url;

describe('a hostile far side', () => {
  const settings = {
    resource: 'invoices',
    fields: [
      'id',
      'invoice-number',
      'status',
      'comments',
      { supplier: ['id', 'name', 'number'] },
      { currency: ['code'] },
    ],
  };
  const read = { id: 'read', snap: 'coupa.read', account: 'hostile', settings };

  it('puts no script and no markup on the page with a payload in every text of a thousand records', async () => {
    const pipeline = {
      name: 'poisoned',
      snaps: [
        read,
        { id: 'log', snap: 'core.log' },
        { id: 'fail', snap: 'core.map', errors: 'route', settings: { fields: { n: '$number(`invoice-number`)' } } },
        { id: 'write', snap: 'core.write-file', settings: { path: 'poisoned.ndjson' } },
        { id: 'all', snap: 'core.write-file', settings: { path: 'all.ndjson' } },
      ],
      links: [
        ['read', 'log'],
        ['log', 'fail'],
        ['fail', 'write'],
        ['log', 'all'],
      ],
    };
    await visit(`/runs/${await startRun(page, pipeline)}`);
    await page.locator('.badge-good', { hasText: 'completed' }).first().waitFor();
    await tab(/^Errors/u).click();
    await page.getByText('The document', { exact: true }).first().waitFor();
    for (const document of await page.getByText('The document', { exact: true }).all()) await document.click();
    await expectTextAlone(200);
    await tab(/^Log/u).click();
    await expectTextAlone(90);
    await tab(/^Outputs/u).click();
    const file = page.getByRole('listitem').filter({ hasText: 'all.ndjson' });
    await file.getByRole('button', { name: 'Look' }).click();
    await expectTextAlone(100);
    await page.keyboard.press('Escape');

    await web.host.pipelines.save({ name: 'poisoned', pipeline, basedOn: 0 });
    await visit('/designer/poisoned');
    await button('Preview').click();
    await page.locator('.react-flow__node[data-id="read"]').click();
    await page.getByRole('tab', { name: 'Table' }).waitFor();
    await expectTextAlone(50);
    await tab(/^JSON/u).click();
    await expectTextAlone(10);
    await page.locator('.react-flow__node[data-id="fail"]').dblclick();
    await page.getByRole('dialog').locator('.expression-values .field-fault').first().waitFor();
    await expectTextAlone(1);
    await page.keyboard.press('Escape');
  }, 180_000);

  it('says why it refuses in text alone, wherever that is shown', async () => {
    const refused = {
      name: 'refused',
      snaps: [
        { ...read, settings: { resource: 'invoices', limit: 1 } },
        { id: 'shape', snap: 'core.map', settings: { fields: { status: '"active"' } } },
        {
          id: 'create',
          snap: 'coupa.create',
          account: 'hostile',
          settings: { resource: 'suppliers', validation: 'off' },
        },
      ],
      links: [
        ['read', 'shape'],
        ['shape', 'create'],
      ],
    };
    await visit(`/runs/${await startRun(page, refused)}`);
    await page.getByRole('alert').first().waitFor();
    await expectTextAlone(0);
    await visit('/');
    await page.getByRole('region', { name: 'Needs you' }).waitFor();
    expect(await page.evaluate('globalThis.pwned')).toBeUndefined();
    expect(web.flaws).toEqual([]);
  }, 60_000);
});

describe('a hostile file that a run made', () => {
  it.each([
    ['page.html', '<!doctype html><script>globalThis.pwned=1;fetch("/healthz?pwned")</script>'],
    [
      'picture.svg',
      '<svg xmlns="http://www.w3.org/2000/svg" onload="fetch(\'/healthz?pwned\')"><script>fetch("/healthz?pwned")</script></svg>',
    ],
  ])(
    'is downloaded and runs no script when it is opened: %s',
    async (name, content) => {
      const runId = await startRun(page, {
        name: 'files',
        snaps: [
          { id: 'read', snap: 'coupa.read', account: 'hostile', settings: { resource: 'invoices', limit: 1 } },
          { id: 'write', snap: 'core.write-file', settings: { path: name, format: 'ndjson' } },
        ],
        links: [['read', 'write']],
      });
      await expect.poll(async () => (await web.host.runs.show(runId)).state).toBe('completed');
      writeFileSync((await web.host.runs.output(runId, 0)).path, content);
      const asked: string[] = [];
      page.context().on('request', (request) => asked.push(request.url()));

      // As the button does it, then as somebody who opens the address itself, in a window and in a frame of our own page.
      await visit(`/runs/${runId}`);
      await tab(/^Outputs/u).click();
      const downloading = page.waitForEvent('download');
      await button('Download').click();
      expect((await downloading).suggestedFilename()).toBe(name);
      const opened = await page.context().newPage();
      const download = opened.waitForEvent('download');
      await opened.goto(`${web.server.url}${await ticket(runId)}`).catch(() => undefined);
      await download;
      expect(opened.url()).toBe('about:blank');
      await opened.close();
      const framed = page.waitForEvent('download');
      await addFrame(page, await ticket(runId));
      await framed;
      expect(await page.evaluate('globalThis.pwned')).toBeUndefined();
      expect(asked.filter((url) => url.includes('pwned'))).toEqual([]);
    },
    60_000,
  );
});

describe('a page of another origin', () => {
  it('gets nothing, from another port with our cookies and under another name', async () => {
    const evil = await listen(
      createServer((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<!doctype html><title>evil</title>');
      }),
    );
    try {
      const stranger = await page.context().newPage();
      for (const origin of [urlOf(evil), urlOf(evil).replace('127.0.0.1', 'localhost')]) {
        await stranger.goto(origin);
        const got = await stranger.evaluate(async (target) => {
          const tries = ['/api/runs', '/api/accounts', '/api/openapi.json', '/'].flatMap((path) =>
            (['cors', 'no-cors'] as const).map(async (mode) => {
              const answer = await fetch(`${target}${path}`, { mode, credentials: 'include' });
              return `${path} ${mode} ${answer.type} ${(await answer.text()).length}`;
            }),
          );
          const writes = ['text/plain', 'application/json'].map(async (type) => {
            const headers = { 'content-type': type };
            const answer = await fetch(`${target}/api/runs`, {
              method: 'POST',
              credentials: 'include',
              headers,
              body: '{}',
            });
            return `POST ${answer.status}`;
          });
          const all = await Promise.allSettled([...tries, ...writes]);
          return all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
        }, web.server.url);
        // What a browser hands over without asking is opaque and empty to the page.
        expect(got.filter((each) => !/ no-cors opaque 0$/u.test(each))).toEqual([]);
        await addFrame(stranger, `${web.server.url}/`);
        // In the frame stands what the browser says about a page that must not be framed.
        await expect
          .poll(() =>
            stranger
              .frames()
              .at(-1)
              ?.evaluate('document.body.innerText')
              .catch(() => 'kept away'),
          )
          .not.toContain('snaps');
      }
      await stranger.close();
    } finally {
      evil.close();
    }
  }, 60_000);
});

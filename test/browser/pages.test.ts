import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { seriousViolations } from '../support/axe.ts';
import { openHostPage } from '../support/host-page.ts';
import { drawnThroughput, invoicePipeline, startRun, startWebHost, type WebHost } from '../support/web-host.ts';

let web: WebHost;
let page: Page;
openHostPage({ records: 300 }, (opened) => {
  ({ web, page } = opened);
});

const visit = async (route: string): Promise<void> => {
  await page.goto(`${web.server.url}/#${route}`);
  await page.locator('h1').waitFor();
  await page.locator('.loading').first().waitFor({ state: 'detached' });
};

const tab = (name: RegExp) => page.getByRole('tab', { name });

describe('the web page', () => {
  it('has no serious accessibility fault on any page, in both themes and at phone width', async () => {
    const runId = await startRun(page, invoicePipeline('first', 'tenant'));
    const routes = [
      '/',
      '/runs',
      `/runs/${runId}`,
      '/accounts',
      '/accounts/tenant',
      '/add-account',
      '/schedules',
      '/catalog',
    ];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const route of [...routes, '/catalog/snaps/core.map', '/catalog/resources/invoices', '/nowhere']) {
        await visit(route);
        expect(await seriousViolations(page), `${route} ${colorScheme}`).toEqual([]);
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 390, height: 844 });
    for (const route of routes) {
      await visit(route);
      expect(await seriousViolations(page), `${route} on a phone`).toEqual([]);
      const isWider = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
      expect(await page.evaluate(isWider), `${route} scrolls sideways`).toBe(false);
    }
    await page.setViewportSize({ width: 1280, height: 860 });
  }, 300_000);

  it('adds an account by its generated form, authorizes and tests it, and never shows the secret again', async () => {
    const { clientId, clientSecret } = web.simulator.registerClient({
      name: 'By form',
      login: 'by-form',
      grantType: 'client_credentials',
      scopes: ['core.invoice.read'],
    });
    await visit('/add-account');
    await page.getByRole('button', { name: 'Add the account' }).click();
    await page.getByText('is needed').first().waitFor();
    await page.getByLabel('Name', { exact: true }).fill('by-form');
    await page.getByLabel('Instance').fill(web.simulator.url);
    await page.getByLabel('Client ID').fill(clientId);
    await page.getByLabel('Client Secret').fill(clientSecret);
    await page.getByLabel('Scopes').fill('core.invoice.read');
    await page.getByRole('button', { name: 'Add the account' }).click();
    await page.getByRole('button', { name: 'Authorize', exact: true }).click();
    await page.locator('.badge-good', { hasText: 'authorized' }).waitFor();
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText('It works').waitFor();
    await tab(/Settings/u).click();
    expect(await page.getByLabel('Client Secret').inputValue()).toBe('');
    expect(await page.content()).not.toContain(clientSecret);
  });

  it('shows a run to its end, with its snaps, its file and a download of it', async () => {
    await visit(`/runs/${await startRun(page, invoicePipeline('to-look-at', 'tenant'))}`);
    await page.locator('.card .badge-good', { hasText: 'completed' }).first().waitFor();
    await page.getByRole('cell', { name: 'read coupa.read' }).waitFor();
    await tab(/Outputs/u).click();
    await page.getByRole('button', { name: 'Look' }).click();
    await page.getByRole('dialog').getByRole('columnheader', { name: 'number' }).waitFor();
    await page.keyboard.press('Escape');
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    const file = await (await downloading).path();
    expect(readFileSync(file, 'utf8').trim().split('\n').length).toBe(300);
    await tab(/Compare/u).click();
    await page.getByText('This is the first run of this pipeline.').waitFor();
  });

  it('moves nothing while data streams in', async () => {
    const slow = await startWebHost({ records: 4_000, ratePerSecond: 25, burst: 20 });
    try {
      await slow.addAccount('tenant');
      const watched = await slow.open();
      const runId = await startRun(watched, invoicePipeline('streaming', 'tenant'));
      await watched.evaluate(`
        window.shifts = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
        }).observe({ type: 'layout-shift' });
      `);
      await watched.goto(`${slow.server.url}/#/runs/${runId}`);
      await watched.locator('.run-progress').waitFor();
      await watched.evaluate('window.shifts = 0');
      await drawnThroughput(watched).waitFor();
      await watched.getByRole('button', { name: 'Run again' }).waitFor();
      expect(Number(await watched.evaluate('window.shifts'))).toBeLessThan(0.02);
    } finally {
      await slow.close();
    }
  }, 120_000);

  it('says why a run failed and what to do', async () => {
    await visit(`/runs/${await startRun(page, invoicePipeline('refused', 'tenant', { resource: 'purchase_orders' }))}`);
    const card = page.getByRole('alert');
    await card.waitFor();
    expect(await card.textContent()).toContain('What to do');
    await visit('/');
    await page.getByRole('region', { name: 'Needs you' }).getByRole('link', { name: 'refused' }).waitFor();
  }, 60_000);

  it('shows what is in documents as text alone', async () => {
    const payload = '<img src=x onerror=document.title=1>';
    const pipeline = {
      name: 'hostile',
      snaps: [
        { id: 'read', snap: 'coupa.read', account: 'tenant', settings: { resource: 'invoices', limit: 3 } },
        { id: 'make', snap: 'core.map', settings: { fields: { text: JSON.stringify(payload) } } },
        { id: 'log', snap: 'core.log' },
        { id: 'write', snap: 'core.write-file', settings: { path: 'hostile.ndjson' } },
      ],
      links: [
        ['read', 'make'],
        ['make', 'log'],
        ['log', 'write'],
      ],
    };
    await visit(`/runs/${await startRun(page, pipeline)}`);
    await tab(/Log/u).click();
    await page.getByText(payload).first().waitFor();
    await tab(/Outputs/u).click();
    await page.getByRole('button', { name: 'Look' }).click();
    await page.getByRole('dialog').getByText(payload).first().waitFor();
    expect(await page.locator('img').count()).toBe(0);
    await page.keyboard.press('Escape');
  });

  it('has an address for every account, pipeline and schedule, whatever the name', async () => {
    const named = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/u);
    const names = ['new', 'constructor', 'v1..2.', ...fc.sample(named, 1)];
    const settings = { host: web.simulator.url, clientId: 'client' };
    for (const name of names) {
      await web.host.accounts.add({ name, type: 'coupa.oauth2', settings, secrets: { clientSecret: 'secret' } });
      const pipeline = invoicePipeline(name, 'tenant', { limit: 1 }) as unknown as JsonObject;
      await web.host.pipelines.save({ name, pipeline, basedOn: 0 });
      await web.host.schedules.add({ name, saved: name, cron: '0 0 1 1 *' });
      const run = await web.host.startRun({ pipeline, outputDirectory: `${web.host.config.dataDirectory}/${name}` });
      await run.finished;
      await visit(`/accounts/${name}`);
      await page.getByRole('heading', { name, exact: true, level: 1 }).waitFor();
      await page.getByRole('button', { name: 'Authorize', exact: true }).waitFor();
      await visit(`/designer/${name}`);
      await page.getByRole('heading', { name, exact: true, level: 1 }).waitFor();
      await page.getByRole('button', { name: 'Saved as 1' }).waitFor();
      await visit(`/runs?pipeline=${name}`);
      await page.getByRole('link', { name, exact: true }).waitFor();
    }
    await visit('/schedules');
    for (const name of names) {
      await page.getByRole('button', { name: `Pause ${name}`, exact: true }).click();
      await page.getByRole('button', { name: `Resume ${name}`, exact: true }).waitFor();
    }
  }, 120_000);

  it('is reached with the keyboard alone and puts the focus on the new page', async () => {
    await visit('/');
    await page.getByRole('link', { name: 'Runs', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.locator('h1:focus', { hasText: 'Runs' }).waitFor();
  });

  it('says what to do when nobody is signed in', async () => {
    const stranger = await (await web.browser.newContext()).newPage();
    await stranger.goto(web.server.url);
    await stranger.getByText('You are not signed in').waitFor();
    await stranger.context().close();
  });
});

// Makes the pictures of the README in docs/images from the real page, with the simulator behind it.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import buildPage from '../test/support/build-page.ts';
import { invoicePipeline, startWebHost, type WebHost } from '../test/support/web-host.ts';

const folder = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '..', 'docs', 'images'));

mkdirSync(folder, { recursive: true });
await buildPage();
const web = await startWebHost({ records: 6_000, ratePerSecond: 25, burst: 20 });
try {
  await web.addAccount('production');
  await startRun(web, 'quick', { limit: 200 });
  await startRun(web, 'broken', { resource: 'purchase_orders' });
  const page = await web.open();
  const runId = await startRun(web, 'nightly-invoices', {}, false);
  await page.goto(`${web.server.url}/#/runs/${runId}`);
  await page.locator('.plot canvas').first().waitFor();
  await page.getByRole('button', { name: 'Run again' }).waitFor({ timeout: 60_000 });
  await picture(page, 'run');
  for (const [name, route] of Object.entries({
    home: '#/',
    'account-form': '#/accounts/new',
    catalog: '#/catalog',
    resource: '#/catalog/resources/invoices',
  })) {
    await page.goto(`${web.server.url}/${route}`);
    await picture(page, name);
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${web.server.url}/#/`);
  await picture(page, 'home-dark');
  await page.goto(`${web.server.url}/#/runs/${runId}`);
  await page.locator('.plot canvas').first().waitFor();
  await picture(page, 'run-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  await picture(page, 'run-phone');
} finally {
  await web.close();
}

async function picture(page: Page, name: string): Promise<void> {
  await page.locator('h1').waitFor();
  await page.locator('.loading').first().waitFor({ state: 'detached' });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

/** Starts a run through the API, as the page does, and waits for its end unless it is to be watched. */
async function startRun({ open, host }: WebHost, name: string, settings: object, isAwaited = true): Promise<string> {
  const page = await open();
  const pipeline = invoicePipeline(name, 'production', settings);
  const runId = await page.evaluate(async (body) => {
    const answer = await fetch('/api/runs', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
        'x-snaps-page': sessionStorage.getItem('snaps-page-token') ?? '',
      },
      body,
    });
    return ((await answer.json()) as { runId: string }).runId;
  }, JSON.stringify({ pipeline }));
  await page.context().close();
  while (isAwaited && !['completed', 'failed'].includes((await host.runs.show(runId)).state)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return runId;
}

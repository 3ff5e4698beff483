// Makes the pictures of the README in docs/images from the real page, with the simulator behind it.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import buildPage from '../test/support/build-page.ts';
import { drawnThroughput, invoicePipeline, startRun, startWebHost, type WebHost } from '../test/support/web-host.ts';

const folder = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '..', 'docs', 'images'));
const phone = { width: 390, height: 844 };

mkdirSync(folder, { recursive: true });
await buildPage();
// The rate of a real tenant, so that plots and counts show what a person will see.
const web = await startWebHost({ records: 6_000, ratePerSecond: 25, burst: 20 });
try {
  const page = await web.open();
  await prepare(web, page);
  const runId = await designerUnderWay(page);
  await visit(page, `runs/${runId}`);
  await drawnThroughput(page).waitFor();
  await page.getByRole('button', { name: 'Run again' }).waitFor({ timeout: 120_000 });
  await picture(page, 'run');
  for (const [name, route] of Object.entries({
    home: '',
    accounts: 'accounts',
    'account-form': 'add-account',
    catalog: 'catalog',
    resource: 'catalog/resources/invoices',
  })) {
    await visit(page, route);
    await picture(page, name);
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  await visit(page, '');
  await picture(page, 'home-dark');
  await visit(page, `runs/${runId}`);
  await drawnThroughput(page).waitFor();
  await picture(page, 'run-dark');
  await page.setViewportSize(phone);
  await picture(page, 'run-phone');
  await visit(page, '');
  await picture(page, 'home-phone');
} finally {
  await web.close();
}

/** Accounts in several states, a saved pipeline, a run that went well and one that did not. */
async function prepare({ host, simulator, addAccount }: WebHost, page: Page): Promise<void> {
  await addAccount('production');
  await addAccount('sandbox');
  await host.accounts.add({
    name: 'warehouse',
    type: 'core.database',
    settings: { url: 'sqlite:warehouse.sqlite' },
    secrets: {},
  });
  const { clientId, clientSecret } = simulator.registerClient({
    name: 'Approvals',
    login: 'approvals',
    grantType: 'authorization_code',
    redirectUris: [`${web.server.url}/oauth/callback`],
    scopes: ['core.invoice.read', 'offline_access'],
  });
  const settings = { host: simulator.url, grant: 'authorization_code', clientId, scopes: 'core.invoice.read' };
  await host.accounts.add({ name: 'approvals', type: 'coupa.oauth2', settings, secrets: { clientSecret } });
  for (const pipeline of [
    invoicePipeline('new-invoices', 'production', { limit: 200 }),
    invoicePipeline('purchase-orders', 'sandbox', { resource: 'purchase_orders' }),
  ]) {
    const runId = await startRun(page, pipeline);
    while (!['completed', 'failed'].includes((await host.runs.show(runId)).state))
      await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const body = nightly() as unknown as Parameters<typeof host.pipelines.save>[0]['pipeline'];
  await host.pipelines.save({ name: 'nightly-invoices', pipeline: body, basedOn: 0 });
}

/** Read, filter, map and write, with the failed documents in a file of their own. */
function nightly() {
  return {
    name: 'nightly-invoices',
    snaps: [
      {
        id: 'read',
        snap: 'coupa.read',
        title: 'Read invoices',
        account: 'production',
        settings: { resource: 'invoices' },
      },
      { id: 'approved', snap: 'core.filter', title: 'Only approved', settings: { condition: 'status = "approved"' } },
      {
        id: 'shape',
        snap: 'core.map',
        title: 'Shape',
        errors: 'route',
        settings: { fields: { number: '`invoice-number`', supplier: 'supplier.name', total: '`gross-total`' } },
      },
      { id: 'write', snap: 'core.write-file', title: 'Write invoices', settings: { path: 'invoices.ndjson' } },
      { id: 'failed', snap: 'core.write-file', title: 'Write failures', settings: { path: 'failures.ndjson' } },
    ],
    links: [
      ['read', 'approved'],
      ['approved', 'shape'],
      ['shape', 'write'],
      ['shape.error', 'failed'],
    ],
  };
}

/** Runs the pipeline in the designer, takes a picture while it works, and gives the run's id. */
async function designerUnderWay(page: Page): Promise<string> {
  await visit(page, 'designer/nightly-invoices');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const edge = page.locator('.react-flow__edge-text').first();
  while (!/^[1-9]/u.test((await edge.textContent().catch(() => '')) ?? ''))
    await new Promise((resolve) => setTimeout(resolve, 100));
  await page.waitForTimeout(1_500);
  await picture(page, 'designer');
  const href = await page.getByRole('link', { name: 'Open the run' }).getAttribute('href');
  return href?.split('/').at(-1) ?? '';
}

async function visit(page: Page, route: string): Promise<void> {
  await page.goto(`${web.server.url}/#/${route}`);
}

async function picture(page: Page, name: string): Promise<void> {
  await page.locator('h1').waitFor();
  await page.locator('.loading').first().waitFor({ state: 'detached' });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

// An account from the page alone: its form, the redirect URI, Authorize in a new window, and what is said when it goes wrong.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { logInAtFarSide } from '../support/far-pages.ts';
import { invoicePipeline, startWebHost, type WebHost } from '../support/web-host.ts';

let web: WebHost;
let page: Page;

beforeAll(async () => {
  web = await startWebHost({ records: 50 });
  page = await web.open();
});

afterAll(() => web.close());

const button = (name: string) => page.getByRole('button', { name, exact: true });

interface Form {
  readonly name: string;
  readonly grant: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: string;
}

async function fillForm({ name, grant, clientId, clientSecret, scopes }: Form): Promise<void> {
  await page.goto(`${web.server.url}/#/add-account`);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Instance').fill(web.simulator.url);
  await page.getByLabel('Grant type').selectOption({ label: grant });
  await page.getByLabel('Client ID').fill(clientId);
  await page.getByLabel('Client Secret').fill(clientSecret);
  await page.getByLabel('Scopes').fill(scopes);
}

describe('an account on the page', () => {
  it('is authorized by a person in another window, and the page notices by itself', async () => {
    const client = web.simulator.registerClient({
      name: 'Person',
      login: 'person',
      grantType: 'authorization_code',
      redirectUris: [`${web.server.url}/oauth/callback`],
      scopes: ['core.invoice.read', 'offline_access'],
    });
    const scopes = 'core.invoice.read offline_access';
    await fillForm({ name: 'person', grant: 'authorization code', ...client, scopes });
    await page.getByText(`${web.server.url}/oauth/callback`).waitFor();
    await page.getByRole('button', { name: 'Add the account' }).click();
    const opening = page.context().waitForEvent('page');
    await page.getByRole('button', { name: 'Authorize', exact: true }).click();
    const farSide = await opening;
    await logInAtFarSide(farSide);
    await farSide.getByRole('button', { name: 'Allow' }).click();
    await farSide.waitForURL(`${web.server.url}/oauth/result/**`);
    await page.locator('.badge-good', { hasText: 'authorized' }).waitFor();
    await page.getByText('renews itself').waitFor();
    await page.getByRole('tab', { name: 'Scopes' }).click();
    await page.getByText('granted').first().waitFor();
    const elsewhere = web.flaws.filter((flaw) => !flaw.startsWith(`left for ${web.simulator.url}`));
    expect(elsewhere).toEqual([]);
  });

  it('says that the secret is wrong and what to do', async () => {
    const { clientId } = web.simulator.registerClient({
      name: 'Wrong',
      login: 'wrong',
      grantType: 'client_credentials',
      scopes: ['core.invoice.read'],
    });
    const clientSecret = 'not-the-secret';
    await fillForm({ name: 'wrong', grant: 'client credentials', clientId, clientSecret, scopes: 'core.invoice.read' });
    await page.getByRole('button', { name: 'Add the account' }).click();
    await page.getByRole('button', { name: 'Authorize', exact: true }).click();
    const card = page.getByRole('alert');
    await card.waitFor();
    expect(await card.textContent()).toContain('SNAP_ACCOUNT_SECRET_REJECTED');
    expect(await card.textContent()).toContain('What to do');
    await page.goto(`${web.server.url}/#/`);
    await page.getByRole('region', { name: 'Needs you' }).getByRole('link', { name: 'wrong' }).waitFor();
  });

  it('says which pipelines use it, and which scope they lack', async () => {
    const pipeline = invoicePipeline('orders', 'person', { resource: 'purchase_orders' }) as unknown as JsonObject;
    await web.host.pipelines.save({ name: 'orders', pipeline, basedOn: 0 });
    await page.goto(`${web.server.url}/#/accounts/person`);
    const used = page.getByRole('listitem').filter({ hasText: 'orders' });
    await used.getByText('core.purchase_order.read', { exact: false }).first().waitFor();
    await used.getByRole('link', { name: 'authorize account person' }).waitFor();
    await used.getByRole('link', { name: 'orders', exact: true }).click();
    await page.getByRole('heading', { name: 'orders', level: 1 }).waitFor();
  });

  it('of a database has a form of its own, needs nobody to authorize it, and is tested', async () => {
    await page.goto(`${web.server.url}/#/add-account`);
    await page.getByLabel('Type', { exact: true }).selectOption({ label: 'Database' });
    await page.getByLabel('Name', { exact: true }).fill('warehouse');
    await page.getByLabel('Address').fill('nowhere');
    await button('Add the account').click();
    await page.locator('.field-fault').first().waitFor();
    await page.getByLabel('Address').fill(`sqlite:${web.host.config.dataDirectory}/warehouse.sqlite`);
    await button('Add the account').click();
    await page.locator('.badge-good', { hasText: 'ready' }).waitFor();
    expect(await button('Authorize').count()).toBe(0);
    await button('Test').click();
    await page.getByText('It works').waitFor();
    await page.goto(`${web.server.url}/#/accounts/warehouse`);
    await page.getByRole('tab', { name: 'Remove' }).click();
    await button('Remove this account').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.locator('h1', { hasText: 'Accounts' }).waitFor();
  });

  it('is removed after a question that the keyboard can answer', async () => {
    await page.goto(`${web.server.url}/#/accounts/wrong`);
    await page.getByRole('tab', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove this account' }).press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Remove this account' }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).press('Enter');
    await page.locator('h1', { hasText: 'Accounts' }).waitFor();
    expect((await web.host.accounts.list()).map(({ name }) => name)).toEqual(['person']);
  });
});

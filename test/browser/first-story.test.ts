// The first story of a person, in one browser and with no terminal: a client at the far side, an account, a pipeline, a file.
// Once with the mouse, once with the keyboard alone; then it is broken four ways, and the page alone must say why.
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFarClient } from '../support/far-pages.ts';
import { drawnThroughput, startWebHost, type WebHost } from '../support/web-host.ts';

let web: WebHost;
let page: Page;
let client: { readonly clientId: string; readonly clientSecret: string };

beforeAll(async () => {
  web = await startWebHost({ records: 120 });
  page = await web.open({ permissions: ['clipboard-read', 'clipboard-write'] });
});

afterAll(() => web.close());

// Only the person goes to the far side: to make the client, and to allow.
afterEach(() => expect(web.flaws.filter((flaw) => !flaw.startsWith(`left for ${web.simulator.url}`))).toEqual([]));

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const dialog = () => page.getByRole('dialog');
const node = (id: string) => page.locator(`.react-flow__node[data-id="${id}"]`);
const alertText = async (): Promise<string> => (await page.getByRole('alert').first().textContent()) ?? '';

/** Follows Authorize into the window that it opens, allows there, and comes back to a page that knows. */
async function allowInOtherWindow(press: () => Promise<void>): Promise<void> {
  const opening = page.context().waitForEvent('page');
  await press();
  const farSide = await opening;
  await keyboardOf(farSide).key(farSide.getByRole('button', { name: 'Allow' }), 'Enter');
  await farSide.waitForURL(`${web.server.url}/oauth/result/**`);
  await farSide.close();
}

interface Keyboard {
  /** Goes to an element by Tab alone, and presses a key there. */
  key(target: Locator, name: string): Promise<void>;
  /** Goes to a field by Tab alone, and writes there in place of what it held. */
  type(target: Locator, text: string): Promise<void>;
}

const tabsMax = 60;

function keyboardOf(on: Page): Keyboard {
  const tabTo = async (target: Locator): Promise<void> => {
    await target.waitFor({ state: 'attached' });
    for (let tabs = 0; tabs < tabsMax; tabs += 1) {
      const way = await target.evaluate((element) => {
        const active = element.ownerDocument.activeElement;
        if (active === element) return 'here';
        // 4: the focus stands behind the element in the page, as for a person who then goes back.
        return (element.compareDocumentPosition(active) & 4) === 0 ? 'Tab' : 'Shift+Tab';
      });
      if (way === 'here') return;
      await on.keyboard.press(way);
    }
    throw new Error(`${tabsMax} presses of Tab do not lead to ${target}`);
  };
  return {
    key: async (target, name) => {
      await tabTo(target);
      await on.keyboard.press(name);
    },
    type: async (target, text) => {
      await tabTo(target);
      await on.keyboard.press('ControlOrMeta+a');
      await on.keyboard.insertText(text);
    },
  };
}

/** Drags a snap from the catalog to a place of the canvas. */
async function dragSnap(title: string, x: number, y: number): Promise<void> {
  const entry = button(new RegExp(`^Add ${title}`, 'u')).first();
  await entry.dragTo(page.locator('.react-flow__pane'), { targetPosition: { x, y } });
}

/** Draws a link from the output of one snap to the input of another. */
async function drawLink(from: string, to: string): Promise<void> {
  const middle = async (handle: Locator): Promise<{ x: number; y: number }> => {
    const box = await handle.boundingBox();
    if (box === null) throw new Error(`no handle between ${from} and ${to}`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  const source = await middle(node(from).locator('.react-flow__handle.source:not(.is-error)').first());
  const target = await middle(node(to).locator('.react-flow__handle.target').first());
  await page.mouse.move(source.x, source.y);
  await page.mouse.down();
  await page.mouse.move(target.x, target.y, { steps: 8 });
  await page.mouse.up();
}

const links = () => page.locator('.react-flow__edge').count();

describe('the first story, in a browser alone', () => {
  it('goes from a client at the far side to an opened file, with the mouse', async () => {
    await page.goto(`${web.server.url}/#/`);
    await page.getByRole('link', { name: 'add an account' }).click();
    await page.getByLabel('Grant type').selectOption({ label: 'authorization code' });
    await button(/^Copy/u).first().click();
    const redirectUri = await page.evaluate('navigator.clipboard.readText()');
    expect(redirectUri).toBe(`${web.server.url}/oauth/callback`);
    const farPages = await page.context().newPage();
    client = await createFarClient(farPages, {
      farSide: web.simulator.url,
      name: 'nightly',
      redirectUri: String(redirectUri),
      scopes: ['core.invoice.read', 'core.supplier.write', 'core.supplier.read', 'offline_access'],
    });
    await farPages.close();
    await page.getByLabel('Name', { exact: true }).fill('tenant');
    await page.getByLabel('Instance').fill(web.simulator.url);
    await page.getByLabel('Client ID').fill(client.clientId);
    await page.getByLabel('Client Secret').fill(client.clientSecret);
    await page.getByLabel('Scopes').fill('core.invoice.read core.supplier.read core.supplier.write offline_access');
    await button('Add the account').click();
    await allowInOtherWindow(() => button('Authorize').click());
    await page.locator('.badge-good', { hasText: 'authorized' }).waitFor();
    await button('Test').click();
    await page.getByText('It works').waitFor();

    await page.getByRole('link', { name: 'Designer' }).click();
    await button('New pipeline').click();
    await dialog().getByLabel('Name').fill('by-mouse');
    await button('Open the canvas').click();
    await dragSnap('Coupa Read', 20, 20);
    await dragSnap('Filter', 300, 60);
    await dragSnap('Map', 300, 240);
    await dragSnap('Write File', 20, 240);
    await drawLink('read', 'filter');
    await drawLink('filter', 'map');
    await drawLink('map', 'write-file');
    await expect.poll(links).toBe(3);
    await button('Arrange').click();
    await button('Fit View').click();
    await node('read').dblclick();
    await dialog().getByLabel('Resource').fill('invoices');
    await button('Add a filter').click();
    await dialog().getByLabel('Field of filter 1').fill('id');
    await dialog().getByLabel('Operator of filter 1').selectOption('lt_or_eq');
    await dialog().getByLabel('Value of filter 1', { exact: true }).fill('40');
    await dialog().getByRole('checkbox', { name: 'invoice-number', exact: true }).check();
    await dialog().getByRole('tab', { name: 'Account' }).click();
    await dialog().getByRole('combobox', { name: 'Account' }).selectOption('tenant');
    await button('Done').click();
    await button('Check').click();
    await node('filter').locator('.snap-node-fault').waitFor();
    await node('filter').dblclick();
    await dialog().getByLabel('Condition').fill('id <= 30');
    await button('Done').click();
    await node('map').dblclick();
    await button('Add to fields').click();
    await dialog().getByLabel('Name 1').fill('number');
    await dialog().getByLabel('Expression for number').fill('`invoice-number`');
    await button('Done').click();
    await node('write-file').dblclick();
    await dialog().getByLabel('File', { exact: true }).fill('by-mouse.ndjson');
    await button('Done').click();
    await button('Check').click();
    await page.getByText('No fault').waitFor();
    await button('Preview').click();
    await node('map').click();
    await page.getByRole('cell', { name: 'INV-0000001' }).waitFor();
    await node('map').dblclick();
    await dialog().getByText('"INV-0000001"').waitFor();
    await page.keyboard.press('Escape');
    await button('Run').click();
    await page.locator('.designer-run .badge-good', { hasText: 'completed' }).waitFor();
    await node('filter').getByText('40 → 30').waitFor();
    await page.locator('.react-flow__edge-text', { hasText: '40' }).waitFor();
    await button('Save').click();
    await button('Saved as 1').waitFor();
    expect((await web.host.pipelines.show('by-mouse')).pipeline.links).toEqual([
      ['read', 'filter'],
      ['filter', 'map'],
      ['map', 'write-file'],
    ]);
    await page.getByRole('link', { name: 'Open the run' }).click();
    await drawnThroughput(page).waitFor();
    await page.getByRole('tab', { name: /Outputs/u }).click();
    await button('Look').click();
    await dialog().getByText('INV-0000030').waitFor();
    await page.keyboard.press('Escape');
  }, 180_000);

  it('goes the same way with the keyboard alone', async () => {
    const { key, type } = keyboardOf(page);
    const { clientId, clientSecret } = web.simulator.registerClient({
      name: 'keys',
      login: 'keys',
      grantType: 'authorization_code',
      redirectUris: [`${web.server.url}/oauth/callback`],
      scopes: ['core.invoice.read', 'offline_access'],
    });
    await page.goto(`${web.server.url}/#/accounts`);
    await key(page.getByRole('link', { name: 'Add an account' }), 'Enter');
    await type(page.getByLabel('Name', { exact: true }), 'keys');
    await type(page.getByLabel('Instance'), web.simulator.url);
    await key(page.getByLabel('Grant type'), 'a');
    await type(page.getByLabel('Client ID'), clientId);
    await type(page.getByLabel('Client Secret'), clientSecret);
    await type(page.getByLabel('Scopes'), 'core.invoice.read offline_access');
    await key(button('Add the account'), 'Enter');
    await allowInOtherWindow(() => key(button('Authorize'), 'Enter'));
    await page.locator('.badge-good', { hasText: 'authorized' }).waitFor();

    await key(page.getByRole('link', { name: 'Designer' }), 'Enter');
    await key(button('New pipeline'), 'Enter');
    await type(dialog().getByLabel('Name'), 'by-keyboard');
    await page.keyboard.press('Enter');
    for (const words of ['Coupa Read', 'core.filter', 'core.map', 'core.write-file']) {
      await type(page.getByRole('searchbox', { name: 'Find a snap' }), words);
      await page.keyboard.press('Enter');
    }
    await key(node('read'), 'Enter');
    await type(dialog().getByLabel('Resource', { exact: true }), 'invoices');
    await key(dialog().getByRole('tab', { name: 'Settings' }), 'ArrowRight');
    await page.keyboard.press('ArrowRight');
    await key(dialog().getByRole('combobox', { name: 'Account' }), 'k');
    await key(button('Done'), 'Enter');
    await key(node('filter'), 'Enter');
    await type(dialog().getByLabel('Condition'), 'id <= 20');
    await key(button('Done'), 'Enter');
    await key(node('map'), 'Enter');
    await key(button('Add to fields'), 'Enter');
    await type(dialog().getByLabel('Name 1'), 'key');
    await type(dialog().getByLabel('Expression for key'), 'id');
    await key(button('Done'), 'Enter');
    await key(node('write-file'), 'Enter');
    await type(dialog().getByLabel('File', { exact: true }), 'by-keyboard.ndjson');
    await key(button('Done'), 'Enter');
    // A link is removed with Delete, and made again by the command for it.
    await key(page.locator('.react-flow__edge').last(), 'Space');
    await page.keyboard.press('Delete');
    await expect.poll(links).toBe(2);
    await key(node('map'), 'Space');
    await page.keyboard.press('l');
    await key(button('Link'), 'Enter');
    await expect.poll(links).toBe(3);
    await key(button('Check'), 'Enter');
    await page.getByText('No fault').waitFor();
    await key(button('Preview'), 'Enter');
    await key(node('map'), 'Space');
    await page.getByRole('columnheader', { name: 'key' }).waitFor();
    await key(button('Run'), 'Enter');
    await page.locator('.designer-run .badge-good', { hasText: 'completed' }).waitFor();
    await key(page.getByRole('link', { name: 'Open the run' }), 'Enter');
    await drawnThroughput(page).waitFor();
    await key(page.getByRole('tab', { name: /Snaps/u }), 'ArrowRight');
    await page.keyboard.press('ArrowRight');
    await key(button('Look'), 'Enter');
    await dialog().getByRole('cell', { name: '20', exact: true }).waitFor();
    await page.keyboard.press('Escape');
  }, 120_000);

  it('says that the secret is wrong, and is well again with the right one', async () => {
    const giveSecret = async (secret: string): Promise<void> => {
      await page.getByRole('tab', { name: 'Settings' }).click();
      await page.getByLabel('Client Secret').fill(secret);
      await button('Save').click();
      await page.getByText('Saved.').waitFor();
    };
    await page.goto(`${web.server.url}/#/accounts/tenant`);
    await giveSecret('not-the-secret');
    await allowInOtherWindow(() => button(/^Authorize/u).click());
    const said = await alertText();
    expect(said).toContain('The client secret of account "tenant" was not accepted.');
    expect(said).toContain('What to do: copy the client secret anew');
    await giveSecret(client.clientSecret);
    await allowInOtherWindow(() => button(/^Authorize/u).click());
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.getByText('Authorized.').waitFor();
  }, 120_000);

  it('says that the tokens were revoked, leads to Authorize, and runs again after it', async () => {
    web.simulator.authorization.revoke({ clientId: client.clientId });
    await page.goto(`${web.server.url}/#/designer/by-mouse`);
    await button('Run').click();
    expect(await alertText()).toContain('needs authorization');
    await page.getByRole('alert').getByRole('link', { name: 'authorize account tenant' }).click();
    await page.getByText('needs you').waitFor();
    await allowInOtherWindow(() => button(/^Authorize/u).click());
    await page.goto(`${web.server.url}/#/designer/by-mouse`);
    await button('Run').click();
    await page.locator('.designer-run .badge-good', { hasText: 'completed' }).waitFor();
  }, 120_000);

  it('says which expression fails and on which document', async () => {
    await page.goto(`${web.server.url}/#/designer/by-mouse`);
    await node('map').dblclick();
    await dialog().getByLabel('Expression for number').fill('$number(`invoice-number`)');
    await button('Done').click();
    await button('Run').click();
    const said = await alertText();
    expect(said).toContain('Unable to cast value to a number: "INV-0000001"');
    expect(said).toContain('What to do: correct the expression or the document');
    await page.getByRole('alert').getByText('The document', { exact: true }).click();
    await page.getByRole('alert').getByText('"INV-0000001"', { exact: true }).waitFor();
    await button('Edit map').click();
    await dialog().getByLabel('Expression for number').fill('`invoice-number` &');
    await dialog().locator('.expression-result .field-fault').waitFor();
    await button('Done').click();
    await button('Check').click();
    await node('map').locator('.snap-node-fault').waitFor();
    await page.getByText('1 fault, marked where', { exact: false }).waitFor();
  }, 120_000);

  it('says what the far side answered to a record that it refused', async () => {
    const pipeline = {
      name: 'refused',
      snaps: [
        { id: 'read', snap: 'coupa.read', account: 'tenant', settings: { resource: 'invoices', limit: 2 } },
        { id: 'shape', snap: 'core.map', settings: { fields: { status: '"active"' } } },
        {
          id: 'create',
          snap: 'coupa.create',
          account: 'tenant',
          settings: { resource: 'suppliers', validation: 'off' },
        },
      ],
      links: [
        ['read', 'shape'],
        ['shape', 'create'],
      ],
    };
    await web.host.pipelines.save({ name: 'refused', pipeline, basedOn: 0 });
    await page.goto(`${web.server.url}/#/designer/refused`);
    await button('Run').click();
    expect(await alertText()).toContain(
      "Coupa answered 422: invoice_matching_level: can't be blank. name: can't be blank.",
    );
    // With "Send it to the error view" the run goes on, and what was refused is kept with it.
    await button('Edit create').click();
    await dialog().getByRole('tab', { name: 'Views' }).click();
    await dialog().getByLabel('A document that fails').selectOption({ label: 'Send it to the error view' });
    await button('Done').click();
    await button('Run').click();
    await page.locator('.designer-run .badge-good', { hasText: 'completed' }).waitFor();
    await page.getByRole('link', { name: 'Open the run' }).click();
    await page.getByRole('tab', { name: 'Errors 2' }).click();
    const refused = page.getByRole('listitem').filter({ hasText: 'Coupa answered 422' });
    expect(await refused.first().textContent()).toContain('What to do: correct what Coupa names');
    await refused.first().getByText('The document', { exact: true }).click();
    await refused.first().getByText('"active"').waitFor();
  }, 120_000);
});

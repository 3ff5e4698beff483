import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { openHostPage } from '../support/host-page.ts';
import type { WebHost } from '../support/web-host.ts';

let web: WebHost;
let page: Page;
openHostPage({ records: 60 }, (opened) => {
  ({ web, page } = opened);
});

const node = (id: string) => page.locator(`.react-flow__node[data-id="${id}"]`);
const edge = (key: string) => page.locator(`.react-flow__edge[data-id="${key}"]`);
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const dialog = () => page.getByRole('dialog');
const dock = () => page.getByRole('region', { name: 'Results' });

async function openSaved(name: string, pipeline: object): Promise<void> {
  await web.host.pipelines.save({ name, pipeline: { name, ...pipeline } as unknown as JsonObject, basedOn: 0 });
  await page.goto(`${web.server.url}/#/designer/${name}`);
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

const read = (limit: number) => ({
  id: 'read',
  snap: 'coupa.read',
  account: 'tenant',
  settings: { resource: 'invoices', limit },
});

describe('what flows in the designer', () => {
  it('shows the first documents of each link: those of a route by its views, and the failed ones', async () => {
    await openSaved('looked-at', {
      snaps: [
        read(6),
        { id: 'route', snap: 'core.route', settings: { routes: { low: 'id <= 2', high: 'id > 2' } } },
        {
          id: 'shape',
          snap: 'core.map',
          errors: 'route',
          settings: { fields: { half: 'id = 4 ? $number("x") : id' } },
        },
        { id: 'lows', snap: 'core.write-file', settings: { path: 'lows.ndjson' } },
        { id: 'highs', snap: 'core.write-file', settings: { path: 'highs.ndjson' } },
        { id: 'bad', snap: 'core.write-file', settings: { path: 'bad.ndjson' } },
      ],
      links: [
        ['read', 'route'],
        ['route.low', 'lows'],
        ['route.high', 'shape'],
        ['shape', 'highs'],
        ['shape.error', 'bad'],
      ],
    });
    await button('Preview').click();
    const look = async (key: string, title: string): Promise<void> => {
      await edge(key).focus();
      await page.keyboard.press('Enter');
      await dock().getByRole('heading', { name: title }).waitFor();
    };
    await look('route.low > lows', '2 previewed documents from route to lows');
    await look('route.high > shape', '4 previewed documents from route to shape');
    await look('shape > highs', '3 previewed documents from shape to highs');
    await look('shape.error > bad', '1 previewed document failed in shape');
    await dock().getByRole('tab', { name: 'JSON' }).click();
    await dock().getByText('"SNAP_EXPRESSION_FAILED"').waitFor();
    await node('shape').click();
    await dock().getByRole('heading', { name: '3 previewed documents from shape' }).waitFor();
    await dock().getByRole('heading', { name: '1 previewed document failed in shape' }).waitFor();
  }, 60_000);

  it('takes parameters in a form, asks for them before a run, and shows them to expressions', async () => {
    await openSaved('asked', {
      snaps: [
        read(3),
        { id: 'shape', snap: 'core.map', settings: { fields: { word: 'parameters.word', id: 'id' } } },
        { id: 'write', snap: 'core.write-file', settings: { path: 'asked.ndjson' } },
      ],
      links: [
        ['read', 'shape'],
        ['shape', 'write'],
      ],
    });
    await button('Parameters').click();
    await dialog().getByLabel('What it is for').fill('asks for a word');
    await button('Add a parameter').click();
    await dialog().getByText('A name has letters').waitFor();
    expect(await button('Done').isDisabled()).toBe(true);
    await dialog().getByLabel('Name of parameter 1').fill('word');
    await button('Add a parameter').click();
    await dialog().getByLabel('Name of parameter 2').fill('count');
    await dialog().getByLabel('Type of parameter 2').selectOption('integer');
    await dialog().getByLabel('Default of parameter 2').fill('many');
    await dialog().getByText('This is no whole number.').waitFor();
    await dialog().getByLabel('Default of parameter 2').fill('7');
    await button('Done').click();
    await button('Run').click();
    await dialog().getByText('Still needed: word.').waitFor();
    await dialog().getByLabel('word').fill('hello');
    await dialog().getByLabel('word').press('Enter');
    await page.locator('.designer-run .badge-good', { hasText: 'completed' }).waitFor();
    const [run] = await web.host.runs.list({ limit: 1, pipeline: 'asked' });
    expect((await web.host.runs.show(run?.runId ?? '')).parameters).toEqual({ word: 'hello', count: 7 });
    await button('Preview').click();
    await node('shape').click();
    await dock().getByRole('cell', { name: 'hello' }).first().waitFor();
    await node('shape').dblclick();
    await dialog().getByText('"hello"').first().waitFor();
    await page.keyboard.press('Escape');
    await button('Save').click();
    await button('Saved as 2').waitFor();
    expect((await web.host.pipelines.show('asked')).pipeline).toMatchObject({
      description: 'asks for a word',
      parameters: { word: { type: 'string' }, count: { type: 'integer', default: 7 } },
    });
  }, 60_000);

  it('carries copied snaps into another pipeline, and takes snaps from a text', async () => {
    await openSaved('copied-from', {
      snaps: [read(3), { id: 'shape', snap: 'core.map', settings: { fields: { id: 'id' } } }],
      links: [['read', 'shape']],
    });
    await node('read').waitFor();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.press('ControlOrMeta+c');
    await page.goto(`${web.server.url}/#/designer/copied-to`);
    await page.getByRole('heading', { name: 'copied-to', level: 1 }).waitFor();
    await page.keyboard.press('ControlOrMeta+v');
    await node('shape').waitFor();
    expect(await page.locator('.react-flow__edge').count()).toBe(1);
    await page.keyboard.press('ControlOrMeta+v');
    await node('read-2').waitFor();
    await page.keyboard.press('ControlOrMeta+z');
    await node('read-2').waitFor({ state: 'detached' });
    // A ready snap of the catalog is a text; it is pasted as it stands.
    await page.goto(`${web.server.url}/#/catalog/resources/suppliers`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator('details summary', { hasText: 'reference to' }).first().click();
    await page.locator('.object-fields code').first().waitFor();
    await page.getByRole('tab', { name: /Ready snaps/u }).click();
    await page.getByLabel('Snap', { exact: true }).selectOption({ label: 'Coupa Read' });
    await button('Copy the snap').first().click();
    await button('Copied').first().waitFor();
    await page.goto(`${web.server.url}/#/designer/copied-to`);
    await node('shape').waitFor();
    await page.keyboard.press('ControlOrMeta+v');
    await node('read-2').waitFor();
    await node('read-2').dblclick();
    expect(await dialog().getByLabel('Resource').inputValue()).toBe('suppliers');
    await page.keyboard.press('Escape');
  }, 60_000);

  it('offers words for settings, from the pack and from the account', async () => {
    await openSaved('suggested', {
      snaps: [
        { ...read(3), settings: { resource: 'invoices' } },
        { id: 'create', snap: 'coupa.create', account: 'tenant' },
      ],
      links: [['read', 'create']],
    });
    const options = (label: string) =>
      dialog()
        .getByLabel(label, { exact: true })
        .evaluate((input) =>
          [...((input as unknown as { list: { options: { value: string }[] } }).list.options ?? [])].map(
            ({ value }) => value,
          ),
        );
    const offered = (label: string, word: string) =>
      expect.poll(() => options(label), { timeout: 20_000 }).toContain(word);
    await node('read').dblclick();
    await dialog().getByLabel('Resource').focus();
    await offered('Resource', 'invoices');
    await button('Add a filter').click();
    await dialog().getByLabel('Field of filter 1').focus();
    await offered('Field of filter 1', 'status');
    // A moment is picked in the person's own time zone, or typed, and is kept as one text.
    await dialog().getByLabel('Field of filter 1').fill('updated-at');
    await dialog().getByLabel('Value of filter 1, picked').fill('2026-01-31T08:30');
    const picked = new Date(2026, 0, 31, 8, 30).toISOString().replace('.000Z', 'Z');
    expect(await dialog().getByLabel('Value of filter 1', { exact: true }).inputValue()).toBe(picked);
    await dialog().getByLabel('Value of filter 1', { exact: true }).fill('2026-01-31');
    expect(await dialog().getByLabel('Value of filter 1, picked').inputValue()).toBe('');
    await dialog().getByLabel('Field of filter 1').fill('status');
    await dialog().getByLabel('Value of filter 1', { exact: true }).focus();
    await offered('Value of filter 1', 'approved');
    await page.keyboard.press('Escape');
    // What means something in one mode only is left out in the others.
    await node('read').dblclick();
    expect(await dialog().getByLabel('Cursor', { exact: true }).count()).toBe(0);
    await dialog().getByLabel(/^Mode/u).selectOption('incremental');
    await dialog().getByLabel('Cursor', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await node('create').dblclick();
    await dialog().getByLabel('Resource').fill('suppliers');
    await dialog().getByLabel('Another for natural key').focus();
    await offered('Another for natural key', 'number');
    await page.keyboard.type('number');
    await page.keyboard.press('Enter');
    await button('Remove number').waitFor();
    await button('Done').click();
    await button('Save').click();
    await button('Saved as 2').waitFor();
    expect((await web.host.pipelines.show('suggested')).pipeline).toMatchObject({
      snaps: [{}, { settings: { resource: 'suppliers', key: ['number'] } }],
    });
  }, 60_000);

  it('feeds each named input of a join by its own link', async () => {
    await openSaved('joined', {
      snaps: [
        read(3),
        { ...read(3), id: 'other' },
        { id: 'join', snap: 'core.join', settings: { left: ['id'], right: ['id'] } },
      ],
      links: [['read', 'join.left']],
    });
    await node('join').getByText('left').waitFor();
    await node('read').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('l');
    await dialog().getByLabel('To', { exact: true }).waitFor();
    // The left input is fed already, so that of the join only the right one is offered.
    const offered = await dialog().getByLabel('To', { exact: true }).locator('option').allTextContents();
    expect(offered).toEqual(['other', 'join, right']);
    await page.keyboard.press('Escape');
    await node('other').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('l');
    await dialog().getByLabel('To', { exact: true }).selectOption('join, right');
    await button('Link').click();
    await edge('other > join.right').waitFor({ state: 'attached' });
    await button('Preview').click();
    await node('join').click();
    await dock().getByRole('heading', { name: '3 previewed documents from join' }).waitFor();
    await page.goto(`${web.server.url}/#/designer`);
    await button('Remove joined').click();
    await dialog().getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('link', { name: 'joined' }).waitFor({ state: 'detached' });
    expect((await web.host.pipelines.list()).map(({ name }) => name)).not.toContain('joined');
  }, 60_000);
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { seriousViolations } from '../support/axe.ts';
import { invoicePipeline, startWebHost, type WebHost } from '../support/web-host.ts';

let web: WebHost;
let page: Page;

beforeAll(async () => {
  web = await startWebHost({ records: 300 });
  await web.addAccount('tenant');
  page = await web.open();
});

afterAll(() => web.close());

// Nothing that the designer does may reach another place, break the policy or throw.
afterEach(() => expect(web.flaws).toEqual([]));

const node = (id: string) => page.locator(`.react-flow__node[data-id="${id}"]`);
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const adder = (title: string) => button(new RegExp(`^Add ${title}`)).first();
const dialog = () => page.getByRole('dialog');

async function openCanvas(name: string): Promise<void> {
  await page.goto(`${web.server.url}/#/designer/${name}`);
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

/** The lines that the newest run of a pipeline wrote. */
async function writtenLines(file: string): Promise<number> {
  const outputs = path.join(web.host.config.dataDirectory, 'outputs');
  const found = readdirSync(outputs)
    .map((runId) => path.join(outputs, runId, file))
    .find((candidate) => existsSync(candidate));
  return found === undefined ? -1 : readFileSync(found, 'utf8').trim().split('\n').length;
}

const runCompleted = () => page.locator('.designer-run .badge-good', { hasText: 'completed' }).waitFor();

async function fillRead(): Promise<void> {
  await dialog().getByLabel('Resource').fill('invoices');
  await button('Add a filter').click();
  await dialog().getByLabel('Field of filter 1').fill('id');
  await dialog().getByLabel('Operator of filter 1').selectOption('lt_or_eq');
  await dialog().getByLabel('Value of filter 1', { exact: true }).fill('40');
  await dialog().getByRole('checkbox', { name: 'invoice-number', exact: true }).check();
  await dialog().getByRole('tab', { name: 'Account' }).click();
  await dialog().getByRole('combobox', { name: 'Account' }).selectOption('tenant');
  await button('Done').click();
}

/** Draws a link from one handle to another. */
async function drawLink(from: string, view: string, to: string): Promise<void> {
  const source = await node(from).locator(`.react-flow__handle.source[data-handleid="${view}"]`).boundingBox();
  const target = await node(to).locator('.react-flow__handle.target').boundingBox();
  if (source === null || target === null) throw new Error(`no handle between ${from} and ${to}`);
  await page.mouse.move(source.x + source.width / 2, source.y + source.height / 2);
  await page.mouse.down();
  await page.mouse.move(target.x + target.width / 2, target.y + target.height / 2, { steps: 8 });
  await page.mouse.up();
}

describe('the designer', () => {
  it('builds, previews, runs and saves a pipeline with the mouse, and shows counts on each snap and link', async () => {
    await page.goto(`${web.server.url}/#/designer`);
    await button('New pipeline').click();
    await dialog().getByLabel('Name').fill('by-mouse');
    await button('Open the canvas').click();
    await adder('Coupa Read').dragTo(page.locator('.react-flow__pane'), { targetPosition: { x: 40, y: 60 } });
    await node('read').waitFor();
    for (const title of ['Filter', 'Map', 'Write File']) await adder(title).click();
    expect(await page.locator('.react-flow__edge').count()).toBe(3);
    await button('Arrange').click();
    await button('Fit View').click();
    await node('read').dblclick();
    await fillRead();
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
    await button('Preview').click();
    await node('map').click();
    await page.getByRole('cell', { name: 'INV-0000001' }).waitFor();
    await node('map').dblclick();
    await dialog().getByText('"INV-0000001"').waitFor();
    await page.keyboard.press('Escape');
    await button('Run').click();
    await runCompleted();
    await node('filter').getByText('40 → 30').waitFor();
    await page.locator('.react-flow__edge-text', { hasText: '40' }).waitFor();
    expect(await writtenLines('by-mouse.ndjson')).toBe(30);
    await button('Save').click();
    await button('Saved as 1').waitFor();
    expect((await web.host.pipelines.show('by-mouse')).pipeline).toMatchObject({
      links: [
        ['read', 'filter'],
        ['filter', 'map'],
        ['map', 'write-file'],
      ],
    });
  }, 90_000);

  it('does the same with the keyboard alone', async () => {
    await openCanvas('by-keyboard');
    await page.getByRole('searchbox', { name: 'Find a snap' }).focus();
    const type = async (text: string): Promise<void> => {
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type(text);
    };
    for (const words of ['Coupa Read', 'core.filter', 'core.map', 'core.write-file']) {
      await type(words);
      await page.keyboard.press('Enter');
    }
    await node('write-file').waitFor();
    const edit = async (id: string, label: string, text: string): Promise<void> => {
      await node(id).focus();
      await page.keyboard.press('Enter');
      await dialog().getByLabel(label, { exact: true }).focus();
      await page.keyboard.type(text);
    };
    const done = async (): Promise<void> => {
      await button('Done').focus();
      await page.keyboard.press('Enter');
      await dialog().waitFor({ state: 'detached' });
    };
    await edit('read', 'Resource', 'invoices');
    await dialog().getByRole('tab', { name: 'Settings' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await dialog().getByRole('combobox', { name: 'Account' }).focus();
    await page.keyboard.press('t');
    await done();
    await edit('filter', 'Condition', 'id <= 20');
    await done();
    await node('map').focus();
    await page.keyboard.press('Enter');
    await button('Add to fields').focus();
    await page.keyboard.press('Enter');
    await dialog().getByLabel('Name 1').focus();
    await type('key');
    await dialog().getByLabel('Expression for key').focus();
    await page.keyboard.type('id');
    await done();
    await edit('write-file', 'File', 'by-keyboard.ndjson');
    await done();
    // A link is removed with Delete, and made again by the command for it.
    await page.locator('.react-flow__edge').last().focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Delete');
    await expect.poll(() => page.locator('.react-flow__edge').count()).toBe(2);
    await node('map').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('l');
    await dialog().getByLabel('To', { exact: true }).waitFor();
    await button('Link').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.react-flow__edge').count()).toBe(3);
    await button('Run').focus();
    await page.keyboard.press('Enter');
    await runCompleted();
    expect(await writtenLines('by-keyboard.ndjson')).toBe(20);
  }, 90_000);

  it('marks a bad expression on its snap and in its field, and lets go of it when it is mended', async () => {
    await web.host.pipelines.save({
      name: 'broken',
      pipeline: invoicePipeline('broken', 'tenant') as never,
      basedOn: 0,
    });
    await openCanvas('broken');
    await node('shape').dblclick();
    await dialog().getByLabel('Expression for id').fill('id +');
    await dialog().locator('.expression-result .field-fault').waitFor();
    await button('Done').click();
    await button('Run').click();
    await node('shape').locator('.snap-node-fault').waitFor();
    expect(await node('read').locator('.snap-node-fault').count()).toBe(0);
    await node('shape').dblclick();
    await dialog().locator('.field-fault').first().waitFor();
    await dialog().getByLabel('Expression for id').fill('id + 1');
    await button('Done').click();
    await node('shape').locator('.snap-node-fault').waitFor({ state: 'detached' });
  }, 60_000);

  it('joins only views that fit, and an error view to where failed documents go', async () => {
    await web.host.pipelines.save({
      name: 'errors',
      pipeline: invoicePipeline('errors', 'tenant') as never,
      basedOn: 0,
    });
    await openCanvas('errors');
    await page.locator('.react-flow__pane').click({ position: { x: 5, y: 5 } });
    await adder('Write File').dragTo(page.locator('.react-flow__pane'), { targetPosition: { x: 500, y: 320 } });
    await node('write-file').waitFor();
    await drawLink('read', 'output', 'shape');
    await drawLink('read', 'output', 'write');
    expect(await page.locator('.react-flow__edge').count()).toBe(2);
    await drawLink('read', 'error', 'write-file');
    await page.locator('.react-flow__edge.is-error').waitFor({ state: 'attached' });
    await button('Undo').click();
    await expect.poll(() => page.locator('.react-flow__edge').count()).toBe(2);
    await button('Redo').click();
    await button('Save').click();
    await button('Saved as 2').waitFor();
    const { pipeline } = await web.host.pipelines.show('errors');
    expect(pipeline).toMatchObject({ snaps: [{ id: 'read', errors: 'route' }, {}, {}, {}] });
    expect(pipeline.links).toContainEqual(['read.error', 'write-file']);
    await button('Versions').click();
    await button(/^Version 1/u).click();
    await dialog().getByText('link read.error > write-file').waitFor();
    await button('Restore version 1').click();
    await expect.poll(() => page.locator('.react-flow__edge').count()).toBe(2);
  }, 60_000);

  it('imports a file and exports the same pipeline, without places', async () => {
    await page.goto(`${web.server.url}/#/designer`);
    const pipeline = { ...invoicePipeline('imported', 'tenant'), description: 'kept as it is' };
    const file = {
      name: 'imported.pipeline.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(pipeline)),
    };
    await page.getByLabel('Import a pipeline file').setInputFiles(file);
    await node('write').waitFor();
    const download = page.waitForEvent('download');
    await button('Export as a file').click();
    const exported = await download;
    expect(exported.suggestedFilename()).toBe('imported.pipeline.json');
    expect(JSON.parse(readFileSync(await exported.path(), 'utf8'))).toEqual(pipeline);
  }, 60_000);

  it('has no serious accessibility fault: list, canvas, dialogs, in both themes', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${web.server.url}/#/designer`);
      await page.getByRole('link', { name: 'broken' }).waitFor();
      expect(await seriousViolations(page), `list ${colorScheme}`).toEqual([]);
      await openCanvas('by-mouse');
      await button('Preview').click();
      await node('read').click();
      await page.getByRole('tab', { name: 'Table' }).waitFor();
      expect(await seriousViolations(page), `canvas ${colorScheme}`).toEqual([]);
      for (const id of ['read', 'map']) {
        await node(id).dblclick();
        await dialog().waitFor();
        expect(await seriousViolations(page), `dialog of ${id} ${colorScheme}`).toEqual([]);
        await page.keyboard.press('Escape');
        await dialog().waitFor({ state: 'detached' });
      }
    }
  }, 90_000);
});

import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { seriousViolations } from '../support/axe.ts';
import { openHostPage } from '../support/host-page.ts';
import { invoicePipeline, type WebHost } from '../support/web-host.ts';

let web: WebHost;
let page: Page;
openHostPage({ records: 300 }, (opened) => {
  ({ web, page } = opened);
});

const node = (id: string) => page.locator(`.react-flow__node[data-id="${id}"]`);
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const adder = (title: string) => button(new RegExp(`^Add ${title}`)).first();
const dialog = () => page.getByRole('dialog');

async function openCanvas(name: string): Promise<void> {
  await page.goto(`${web.server.url}/#/designer/${name}`);
  await page.getByRole('heading', { name, level: 1 }).waitFor();
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

  it('imports a SnapLogic file once it has said what could not be taken over, and refuses what is no pipeline', async () => {
    await page.goto(`${web.server.url}/#/designer`);
    const choose = page.getByLabel('Import a pipeline file');
    await choose.setInputFiles({ name: 'a.slp', mimeType: 'text/plain', buffer: Buffer.from('{"snap_map":{}}') });
    await dialog().getByText('it has no "snap_map" with snaps', { exact: false }).waitFor();
    await button('Close').last().click();
    const file = 'test/host/slp/nightly-invoices.slp';
    const { pipeline, unmapped } = web.host.importPipeline(file);
    await choose.setInputFiles(file);
    const notes = dialog().getByRole('region', { name: 'Not taken over' });
    await notes
      .getByText(unmapped[0]?.pointer ?? '', { exact: true })
      .first()
      .waitFor();
    expect(await notes.getByRole('listitem').count()).toBe(unmapped.length);
    expect(await seriousViolations(page)).toEqual([]);
    await button('Open on the canvas').click();
    await page.getByRole('heading', { name: String(pipeline.name), level: 1 }).waitFor();
    await node((pipeline.snaps as { id: string }[])[0]?.id ?? '').waitFor();
  }, 60_000);

  it('has no serious accessibility fault: list, canvas, dialogs, in both themes', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${web.server.url}/#/designer`);
      await page.getByRole('link', { name: 'broken' }).waitFor();
      expect(await seriousViolations(page), `list ${colorScheme}`).toEqual([]);
      await openCanvas('errors');
      await button('Preview').click();
      await node('read').click();
      await page.getByRole('tab', { name: 'Table' }).waitFor();
      expect(await seriousViolations(page), `canvas ${colorScheme}`).toEqual([]);
      for (const id of ['read', 'shape']) {
        await node(id).dblclick();
        await dialog().waitFor();
        expect(await seriousViolations(page), `dialog of ${id} ${colorScheme}`).toEqual([]);
        await page.keyboard.press('Escape');
        await dialog().waitFor({ state: 'detached' });
      }
    }
  }, 90_000);
});

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/host/host.ts';
import { runCommand } from '../support/command.ts';
import { openHostPage } from '../support/host-page.ts';
import { drawnThroughput, invoicePipeline, startRun, type WebHost } from '../support/web-host.ts';

let web: WebHost;
let page: Page;
openHostPage({ records: 60 }, (opened) => {
  ({ web, page } = opened);
});

const button = (name: string) => page.getByRole('button', { name });
const tab = (name: RegExp) => page.getByRole('tab', { name });

/** A run that has ended: the first good one is whole; a worse one reads less and fails in its map. */
async function ended(kind: 'good' | 'worse'): Promise<string> {
  const pipeline = invoicePipeline('nightly', 'tenant', kind === 'good' ? {} : { limit: 3 });
  const fields = { id: 'id', number: kind === 'good' ? '`invoice-number`' : '$number(`invoice-number`)' };
  const snaps = pipeline.snaps.map((snap) =>
    snap.id === 'shape' ? { ...snap, errors: 'route', settings: { fields } } : snap,
  );
  const outputDirectory = `${web.host.config.dataDirectory}/outputs/${crypto.randomUUID()}`;
  const { runId, finished } = await web.host.startRun({ pipeline: { ...pipeline, snaps } as never, outputDirectory });
  await finished;
  return runId;
}

describe('the page of a run', () => {
  it('has plots, from zero to the end, of a run that the command line made and nobody watched', async () => {
    const { dataDirectory } = web.host.config;
    const directory = path.join(dataDirectory, 'unwatched');
    mkdirSync(directory);
    writeFileSync(path.join(directory, 'in.ndjson'), '{"id":1}\n{"id":2}\n{"id":3}\n');
    const pipeline = {
      name: 'unwatched',
      snaps: [
        { id: 'read', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
        { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson' } },
      ],
      links: [['read', 'write']],
    };
    const file = path.join(directory, 'unwatched.pipeline.json');
    writeFileSync(file, JSON.stringify(pipeline));
    const environment = { SNAPS_DATA_DIR: dataDirectory };
    const run = await runCommand(['run', file, '--json'], { directory, environment });
    const { runId } = run.json() as RunReport;
    const points = await web.host.runs.points(runId);
    expect(points[0]).toMatchObject({ seconds: 0, read: 0, written: 0 });
    expect(points.at(-1)).toMatchObject({ read: 3, written: 3, errors: 0 });
    await page.goto(`${web.server.url}/#/runs/${runId}`);
    await drawnThroughput(page).waitFor();
  }, 60_000);

  it('says what stands out against the run before, and sends a mended document back in as a run of its own', async () => {
    const good = await ended('good');
    const worse = await ended('worse');
    await page.goto(`${web.server.url}/#/runs/${worse}`);
    await tab(/Compare/u).click();
    await page.getByText('read: 3 documents instead of 60.').waitFor();
    await page.getByText('shape: 3 failed documents instead of 0.').waitFor();
    await page
      .getByRole('row', { name: /^write/u })
      .getByText('−100 %')
      .first()
      .waitFor();
    expect(await page.getByRole('link', { name: 'Open that run' }).getAttribute('href')).toContain(good);
    await page.getByRole('img', { name: /^Throughput\. read in this run: .*; in the other one: / }).waitFor();

    await tab(/Errors/u).click();
    await page.locator('.error-document summary').first().click();
    await button('Mend the document').press('Enter');
    const text = page.getByRole('textbox', { name: /as JSON/u });
    await text.fill('{ "id": 1, ');
    await page.getByText('This is no JSON object yet').waitFor();
    await text.fill('{ "id": 1, "invoice-number": "7" }');
    await page.getByText('Mended.', { exact: true }).waitFor();
    await button('Done').click();
    await page
      .getByRole('checkbox', { name: /Send only what is ticked/u })
      .first()
      .check();
    await button('Send 1 back in').click();
    await page.getByText('Documents sent back in').waitFor();
    await page.locator('.badge-good', { hasText: 'completed' }).first().waitFor();
    await tab(/Outputs/u).click();
    await button('Look').click();
    await page.getByRole('dialog').getByRole('cell', { name: '7', exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'an earlier run' }).click();
    await page.getByText(`Run ${worse}`).waitFor();
    await tab(/Further runs ?1/u).click();
    await page.getByRole('row', { name: /^nightly documents sent back in/u }).waitFor();
    await tab(/Log/u).click();
    await page.getByRole('region', { name: 'Log of the run' }).getByRole('cell', { name: 'shape' }).first().waitFor();
    await page.getByLabel('Only warnings and errors').check();
    await page.getByRole('region', { name: 'Log of the run' }).getByText('error', { exact: true }).first().waitFor();
    // Unmended, what the run kept goes back in whole, and fails again where it failed.
    await tab(/Errors/u).click();
    await button('Send 3 back in').click();
    await page.getByText('Documents sent back in').waitFor();
    await tab(/Errors ?3/u).waitFor();
  }, 90_000);

  it('leads to the runs that its snaps and its error pipeline started, and back', async () => {
    const shape = (fields: object) => ({ id: 'shape', snap: 'core.map', errors: 'route', settings: { fields } });
    const read = { id: 'read', snap: 'coupa.read', account: 'tenant', settings: { resource: 'invoices', limit: 2 } };
    const call = { id: 'call', snap: 'core.pipeline', settings: { pipeline: 'called' } };
    const log = { id: 'log', snap: 'core.log' };
    const save = (pipeline: { readonly name: string }) =>
      web.host.pipelines.save({ name: pipeline.name, pipeline: pipeline as never, basedOn: 0 });
    await save({ name: 'told', snaps: [log], links: [] } as never);
    await save({ name: 'called', snaps: [shape({ id: 'id' }), log], links: [['shape', 'log']] } as never);
    const links = [
      ['read', 'shape'],
      ['shape', 'call'],
    ];
    const spoilt = shape({ id: 'id = 1 ? $number("x") : id' });
    const pipeline = { name: 'calling', errorPipeline: 'told', snaps: [read, spoilt, call], links };
    const runId = await startRun(page, pipeline);
    await page.goto(`${web.server.url}/#/runs/${runId}`);
    await tab(/Further runs ?2/u).click();
    await page.getByRole('row', { name: /^told error pipeline/u }).waitFor();
    await page.getByRole('link', { name: 'called' }).click();
    await page.getByText('Started by the snap call of').waitFor();
    await page.getByRole('link', { name: 'another run' }).click();
    await page.getByRole('heading', { name: 'calling', level: 1 }).waitFor();
  }, 60_000);

  it('narrows the history by pipeline, state and time, in an address that can be sent on', async () => {
    await page.goto(`${web.server.url}/#/runs`);
    await page.getByLabel('Pipeline', { exact: true }).selectOption('nightly');
    await page.getByLabel('State', { exact: true }).selectOption('failed');
    await page.getByText('No run fits.').waitFor();
    await page.getByLabel('State', { exact: true }).selectOption('completed');
    await page.getByLabel('Started', { exact: true }).selectOption('day');
    const runs = await web.host.runs.list({ limit: 50, pipeline: 'nightly', state: 'completed' });
    await page.getByText(`${runs.length} runs`).waitFor();
    expect(page.url()).toContain('#/runs?pipeline=nightly&state=completed&time=day');
    await page.reload();
    await page.getByText(`${runs.length} runs`).waitFor();
    await page.getByLabel('Started', { exact: true }).selectOption('between');
    await page.getByLabel('To', { exact: true }).fill('2020-01-01');
    await page.getByText('No run fits.').waitFor();
    await button('All runs').click();
    await page.getByRole('cell', { name: 'nightly' }).first().waitFor();
  }, 60_000);
});

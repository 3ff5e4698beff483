import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { openHostPage } from '../support/host-page.ts';
import { invoicePipeline, type WebHost } from '../support/web-host.ts';

let web: WebHost;
let page: Page;
openHostPage({ records: 100 }, (opened) => {
  ({ web, page } = opened);
});
beforeAll(async () => {
  const parameters = { since: { type: 'string', default: '2026-01-01' } };
  const pipeline = { ...invoicePipeline('nightly', 'tenant'), parameters } as unknown as JsonObject;
  await web.host.pipelines.save({ name: 'nightly', pipeline, basedOn: 0 });
});

describe('schedules on the page', () => {
  it('are added for a saved pipeline by keyboard, say when they run next, run, and are removed', async () => {
    await page.goto(`${web.server.url}/#/schedules`);
    await page.getByText('Nothing is scheduled.').waitFor();
    await page.getByRole('button', { name: 'Schedule a pipeline' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Pipeline').selectOption('nightly');
    await dialog.getByLabel('When').fill('every night');
    await dialog.getByText('"every night" is no cron pattern', { exact: false }).waitFor();
    await dialog.getByRole('button', { name: 'Schedule', exact: true }).press('Enter');
    await dialog.getByText('was not changed', { exact: false }).waitFor();

    await dialog.getByLabel('When').fill('* * * * * *');
    await dialog.getByLabel('Time zone').fill('Europe/Berlin');
    await dialog.getByText('Next:', { exact: false }).waitFor();
    await dialog.getByRole('button', { name: 'Schedule', exact: true }).press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: 'Europe/Berlin', exact: false }).waitFor();

    await web.host.schedules.start();
    await page.getByRole('link', { name: 'the run' }).waitFor({ timeout: 30_000 });
    await page.getByRole('link', { name: 'the run' }).click();
    await page.getByRole('heading', { name: 'nightly' }).waitFor();

    await page.goto(`${web.server.url}/#/schedules`);
    await page.getByRole('button', { name: 'Pause nightly' }).press('Enter');
    await page.getByText('paused').waitFor();
    expect(await web.host.schedules.list()).toMatchObject([{ isPaused: true, nextAt: null }]);
    await page.getByRole('button', { name: 'Change nightly' }).press('Enter');
    await dialog.getByLabel('When').fill('30 6 * * 1-5');
    await dialog.getByText('Monday to Friday at 06:30.', { exact: false }).waitFor();
    await dialog.getByLabel('since').fill('2026-05-01');
    await dialog.getByRole('button', { name: 'Done' }).press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Resume nightly' }).press('Enter');
    await page.getByText('paused').waitFor({ state: 'detached' });
    const [changed] = await web.host.schedules.list();
    expect(changed).toMatchObject({ cron: '30 6 * * 1-5', isPaused: false, parameters: { since: '2026-05-01' } });
    expect(Date.parse(changed?.nextAt ?? '')).toBeGreaterThan(Date.now());
    await page.getByRole('button', { name: 'Remove nightly' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('Nothing is scheduled.').waitFor();
    expect(await web.host.schedules.list()).toEqual([]);
  }, 90_000);
});

// Measures how smooth the web page stays: a history of ten thousand runs scrolled to its end, a pipeline of 500 snaps zoomed,
// panned and dragged, and how far anything jumps while a run streams in. Needs Chromium.
// Run: node bench/page.ts [runs] [snaps]
import type { Page } from 'playwright-core';
import type { JsonObject } from '../src/document/json.ts';
import { runLeaseName } from '../src/store/contract.ts';
import { openStore } from '../src/store/store.ts';
import buildPage from '../test/support/build-page.ts';
import { invoicePipeline, startWebHost, type WebHost } from '../test/support/web-host.ts';

const runs = Number(process.argv[2] ?? 10_000);
const snaps = Number(process.argv[3] ?? 500);

await buildPage();
const web = await startWebHost({ records: 2_000, ratePerSecond: 25, burst: 20 });
try {
  await web.addAccount('tenant');
  const page = await web.open();
  say(`the page at rest: ${await framesOf(page, () => page.waitForTimeout(3_000))}`);
  await measureHistory(web, page);
  await measureCanvas(web, page);
  await measureShifts(web, page);
} finally {
  await web.close();
}

async function measureHistory({ host, server }: WebHost, page: Page): Promise<void> {
  await fillHistory(host.config.databaseUrl);
  const asked = performance.now();
  await host.runs.list({ limit: 100 });
  say(`the newest 100 of ${runs} runs: ${(performance.now() - asked).toFixed(0)} ms in the store`);
  await page.goto(`${server.url}/#/runs`);
  await page.getByRole('cell').first().waitFor();
  const loaded = () => page.evaluate<number>('document.querySelectorAll("tbody").length * 50');
  const frames = await framesOf(page, async () => {
    await page.mouse.move(700, 500);
    // The list asks for older runs ahead of the eye; the bound only ends a list that never ends.
    for (let turn = 0; turn < 3_000 && (await loaded()) < runs; turn += 1) await page.mouse.wheel(0, 900);
  });
  const rows = await page.evaluate('document.querySelectorAll("tbody tr").length');
  say(`scrolling through ${await loaded()} runs: ${frames}; ${rows} rows in the page at the end`);
}

/** Runs as they stand after their end, written past the engine. */
async function fillHistory(databaseUrl: string): Promise<void> {
  const store = await openStore(databaseUrl);
  const rows = ['read', 'shape', 'write'].map(
    (id): JsonObject => ({ id, snap: 'core.map', input: 0, output: 1_000, errors: 0 }),
  );
  for (let number = 0; number < runs; number += 1) {
    const runId = crypto.randomUUID();
    await store.runs.insert({
      runId,
      pipeline: `nightly-${number % 20}`,
      parameters: {},
      definition: { pipeline: { padding: 'x'.repeat(2_000) } },
    });
    const lease = await store.leases.acquire(runLeaseName(runId), 'bench', 60_000);
    if (lease === undefined) throw new Error('a fresh run is held by somebody');
    const at = new Date().toISOString();
    const state = number % 17 === 0 ? 'failed' : 'completed';
    await store.runs.update(lease, runId, { state, startedAt: at, finishedAt: at, snaps: rows });
    await store.leases.release(lease);
  }
  await store.close();
}

async function measureCanvas({ host, server }: WebHost, page: Page): Promise<void> {
  await host.pipelines.save({ name: 'large', pipeline: largePipeline(), basedOn: 0 });
  const opened = performance.now();
  await page.goto(`${server.url}/#/designer/large`);
  await page.locator('.react-flow__node').first().waitFor();
  say(`a pipeline of ${snaps} snaps is on the canvas after ${(performance.now() - opened).toFixed(0)} ms`);
  const box = await page.locator('.react-flow__pane').boundingBox();
  if (box === null) throw new Error('the canvas has no place');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  say(`zooming in and out: ${await framesOf(page, () => turnWheel(page, 30))}`);
  // Beside the corner no snap stands: the hand takes the canvas itself.
  say(`panning: ${await framesOf(page, () => drag(page, [box.x + 12, box.y + 12], [box.x + 500, box.y + 300]))}`);
  const first = await page.locator('.react-flow__node').first().boundingBox();
  if (first === null) throw new Error('no snap is in sight');
  const from = [first.x + first.width / 2, first.y + first.height / 2] as const;
  say(`dragging a snap: ${await framesOf(page, () => drag(page, from, [from[0] + 160, from[1] + 90]))}`);
}

function largePipeline(): JsonObject {
  const ids = Array.from({ length: snaps }, (_, at) => `s${at}`);
  return {
    name: 'large',
    snaps: ids.map((id, at) => ({
      id,
      snap: at === 0 ? 'core.read-file' : 'core.map',
      settings: at === 0 ? { path: 'a.ndjson' } : { fields: { id: 'id' } },
    })),
    // A tree: every snap feeds four others, so that it is as wide as it is long.
    links: ids.slice(1).map((id, at) => [`s${Math.floor(at / 4)}`, id]),
  } as unknown as JsonObject;
}

async function turnWheel(page: Page, turns: number): Promise<void> {
  for (const step of [-120, 120]) for (let turn = 0; turn < turns; turn += 1) await page.mouse.wheel(0, step);
}

type Spot = readonly [number, number];

async function drag(page: Page, from: Spot, to: Spot): Promise<void> {
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 30 });
  await page.mouse.move(...from, { steps: 30 });
  await page.mouse.up();
}

async function measureShifts({ server, host }: WebHost, page: Page): Promise<void> {
  await page.evaluate(`
    window.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
    }).observe({ type: 'layout-shift' });
  `);
  const { runId, finished } = await host.startRun({
    pipeline: invoicePipeline('streaming', 'tenant') as unknown as JsonObject,
    outputDirectory: `${host.config.dataDirectory}/outputs/streaming`,
  });
  await page.goto(`${server.url}/#/runs/${runId}`);
  await page.locator('.run-progress').waitFor();
  await page.evaluate('window.shifts = 0');
  const frames = await framesOf(page, async () => void (await finished));
  await page.getByRole('button', { name: 'Run again' }).waitFor();
  say(`a run streaming in: layout shift ${Number(await page.evaluate('window.shifts')).toFixed(4)}; ${frames}`);
}

/** The times between frames while something is done, in ms. */
async function framesOf(page: Page, work: () => Promise<void>): Promise<string> {
  await page.evaluate(`
    window.frameTimes = [];
    window.isWatching = true;
    let last = performance.now();
    requestAnimationFrame(function next(now) {
      window.frameTimes.push(now - last);
      last = now;
      if (window.isWatching) requestAnimationFrame(next);
    });
  `);
  await work();
  const times = await page.evaluate<number[]>('window.isWatching = false, window.frameTimes.slice(1)');
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0);
  const late = times.filter((ms) => ms > 50).length;
  return `${times.length} frames, median ${at(0.5)} ms, 95 % within ${at(0.95)} ms, longest ${at(1)} ms, ${late} over 50 ms`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cronFault, nextTick } from '../../src/queue/cron.ts';
import { Ticker } from '../../src/queue/ticker.ts';
import { runLeaseName, type ScheduleRow, type Store } from '../../src/store/contract.ts';
import { openStore } from '../../src/store/store.ts';

const hour = 3_600_000;
const day = 24 * hour;

let folder: string;
let now: number;
let stores: Store[];
let started: string[];
let late: number[];
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-ticker-'));
  now = Date.UTC(2026, 10, 24, 12, 0, 0);
  const url = `sqlite:${path.join(folder, 'store.sqlite')}`;
  stores = [await openStore(url, { now: () => now }), await openStore(url, { now: () => now })];
  started = [];
  late = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const ticker = (store: Store, start?: (schedule: ScheduleRow) => Promise<string>): Ticker =>
  new Ticker({
    store,
    runsKeptMs: 90 * day,
    onTick: (lateMs) => late.push(lateMs),
    start: start ?? (async ({ name }) => `${name}-${started.push(name)}`),
  });

async function add(change: Partial<ScheduleRow> = {}): Promise<Store> {
  const [store] = stores as [Store];
  await store.schedules.add({
    name: 'often',
    definition: {},
    cron: '* * * * *',
    timeZone: 'UTC',
    misfire: 'once',
    mayOverlap: false,
    isPaused: false,
    nextAt: now,
    ...change,
  });
  return store;
}

describe('schedules of two hosts on one store', () => {
  it('start one run a tick', async () => {
    const store = await add();
    const tickers = stores.map((each) => ticker(each));
    for (let tick = 0; tick < 100; tick += 1) {
      await Promise.all(tickers.map((each) => each.tick()));
      await Promise.all(tickers.map((each) => each.tick()));
      now += 60_000;
    }
    expect(started).toHaveLength(100);
    expect(await store.schedules.find('often')).toMatchObject({ lastRunId: 'often-100' });
  });
});

describe('a schedule', () => {
  it('tells how late its tick was taken', async () => {
    const store = await add();
    now += 1_500;
    await ticker(store).tick();
    expect(late).toEqual([1_500]);
  });

  it('makes one run of all ticks that were missed, or none when it says so', async () => {
    await add({ name: 'once', cron: '0 * * * *', nextAt: now - 5 * hour });
    const store = await add({ name: 'skip', cron: '0 * * * *', misfire: 'skip', nextAt: now - 5 * hour });
    await ticker(store).tick();
    expect(started).toEqual(['once']);
    expect(await store.schedules.find('skip')).toMatchObject({ nextAt: now + hour, lastRunId: null });
    expect((await store.schedules.find('skip'))?.lastOutcome).toContain('no host was up');
  });

  it('leaves a tick out while the run before is under way, unless it may overlap', async () => {
    await add({ name: 'alone' });
    const store = await add({ name: 'beside', mayOverlap: true });
    const each = ticker(store);
    await each.tick();
    for (const name of ['alone-1', 'beside-2']) await store.leases.acquire(runLeaseName(name), 'somebody', hour);
    now += 60_000;
    await each.tick();
    expect(started).toEqual(['alone', 'beside', 'beside']);
    expect((await store.schedules.find('alone'))?.lastOutcome).toContain('the run before is under way');
    now += hour;
    await each.tick();
    expect(started).toEqual(['alone', 'beside', 'beside', 'alone', 'beside']);
  });

  it('goes on after a run that could not be started, and says why it could not', async () => {
    const store = await add();
    await ticker(store, () => Promise.reject(new Error('no such file'))).tick();
    expect((await store.schedules.find('often'))?.lastOutcome).toContain('no such file');
    now += 60_000;
    await ticker(store).tick();
    expect(started).toEqual(['often']);
  });

  it('removes runs that ended long ago', async () => {
    const [store] = stores as [Store];
    await store.runs.insert({ runId: 'old', pipeline: 'p', parameters: {}, definition: {} });
    const lease = await store.leases.acquire(runLeaseName('old'), 'me', hour);
    if (lease === undefined) throw new Error('the lease was refused');
    const finishedAt = new Date(now).toISOString();
    await store.runs.update(lease, 'old', { state: 'completed', finishedAt });
    await ticker(store).tick();
    expect(await store.runs.find('old')).toBeDefined();
    now += 91 * day;
    await ticker(store).tick();
    expect(await store.runs.find('old')).toBeUndefined();
  });
});

describe('a cron pattern', () => {
  it('keeps to the clocks of its time zone, also when they change', () => {
    const at = (text: string): number => Date.parse(text);
    const next = (after: string): string =>
      new Date(nextTick('30 6 * * *', 'Europe/Zurich', at(after)) ?? 0).toISOString();
    expect(next('2026-10-24T00:00:00Z')).toBe('2026-10-24T04:30:00.000Z');
    expect(next('2026-10-25T00:00:00Z')).toBe('2026-10-25T05:30:00.000Z');
  });

  it.each([
    ['every day', 'UTC', 'is no cron pattern'],
    ['* * * * *', 'Mars/Base', 'is no time zone'],
    ['0 0 1 1 * 2020', 'UTC', ''],
  ])('that is wrong (%s, %s) says what is wrong', (pattern, zone, words) => {
    expect(cronFault(pattern, zone)).toContain(words);
  });

  it('that is right has no fault', () => {
    expect(cronFault('*/5 8-18 * * 1-5', 'Europe/Berlin')).toBeUndefined();
  });
});

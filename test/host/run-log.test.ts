import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExecutionError } from '../../src/errors.ts';
import { RunLog } from '../../src/host/run-log.ts';
import type { RunLogInsert } from '../../src/store/contract.ts';

let entries: RunLogInsert[];
let log: RunLog;
const retry = { kind: 'retry', delayMs: 1500, reason: 'the far side answered 503' } as const;
const messages = () => entries.map(({ message }) => message);

beforeEach(() => {
  vi.useFakeTimers();
  entries = [];
  log = new RunLog(async (more) => entries.push(...more));
});
afterEach(() => vi.useRealTimers());

describe('the log of a run under way', () => {
  it('tells the first of a kind at once and the others together, with their count', async () => {
    for (let n = 0; n < 1_000; n += 1) log.request('read', retry, 'acme');
    log.request('write', retry, 'acme');
    await vi.advanceTimersByTimeAsync(600);
    expect(messages()).toEqual(Array(2).fill('a request is sent again in 1.5 s: the far side answered 503'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(entries.slice(2)).toMatchObject([
      {
        snapId: 'read',
        level: 'warning',
        message: expect.stringMatching(/the last of 999 such/u),
        details: { count: 999, reason: 'the far side answered 503' },
      },
    ]);
    await log.close();
    expect(entries).toHaveLength(3);
  });

  it('sums waits for the rate limit, and tells those that are only pace at the end', async () => {
    log.request('slow', { kind: 'throttled', waitedMs: 40 }, 'acme');
    for (let n = 0; n < 30; n += 1) log.request('read', { kind: 'throttled', waitedMs: 100 }, 'acme');
    await vi.advanceTimersByTimeAsync(600);
    expect(entries).toMatchObject([{ event: 'throttled', snapId: 'read', details: { waitedMs: 3_000 } }]);
    for (let n = 0; n < 30; n += 1) log.request('read', { kind: 'throttled', waitedMs: 100 }, 'acme');
    await vi.advanceTimersByTimeAsync(600);
    expect(entries).toHaveLength(1);
    await log.close();
    expect(entries.map(({ details }) => details?.waitedMs)).toEqual([3_000, 40, 3_000]);
  });

  it('names the account whose far side is down, to whoever follows the run too, and says when it answers again', async () => {
    const said: string[] = [];
    const followed = new RunLog(
      async (more) => entries.push(...more),
      (line) => said.push(line),
    );
    const down = { kind: 'down', reason: 'the connection was refused (ECONNREFUSED)', retryMs: 30_000 } as const;
    for (let n = 0; n < 8; n += 1) followed.request('read', down, 'acme');
    followed.request('read', { kind: 'up', waitedMs: 61_500 }, 'acme');
    expect(said).toEqual([
      'the far side of account "acme" is down: the connection was refused (ECONNREFUSED); one request is tried every 30 s, the others wait',
      'the far side of account "acme" answers again; requests go on after 61.5 s',
    ]);
    await followed.close();
    expect(entries).toMatchObject([
      { event: 'down', level: 'warning', snapId: 'read', details: { account: 'acme' } },
      { event: 'up', level: 'info', snapId: 'read', details: { account: 'acme', waitedMs: 61_500 } },
    ]);
  });

  it('bounds what waits for the store and says how much it left out', async () => {
    for (let n = 0; n < 700; n += 1) log.tell({ level: 'info', event: 'line', message: `line ${n}` });
    await vi.advanceTimersByTimeAsync(1_100);
    expect(entries).toHaveLength(501);
    expect(entries.at(-1)).toMatchObject({ event: 'omitted', message: '200 entries came too fast and are left out' });
  });

  it('takes control characters out, bounds a message, and survives a store that is away', async () => {
    const failing = new RunLog(() => Promise.reject(new Error('away')));
    failing.tell({ level: 'info', event: 'line', message: 'lost' });
    await failing.close();
    const error = new ExecutionError('SNAP_RUN_FAILED', `\u001b[31m${'x'.repeat(3_000)}`, {
      reason: 'r',
      resolution: 's',
    });
    log.engine({ kind: 'document', snap: 'shape', error, isWarning: false });
    await log.close();
    expect(entries[0]?.message).toHaveLength(2_000);
    expect(entries[0]?.message).toMatch(/^a document failed: {2}\[31mx+$/u);
  });
});

import { describe, expect, it } from 'vitest';
import { createBudget } from '../../src/http/budget.ts';
import type { Budget, SharedBucket } from '../../src/http/contract.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';

const rules = { requestsPerSecond: 25, burst: 20 };

/** The far side's own bucket: 25 a second drain, the one that makes it overflow is refused. */
function createBucket(clock: FakeClock) {
  let level = 0;
  let at = clock.monotonic();
  return () => {
    level = Math.max(0, level - ((clock.monotonic() - at) / 1_000) * 25);
    at = clock.monotonic();
    if (level + 1 > 20) return false;
    level += 1;
    return true;
  };
}

/** The bucket that a store keeps for several processes. */
function createSharedBucket(clock: FakeClock): SharedBucket {
  let filledUntil = 0;
  return {
    fill: async (requests, intervalMs) => {
      await clock.wait(3);
      const now = clock.monotonic();
      const aheadMs = Math.max(0, filledUntil - now);
      filledUntil = now + aheadMs + requests * intervalMs;
      return aheadMs;
    },
    pause: async (delayMs) => {
      filledUntil = Math.max(filledUntil, clock.monotonic() + delayMs);
    },
  };
}

describe('createBudget', () => {
  it('reaches 98 % of the allowed rate over a minute with no refusal, though requests travel at different speeds', async () => {
    const clock = createFakeClock();
    const budget = createBudget(rules, { clock });
    const offer = createBucket(clock);
    const startedAt = clock.monotonic();
    const counts = { accepted: 0, refused: 0 };
    let seed = 7;
    const worker = async () => {
      while (clock.monotonic() < startedAt + 60_000) {
        await budget.take();
        seed = (seed * 48_271) % 2_147_483_647;
        await clock.wait(seed % 150);
        if (clock.monotonic() < startedAt + 60_000) counts[offer() ? 'accepted' : 'refused'] += 1;
        await clock.wait(250);
      }
    };
    for (let lane = 0; lane < 16; lane += 1) void worker();
    await clock.runUntil(startedAt + 60_000);
    expect(counts.refused).toBe(0);
    expect(counts.accepted).toBeGreaterThanOrEqual(25 * 60 * 0.98);
  });

  it('serves in the order of asking', async () => {
    const clock = createFakeClock();
    const budget = createBudget({ requestsPerSecond: 10, burst: 1 }, { clock });
    const order: number[] = [];
    const all = Promise.all([1, 2, 3, 4, 5].map((name) => budget.take().then(() => order.push(name))));
    await clock.settle(all);
    expect(order).toEqual([1, 2, 3, 4, 5]);
  });

  it('resolves with the time waited', async () => {
    const clock = createFakeClock();
    const budget = createBudget({ requestsPerSecond: 10, burst: 1 }, { clock });
    expect(await budget.take()).toBe(0);
    expect(await clock.settle(budget.take())).toBeCloseTo(101, 0);
  });

  it('lets nobody through in a pause, and no burst out of it', async () => {
    const clock = createFakeClock();
    const budget = createBudget(rules, { clock });
    const startedAt = clock.monotonic();
    const moments: number[] = [];
    budget.pause(2_000);
    for (let count = 0; count < 20; count += 1)
      void budget.take().then(() => moments.push(clock.monotonic() - startedAt));
    await clock.runUntil(startedAt + 10_000);
    expect(moments).toHaveLength(20);
    expect(moments[0]).toBeGreaterThanOrEqual(2_000);
    const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(39);
  });

  it('is back at its full rate after a single refusal', async () => {
    const clock = createFakeClock();
    const budget = createBudget(rules, { clock });
    const startedAt = clock.monotonic();
    for (let count = 0; count < 8; count += 1) budget.pause(2_000);
    let taken = 0;
    const lane = async () => {
      for (;;) {
        await budget.take();
        if (clock.monotonic() > startedAt + 12_000) return;
        taken += 1;
      }
    };
    void lane();
    await clock.runUntil(startedAt + 13_000);
    expect(taken).toBeGreaterThan(240);
  });

  it('comes to share the rate with a stranger that takes half of it: under 1 % refusals', async () => {
    const clock = createFakeClock();
    const budget = createBudget(rules, { clock });
    const offer = createBucket(clock);
    const endsAt = clock.monotonic() + 600_000;
    const counts = { accepted: 0, refused: 0 };
    const stranger = async () => {
      while (clock.monotonic() < endsAt) {
        offer();
        await clock.wait(80);
      }
    };
    const worker = async () => {
      while (clock.monotonic() < endsAt) {
        await budget.take();
        await clock.wait(20);
        const isAccepted = offer();
        counts[isAccepted ? 'accepted' : 'refused'] += 1;
        if (!isAccepted) budget.pause(1_000);
        await clock.wait(250);
      }
    };
    void stranger();
    for (let lane = 0; lane < 8; lane += 1) void worker();
    await clock.runUntil(endsAt);
    expect(counts.refused / (counts.accepted + counts.refused)).toBeLessThan(0.01);
    expect(counts.accepted).toBeGreaterThan(600 * 12.5 * 0.7);
  });

  it('rejects a waiter whose signal aborts and does not spend its turn', async () => {
    const clock = createFakeClock();
    const budget = createBudget({ requestsPerSecond: 10, burst: 1 }, { clock });
    const startedAt = clock.monotonic();
    await budget.take();
    const controller = new AbortController();
    const gone = budget.take(controller.signal);
    const next = budget.take();
    controller.abort();
    await expect(gone).rejects.toMatchObject({ code: 'SNAP_RUN_INTERRUPTED', sent: 'no' });
    await clock.settle(next);
    expect(clock.monotonic() - startedAt).toBeLessThan(150);
    await expect(budget.take(controller.signal)).rejects.toMatchObject({ code: 'SNAP_RUN_INTERRUPTED' });
  });

  it('shares a bucket with other processes: together they reach 98 % of the rate, with no refusal, and a pause of one is one for all', async () => {
    const clock = createFakeClock();
    const offer = createBucket(clock);
    const shared = createSharedBucket(clock);
    const counts = { accepted: 0, refused: 0 };
    const budgets = [1, 2, 3].map(() => createBudget(rules, { clock, shared }));
    const worker = async (budget: Budget) => {
      for (;;) {
        await budget.take();
        await clock.wait(20);
        counts[offer() ? 'accepted' : 'refused'] += 1;
        await clock.wait(250);
      }
    };
    for (const budget of budgets) for (let lane = 0; lane < 8; lane += 1) void worker(budget);
    await clock.runUntil(clock.monotonic() + 60_000);
    expect(counts.refused).toBe(0);
    expect(counts.accepted).toBeGreaterThanOrEqual(25 * 60 * 0.98);

    budgets[0]?.pause(10_000);
    // What the others had put into the bucket already leaves, and no more.
    await clock.runUntil(clock.monotonic() + 1_000);
    const before = counts.accepted;
    await clock.runUntil(clock.monotonic() + 8_500);
    expect(counts.accepted).toBe(before);
    await clock.runUntil(clock.monotonic() + 10_000);
    expect(counts.accepted).toBeGreaterThan(before + 150);
    expect(counts.refused).toBe(0);
  });

  it('keeps the pace by itself while the shared bucket cannot be reached', async () => {
    const clock = createFakeClock();
    const away = async (): Promise<never> => {
      throw new Error('the store is away');
    };
    const budget = createBudget(rules, { clock, shared: { fill: away, pause: away } });
    let taken = 0;
    const lane = async () => {
      for (;;) {
        await budget.take();
        taken += 1;
      }
    };
    void lane();
    await clock.runUntil(clock.monotonic() + 10_000);
    expect(taken).toBeGreaterThan(240);
    expect(taken).toBeLessThan(270);
  });
});

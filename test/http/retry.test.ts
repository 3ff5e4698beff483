import { describe, expect, it } from 'vitest';
import { defaultRetryRules, type RetryRules, retrying } from '../../src/http/retry.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { type Played, playing, prepared } from '../support/fake-exchange.ts';

interface Setting {
  readonly rules?: Partial<RetryRules>;
  readonly random?: () => number;
  readonly pauses?: number[];
}

function setUp(script: readonly Played[], { rules, random = () => 0.5, pauses }: Setting = {}) {
  const clock = createFakeClock();
  const { exchange, sent } = playing(...script);
  const budget = pauses && { take: async () => 0, pause: (delayMs: number) => void pauses.push(delayMs) };
  const send = retrying({ rules: { ...defaultRetryRules, ...rules }, budget, clock, random })(exchange);
  return { clock, sent, send: (more = {}) => clock.settle(send(prepared(more))) };
}

const told = (status: number, value: string): Played => ({ status, headers: { 'retry-after': value } });

describe('retrying', () => {
  it('waits a random part of a doubling time, with a ceiling', async () => {
    const { clock, send } = setUp([503], { rules: { attemptsMax: 8, elapsedMsMax: 1e9 }, random: () => 0.999 });
    await send();
    expect(clock.waits.map((wait) => Math.round(wait / 999))).toEqual([1, 2, 4, 8, 16, 30, 30]);
    const early = setUp([503], { random: () => 0 });
    await early.send();
    expect(early.clock.waits).toEqual([0, 0, 0]);
  });

  it('gives other statuses at once', async () => {
    for (const status of [200, 400, 401, 404, 422, 501]) {
      const { sent, send } = setUp([status]);
      expect(await send()).toMatchObject({ status });
      expect(sent).toHaveLength(1);
    }
  });

  it.each([
    ['a harmless request of which nothing is known', true, 'unknown', 4],
    ['a write of which nothing was sent', false, 'no', 4],
    ['a write of which nothing is known', false, 'unknown', 1],
  ] as const)('after a cut connection sends %s so often', async (_, repeatable, state, times) => {
    const { sent, send } = setUp([{ sent: state }]);
    await expect(send({ repeatable })).rejects.toMatchObject({ code: 'SNAP_UNREACHABLE', sent: state });
    expect(sent).toHaveLength(times);
  });

  it('waits as long as it is told, and a little more', async () => {
    const { clock, send } = setUp([told(503, '20'), 200]);
    await send();
    expect(clock.waits).toEqual([20_500]);
  });

  it.each(['', '0', '-1', 'soon'])('neither spins nor sleeps long when told %j', async (value) => {
    const { clock, send } = setUp([told(429, value), 200]);
    await send();
    expect(clock.waits[0]).toBeGreaterThanOrEqual(500);
    expect(clock.waits[0]).toBeLessThanOrEqual(30_000);
  });

  it('gives the refusal when it is told to come back in an hour', async () => {
    for (const status of [429, 503]) {
      const { clock, sent, send } = setUp([told(status, '3600')]);
      expect(await send()).toMatchObject({ status });
      expect([sent.length, clock.waits]).toEqual([1, []]);
    }
  });

  it('pauses everybody at a refusal for rate, and leaves the waiting to the budget', async () => {
    const pauses: number[] = [];
    const { clock, send } = setUp([told(429, '2'), 200], { pauses });
    expect(await send({ repeatable: false })).toMatchObject({ status: 200, traffic: { retries: 1 } });
    expect(pauses).toEqual([2_250]);
    expect(clock.waits).toEqual([]);
  });

  it('outlives ten minutes of refusals with few requests', async () => {
    const clock = createFakeClock();
    const { exchange, sent } = playing(429);
    const endsAt = clock.monotonic() + 600_000;
    const send = retrying({ rules: defaultRetryRules, budget: undefined, clock, random: () => 0.5 })((request) =>
      clock.monotonic() < endsAt ? exchange(request) : playing(200).exchange(request),
    );
    expect(await clock.settle(send(prepared()))).toMatchObject({ status: 200 });
    expect(sent.length).toBeLessThan(60);
  });

  it('keeps repetitions under a fifth of the load in an outage', async () => {
    const { sent, send } = setUp([503]);
    for (let count = 0; count < 500; count += 1) await send();
    expect(sent.length).toBeGreaterThan(500);
    expect(sent.length).toBeLessThanOrEqual(500 * 1.2 + 10);
  });

  it('stops waiting at once when the caller gives up', async () => {
    const controller = new AbortController();
    const { sent, send } = setUp([503]);
    const stopped = send({ signal: controller.signal });
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'SNAP_RUN_INTERRUPTED' });
    expect(sent).toHaveLength(1);
  });

  it('begins no wait that ends after the longest time for one request', async () => {
    const { clock, sent, send } = setUp([503], { rules: { attemptsMax: 100, elapsedMsMax: 10_000 } });
    const startedAt = clock.monotonic();
    await send();
    expect(clock.monotonic() - startedAt).toBeLessThanOrEqual(10_000);
    expect(sent.length).toBeLessThan(10);
  });
});

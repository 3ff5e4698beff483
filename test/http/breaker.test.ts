// SECURITY 54: a tenant that is down is tried by one request in thirty seconds, and runs wait at their place.
import { afterEach, describe, expect, it } from 'vitest';
import { Breaker, type BreakerOptions, outageMsMax } from '../../src/http/breaker.ts';
import { createHttpClient } from '../../src/http/client.ts';
import type { HttpEvent } from '../../src/http/contract.ts';
import type { Exchange } from '../../src/http/exchange.ts';
import { defaultRetryRules, retrying } from '../../src/http/retry.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { type Played, playing, prepared } from '../support/fake-exchange.ts';
import { framed, startRawServer } from '../support/raw-server.ts';

const minutes = 60_000;
const refused: Played = { sent: 'no' };
const cut: Played = { sent: 'unknown' };

/** A tenant that answers 200 but while it is down, behind the layer that repeats. */
async function setUp(options: BreakerOptions = {}) {
  const clock = createFakeClock();
  const state: { down: Played | undefined } = { down: undefined };
  const sentAt: number[] = [];
  const exchange: Exchange = async (request) => {
    sentAt.push(clock.monotonic());
    return playing(state.down ?? 200).exchange(request);
  };
  const breaker = new Breaker({ clock, ...options });
  const rules = { rules: defaultRetryRules, budget: undefined, clock, random: () => 0.5 };
  const send = retrying({ ...rules, breaker })(exchange);
  await send(prepared());
  return { clock, state, sentAt, ask: (more = {}) => send(prepared({ waitsForTenant: true, ...more })) };
}

describe('a tenant that is down', () => {
  it('is tried by one request in thirty seconds for ten minutes, and all others go on within a minute', async () => {
    const { clock, state, sentAt, ask } = await setUp();
    state.down = 503;
    const asked = Array.from({ length: 8 }, (_, n) => ask({ url: new URL(`https://acme.vendor.example/api/${n}`) }));
    const downAt = clock.monotonic();
    await clock.runUntil(downAt + 1 * minutes);
    const opening = sentAt.length;
    await clock.runUntil(downAt + 10 * minutes);
    const probes = sentAt.slice(opening);
    expect(probes.length).toBeGreaterThanOrEqual(17);
    expect(probes.length).toBeLessThanOrEqual(18);
    const apartMs = probes.slice(1).map((at, index) => at - (probes[index] ?? 0));
    expect(Math.min(...apartMs)).toBeGreaterThanOrEqual(30_000);
    state.down = undefined;
    const answers = await clock.settle(Promise.all(asked));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(clock.monotonic() - downAt).toBeLessThanOrEqual(11 * minutes);
  });

  it('keeps a request that is alone at its place when no connection comes about', async () => {
    const { clock, state, ask } = await setUp();
    state.down = refused;
    const events: HttpEvent[] = [];
    const asked = ask({ observe: (event: HttpEvent) => events.push(event) });
    await clock.runUntil(clock.monotonic() + 5 * minutes);
    state.down = undefined;
    expect(await clock.settle(asked)).toMatchObject({ status: 200 });
    const told = events.filter(({ kind }) => kind === 'down' || kind === 'up');
    expect(told).toMatchObject([
      { kind: 'down', reason: 'the connection was refused (ECONNREFUSED)', retryMs: 30_000 },
      { kind: 'up' },
    ]);
  });

  it('is waited for half an hour, after which requests fail, with one still tried', async () => {
    const { clock, state, ask } = await setUp();
    state.down = refused;
    const startedAt = clock.monotonic();
    const asked = await clock.settle(Promise.allSettled([ask(), ask()]));
    const failed = { status: 'rejected', reason: { code: 'SNAP_UNREACHABLE', sent: 'no' } };
    expect(asked).toMatchObject([failed, failed]);
    expect(clock.monotonic() - startedAt).toBeGreaterThanOrEqual(outageMsMax);
    await clock.runUntil(clock.monotonic() + 31_000);
    state.down = undefined;
    expect(await clock.settle(ask())).toMatchObject({ status: 200 });
  });

  it('lets a person who waits for the answer ask at once, and goes on when that is answered', async () => {
    const { clock, state, ask } = await setUp();
    state.down = refused;
    const parked = ask();
    await clock.runUntil(clock.monotonic() + 10_000);
    state.down = undefined;
    expect(await clock.settle(ask({ waitsForTenant: false }))).toMatchObject({ status: 200 });
    const answeredAt = clock.monotonic();
    expect(await clock.settle(parked)).toMatchObject({ status: 200 });
    expect(clock.monotonic()).toBe(answeredAt);
  });

  it('is never tried with a write while a harmless request waits, and a write in doubt stays in doubt', async () => {
    const { clock, state, sentAt, ask } = await setUp();
    state.down = refused;
    const write = ask({ method: 'POST', repeatable: false });
    const read = ask();
    await clock.runUntil(clock.monotonic() + 2 * minutes);
    const before = sentAt.length;
    state.down = cut;
    await clock.runUntil(clock.monotonic() + 2 * minutes);
    expect(sentAt.length).toBeGreaterThan(before);
    state.down = undefined;
    expect(await clock.settle(Promise.all([write, read]))).toMatchObject([{ status: 200 }, { status: 200 }]);
    state.down = cut;
    await expect(clock.settle(ask({ method: 'POST', repeatable: false }))).rejects.toMatchObject({ sent: 'unknown' });
  });

  it('ends the waiting of a request that is given up', async () => {
    const { clock, state, ask } = await setUp();
    state.down = refused;
    const controller = new AbortController();
    const asked = ask({ signal: controller.signal });
    await clock.runUntil(clock.monotonic() + 1 * minutes);
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'SNAP_RUN_INTERRUPTED', sent: 'no' });
  });
});

describe('what is no outage', () => {
  it.each<[string, Played]>([
    ['one page that is answered 503', 503],
    ['one page whose connection is cut each time', cut],
    ['a pause that the far side asks for', { status: 503, headers: { 'retry-after': '1' } }],
    ['an error of the far side', 500],
  ])('ends after four attempts: %s', async (_, down) => {
    const { clock, state, sentAt, ask } = await setUp();
    state.down = down;
    const before = sentAt.length;
    await clock.settle(ask().catch(() => undefined));
    expect(sentAt.length - before).toBe(4);
  });

  it('is told at once: a tenant that never answered this process', async () => {
    const clock = createFakeClock();
    const { exchange, sent } = playing(refused);
    const breaker = new Breaker({ clock });
    const send = retrying({ rules: defaultRetryRules, budget: undefined, breaker, clock, random: () => 0.5 })(exchange);
    const asked = clock.settle(send(prepared({ waitsForTenant: true })));
    await expect(asked).rejects.toMatchObject({ code: 'SNAP_UNREACHABLE' });
    expect(sent).toHaveLength(4);
  });

  it('refusals for the rate, however many', async () => {
    const { clock, state, ask } = await setUp();
    state.down = { status: 429, headers: { 'retry-after': '1' } };
    const asked = Array.from({ length: 8 }, () => ask());
    await clock.runUntil(clock.monotonic() + 5_000);
    state.down = undefined;
    const backAt = clock.monotonic();
    await clock.settle(Promise.all(asked));
    expect(clock.monotonic() - backAt).toBeLessThanOrEqual(2_000);
  });
});

describe('over sockets', () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  it('several requests wait while a server answers 503 to all, and end well when it is back', async () => {
    let isDown = false;
    const probeMs = 200;
    const server = await startRawServer(() => framed(isDown ? 503 : 200, '[]'));
    ends.push(server.close);
    const client = createHttpClient({
      allowedHosts: ['127.0.0.1'],
      breaker: new Breaker({ probeMs }),
      retry: { delayMsBase: 1, delayMsMax: 2 },
    });
    ends.push(client.close);
    const kinds: string[] = [];
    const observe = ({ kind }: HttpEvent): void => void kinds.push(kind);
    const ask = (path = '/api/things') => {
      const url = new URL(path, server.origin);
      return client.send({ method: 'GET', url, repeatable: true, waitsForTenant: true, observe });
    };
    await ask();
    isDown = true;
    const asked = Promise.all([ask(), ask('/api/others'), ask('/api/files')]);
    await expect.poll(() => kinds.filter((kind) => kind === 'down').length).toBe(3);
    isDown = false;
    expect((await asked).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(kinds.filter((kind) => kind === 'up')).toHaveLength(3);
  });
});

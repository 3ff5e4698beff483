import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bearer } from '../../src/http/bearer.ts';
import type { AccessToken, TokenRequest } from '../../src/http/contract.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { type Played, playing, prepared } from '../support/fake-exchange.ts';

const settleMs = 5_000;
const old = 0;

/** A source that gives these tokens in order, the last for ever. */
function sourceOf(...given: readonly Partial<AccessToken>[]) {
  const asked: TokenRequest[] = [];
  const source = async (request: TokenRequest = {}): Promise<AccessToken> => {
    asked.push(request);
    const token = given[Math.min(asked.length, given.length) - 1];
    return { value: `token-${token?.version ?? 1}`, version: 1, issuedAt: old, ...token };
  };
  return { source, asked };
}

function setUp(script: readonly Played[], ...given: readonly Partial<AccessToken>[]) {
  const clock = createFakeClock();
  const { exchange, sent } = playing(...script);
  const { source, asked } = sourceOf(...given);
  const send = (more = {}) => clock.settle(bearer(source, settleMs, clock)(exchange)(prepared(more)));
  return { clock, send, asked, tokens: () => sent.map(({ headers }) => headers.authorization) };
}

describe('bearer', () => {
  it('sends the token of the source', async () => {
    const { send, tokens, asked } = setUp([200], {});
    expect(await send()).toMatchObject({ status: 200 });
    expect(tokens()).toEqual(['Bearer token-1']);
    expect(asked).toEqual([{}]);
  });

  it('names the refused version on a 401 and repeats once with the new token', async () => {
    const { send, tokens, asked, clock } = setUp([401, 200], { version: 7 }, { version: 8 });
    expect(await send()).toMatchObject({ status: 200, traffic: { requests: 2, retries: 1 } });
    expect(tokens()).toEqual(['Bearer token-7', 'Bearer token-8']);
    expect(asked).toEqual([{}, { rejectedVersion: 7 }]);
    expect(clock.waits).toEqual([]);
  });

  it('gives the second 401 as the answer: a new token was refused', async () => {
    const { send, tokens } = setUp([401], { version: 7 }, { version: 8 });
    expect(await send()).toMatchObject({ status: 401 });
    expect(tokens()).toHaveLength(2);
  });

  it('waits until a young token has settled before it is repeated', async () => {
    const clock = createFakeClock();
    const young = clock.wall() - 1_000;
    const { send, tokens, clock: used } = setUp([401, 200], { issuedAt: young }, { issuedAt: young });
    expect(await send()).toMatchObject({ status: 200 });
    expect(tokens()).toEqual(['Bearer token-1', 'Bearer token-1']);
    expect(used.waits).toEqual([4_000]);
  });

  it('lets a new token settle before it is used for the repetition', async () => {
    const clock = createFakeClock();
    const { send, clock: used } = setUp([401, 200], { version: 1 }, { version: 2, issuedAt: clock.wall() });
    expect(await send()).toMatchObject({ status: 200 });
    expect(used.waits).toEqual([settleMs]);
  });

  it('asks for a new token when a young one is refused though it has settled', async () => {
    const clock = createFakeClock();
    const young = { issuedAt: clock.wall() - 4_000 };
    const { send, tokens, asked } = setUp([401, 401, 200], young, young, { version: 2 });
    expect(await send()).toMatchObject({ status: 200 });
    expect(tokens()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
    expect(asked).toEqual([{}, { rejectedVersion: 1 }, { rejectedVersion: 1 }]);
  });

  it('stops when the source stands by a settled token', async () => {
    const { send, tokens } = setUp([401], {});
    expect(await send()).toMatchObject({ status: 401 });
    expect(tokens()).toHaveLength(1);
  });

  it('does not spin when the clocks disagree about the age of a token', async () => {
    const clock = createFakeClock();
    const { send, tokens, clock: used } = setUp([401], { issuedAt: clock.wall() + 86_400_000 });
    expect(await send()).toMatchObject({ status: 401 });
    expect(tokens()).toHaveLength(2);
    expect(used.waits).toEqual([settleMs]);
  });

  it.each(['A\r\nX-Evil: 1', 'A\nB', 'a b', '', 'ü'])('refuses to send the token %j', async (value) => {
    const { send, tokens } = setUp([200], { value });
    const error: unknown = await send().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'SNAP_TOKEN_UNAVAILABLE' });
    if (value.length > 1) expect(inspect(error)).not.toContain(value);
    expect(tokens()).toHaveLength(0);
  });

  it('turns a source that was told to stop into an interrupted request', async () => {
    const controller = new AbortController();
    controller.abort();
    const stopped = bearer(
      async ({ signal } = {}) => {
        signal?.throwIfAborted();
        return { value: 'x', version: 1, issuedAt: 0 };
      },
      settleMs,
      createFakeClock(),
    )(playing(200).exchange)(prepared({ signal: controller.signal }));
    await expect(stopped).rejects.toMatchObject({ code: 'SNAP_RUN_INTERRUPTED', sent: 'no' });
  });
});

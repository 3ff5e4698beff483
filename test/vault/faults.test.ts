import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExecutionError } from '../../src/errors.ts';
import type { OauthFailureDetails } from '../../src/oauth/failure.ts';
import { answer, failure, openWorld, personAccount, type World } from './support.ts';

let world: World;

beforeEach(async () => {
  world = await openWorld();
  await world.vault.accounts.add(personAccount);
  await world.vault.authorizations.accept('demo', answer({ accessToken: 'access-0', refreshToken: 'refresh-1' }));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await world.close();
});

const storeIsAway = () =>
  new ExecutionError('SNAP_STORE_UNAVAILABLE', 'away', { reason: 'r', resolution: 's', retryable: true });

async function storedSet() {
  const account = await world.store.accounts.findByName('demo');
  const view = await world.store.tokenSets.read(account?.id ?? '');
  return { version: view?.set?.version, sealed: view?.set?.sealed, state: view?.account.state };
}

describe('an answer that is no success', () => {
  const answers: readonly (readonly [string, Partial<OauthFailureDetails>, string])[] = [
    ['invalid_grant at 400', { kind: 'invalid_grant', status: 400 }, 'needs-authorization'],
    ['invalid_grant at 401', { kind: 'invalid_grant', status: 401 }, 'needs-authorization'],
    ['invalid_client at 401', { kind: 'invalid_client', status: 401 }, 'misconfigured'],
    ['unauthorized_client at 400', { kind: 'unauthorized_client', status: 400 }, 'misconfigured'],
    ['invalid_scope at 400', { kind: 'invalid_scope', status: 400 }, 'authorized'],
    ['another OAuth error', { kind: 'other-oauth', status: 400 }, 'authorized'],
    ['200 with an error or no token', { kind: 'unusable-answer', status: 200 }, 'authorized'],
    ['an HTML page', { kind: 'unusable-answer', status: 200 }, 'authorized'],
    ['a redirect', { kind: 'temporary', status: 302 }, 'authorized'],
    ['500 with invalid_grant inside', { kind: 'temporary', status: 500 }, 'authorized'],
    ['503', { kind: 'temporary', status: 503 }, 'authorized'],
    ['no connection', { kind: 'temporary', sent: 'no' }, 'authorized'],
    ['no answer', { kind: 'temporary', sent: 'unknown' }, 'authorized'],
  ];

  it.each(answers)('leaves the set as it was: %s', async (_, details, state) => {
    const before = await storedSet();
    world.respond(() => {
      throw failure(details);
    });
    world.clock.pass(21 * 3_600_000);
    const tokens = world.vault.tokenSource('demo');
    await tokens().catch(() => undefined);
    expect(await storedSet()).toEqual({ ...before, state });
    expect(world.asked).toHaveLength(1);
  });
});

describe('a store that is away for a moment', () => {
  it('loses no rotated refresh token: it is kept and written when the store is back', async () => {
    world.respond(() => answer({ accessToken: 'access-1', refreshToken: 'refresh-2' }));
    const commit = vi.spyOn(world.store.tokenSets, 'commit');
    commit.mockRejectedValueOnce(storeIsAway()).mockRejectedValueOnce(storeIsAway());
    world.clock.pass(25 * 3_600_000);
    expect((await world.vault.tokenSource('demo')()).value).toBe('access-1');
    expect(commit).toHaveBeenCalledTimes(3);
    expect(world.asked).toHaveLength(1);
  });

  it('ends no run that holds a live token, and sends nothing', async () => {
    const tokens = world.vault.tokenSource('demo');
    await tokens();
    const find = vi.spyOn(world.store.accounts, 'findByName').mockRejectedValue(storeIsAway());
    world.clock.pass(23 * 3_600_000);
    expect((await tokens()).value).toBe('access-0');
    await expect(tokens({ rejectedVersion: 1 })).rejects.toMatchObject({ code: 'SNAP_STORE_UNAVAILABLE' });
    world.clock.pass(3_600_000);
    await expect(tokens()).rejects.toMatchObject({ code: 'SNAP_STORE_UNAVAILABLE' });
    expect(world.asked).toHaveLength(0);
    find.mockRestore();
  });

  it('never renews without the lease', async () => {
    vi.spyOn(world.store.leases, 'acquire').mockRejectedValue(storeIsAway());
    world.clock.pass(25 * 3_600_000);
    await expect(world.vault.tokenSource('demo')()).rejects.toMatchObject({ code: 'SNAP_STORE_UNAVAILABLE' });
    expect(world.asked).toHaveLength(0);
  });

  it('sends nothing when the lease was lost before the request was noted', async () => {
    const note = vi.spyOn(world.store.tokenSets, 'noteSent').mockResolvedValueOnce(false);
    world.clock.pass(25 * 3_600_000);
    await world.vault.tokenSource('demo')();
    expect(note).toHaveBeenCalledTimes(2);
    expect(world.asked).toHaveLength(1);
  });
});

describe('a usable answer with a flaw', () => {
  it('is used, and warned about until a whole one comes', async () => {
    world.respond((_, count) =>
      answer({ accessToken: `access-${count}`, flaws: count === 1 ? ['expires_in is not a number'] : [] }),
    );
    const tokens = world.vault.tokenSource('demo');
    world.clock.pass(25 * 3_600_000);
    expect((await tokens()).value).toBe('access-1');
    expect(await world.vault.accounts.show('demo')).toMatchObject({
      state: 'authorized',
      warnings: ['the last token answer was used but has flaws: expires_in is not a number'],
    });
    world.clock.pass(25 * 3_600_000);
    await tokens();
    expect((await world.vault.accounts.show('demo')).warnings).toEqual([]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors.ts';
import { answer, clientAccount, failure, openWorld, personAccount, type World } from './support.ts';

let world: World;

beforeEach(async () => {
  world = await openWorld();
});

afterEach(() => world.close());

const addClient = () => world.vault.accounts.add(clientAccount);

/** An authorized account of a person, with the refresh token `refresh-1`. */
async function addPerson(): Promise<void> {
  await world.vault.accounts.add(personAccount);
  await world.vault.authorizations.accept('demo', answer({ accessToken: 'access-0', refreshToken: 'refresh-1' }));
}

describe('a token source of client credentials', () => {
  it('asks once and gives the same token until it is due', async () => {
    await addClient();
    const tokens = world.vault.tokenSource('demo');
    expect((await tokens()).value).toBe('access-1');
    world.clock.pass(19 * 3_600_000);
    expect((await tokens()).value).toBe('access-1');
    world.clock.pass(3_600_000);
    expect((await tokens()).value).toBe('access-2');
    expect(world.asked.map(({ grant }) => grant.kind)).toEqual(['client_credentials', 'client_credentials']);
    expect(world.asked[0]?.account.secrets).toEqual({ clientSecret: 'CANARY-secret-1' });
  });

  it('sends one token request when a hundred callers need a token at once', async () => {
    await addClient();
    const tokens = world.vault.tokenSource('demo');
    const given = await Promise.all(Array.from({ length: 100 }, () => tokens()));
    expect(new Set(given.map(({ version }) => version))).toEqual(new Set([1]));
    expect(world.asked).toHaveLength(1);
  });

  it('renews once when fifty calls are refused with 401 in parallel', async () => {
    await addClient();
    const tokens = world.vault.tokenSource('demo');
    await tokens();
    const given = await Promise.all(Array.from({ length: 50 }, () => tokens({ rejectedVersion: 1 })));
    expect(given.every(({ value, version }) => value === 'access-2' && version === 2)).toBe(true);
    expect(world.asked).toHaveLength(2);
  });

  it('renews once when two processes are refused with the same token', async () => {
    await addClient();
    const here = world.vault.tokenSource('demo');
    const there = (await world.another()).tokenSource('demo');
    await here();
    await there();
    await Promise.all([here({ rejectedVersion: 1 }), there({ rejectedVersion: 1 })]);
    expect(world.asked).toHaveLength(2);
  });

  it('ends with the account and its scopes when a token that answers a 401 is refused too', async () => {
    world.respond(() => answer({ scope: ['core.invoice.read'] }));
    await addClient();
    const tokens = world.vault.tokenSource('demo');
    await tokens();
    await tokens({ rejectedVersion: 1 });
    await expect(tokens({ rejectedVersion: 2 })).rejects.toMatchObject({
      code: 'SNAP_ACCOUNT_REJECTED',
      message: 'The far side refuses account "demo".',
      reason: expect.stringContaining('core.invoice.read'),
    });
    expect(world.asked).toHaveLength(2);
  });

  it('tells a refused client secret plainly and asks no more until a person acts', async () => {
    world.respond(() => {
      throw failure({ kind: 'invalid_client', status: 401, description: 'no such client' });
    });
    await addClient();
    const tokens = world.vault.tokenSource('demo');
    for (let call = 0; call < 100; call += 1) {
      await expect(tokens()).rejects.toMatchObject({
        code: 'SNAP_ACCOUNT_SECRET_REJECTED',
        message: 'The client secret of account "demo" was not accepted.',
        exitCode: 3,
      });
    }
    expect(world.asked).toHaveLength(1);
    expect((await world.vault.accounts.show('demo')).state).toBe('misconfigured');
    world.respond(() => answer({ accessToken: 'access-2' }));
    const { settings } = clientAccount;
    await world.vault.accounts.update('demo', { settings, secrets: { clientSecret: 'CANARY-secret-2' } });
    expect((await tokens()).value).toBe('access-2');
    expect(world.asked[1]?.account.secrets).toEqual({ clientSecret: 'CANARY-secret-2' });
  });

  it('lives on a due token while the authorization server is down', async () => {
    await addClient();
    const tokens = world.vault.tokenSource('demo');
    await tokens();
    world.respond(() => {
      throw failure({ status: 503 });
    });
    world.clock.pass(21 * 3_600_000);
    for (let call = 0; call < 20; call += 1) expect((await tokens()).value).toBe('access-1');
    expect(world.asked).toHaveLength(2);
    world.clock.pass(60_000);
    world.respond(() => answer({ accessToken: 'access-3' }));
    expect((await tokens()).value).toBe('access-3');
  });

  it.each([
    ['absent, negative or text', undefined, 3_600],
    ['a hundred years', 3_153_600_000, 86_400],
    ['one hour', 3_600, 3_600],
    ['one second', 1, 1],
  ])('takes an expiry of %s as one it can live with', async (_, expiresInSeconds, livesForSeconds) => {
    world.respond(() => answer({ expiresInSeconds }));
    await addClient();
    await world.vault.tokenSource('demo')();
    const { token } = await world.vault.accounts.show('demo');
    const { expiresAt = '', issuedAt = '' } = token ?? {};
    expect(Date.parse(expiresAt) - Date.parse(issuedAt)).toBe(livesForSeconds * 1000);
  });

  it.each([
    ['wall clock a day ahead', 86_400_000, 0],
    ['wall clock a day back', -86_400_000, 0],
    ['monotonic clock a day ahead', 0, 86_400_000],
  ])('survives a %s with one extra renewal at most', async (_, wallMs, monotonicMs) => {
    await addClient();
    const tokens = world.vault.tokenSource('demo');
    await tokens();
    world.clock.wallMs += wallMs;
    world.clock.monotonicMs += monotonicMs;
    for (let call = 0; call < 20; call += 1) await tokens();
    expect(world.asked.length).toBeLessThanOrEqual(2);
    expect((await world.vault.accounts.show('demo')).state).toBe('authorized');
  });
});

describe('a token source of an authorization by a person', () => {
  it('names the command when nobody has authorized the account', async () => {
    await world.vault.accounts.add(personAccount);
    await expect(world.vault.tokenSource('demo')()).rejects.toMatchObject({
      code: 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION',
      resolution: 'run "snaps account authorize demo"',
      exitCode: 3,
    });
    expect(world.asked).toHaveLength(0);
  });

  it('presents the newest refresh token and keeps the old one when none comes', async () => {
    await addPerson();
    world.respond((_, count) => answer({ refreshToken: count === 1 ? 'refresh-2' : undefined }));
    const tokens = world.vault.tokenSource('demo');
    for (let renewal = 0; renewal < 3; renewal += 1) {
      world.clock.pass(23 * 3_600_000);
      await tokens();
    }
    expect(world.asked.map(({ grant }) => grant.kind === 'refresh_token' && grant.refreshToken)).toEqual([
      'refresh-1',
      'refresh-2',
      'refresh-2',
    ]);
  });

  it('stores a refresh token that was saved from a flawed answer', async () => {
    await addPerson();
    world.respond((_, count) =>
      count === 1
        ? answer({ accessToken: undefined, refreshToken: 'refresh-2', flaws: ['access_token is missing'] })
        : answer({ refreshToken: 'refresh-3' }),
    );
    const tokens = world.vault.tokenSource('demo');
    world.clock.pass(25 * 3_600_000);
    await expect(tokens()).rejects.toMatchObject({
      code: 'SNAP_TOKEN_UNAVAILABLE',
      reason: expect.stringContaining('access_token is missing'),
    });
    world.clock.pass(60_000);
    expect((await tokens()).value).toBe('access-1');
    expect(world.asked.map(({ grant }) => grant.kind === 'refresh_token' && grant.refreshToken)).toEqual([
      'refresh-1',
      'refresh-2',
    ]);
  });

  it('needs authorization after invalid_grant and asks no more', async () => {
    await addPerson();
    world.respond(() => {
      throw failure({ kind: 'invalid_grant', status: 400 });
    });
    world.clock.pass(25 * 3_600_000);
    const tokens = world.vault.tokenSource('demo');
    for (let run = 0; run < 100; run += 1) {
      await expect(tokens()).rejects.toMatchObject({ code: 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION' });
    }
    expect(world.asked).toHaveLength(1);
  });

  it('lives on the old access token after a lost answer, then spends the old refresh token once', async () => {
    await addPerson();
    world.respond(() => {
      throw failure({ sent: 'unknown' });
    });
    const tokens = world.vault.tokenSource('demo');
    world.clock.pass(21 * 3_600_000);
    expect((await tokens()).value).toBe('access-0');
    world.clock.pass(2 * 3_600_000);
    expect((await tokens()).value).toBe('access-0');
    expect(world.asked).toHaveLength(1);
    world.clock.pass(2 * 3_600_000);
    await expect(tokens()).rejects.toMatchObject({
      code: 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION',
      reason: expect.stringContaining('got no answer that was kept'),
    });
    await expect(tokens()).rejects.toMatchObject({ code: 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION' });
    expect(world.asked).toHaveLength(2);
  });

  it('recovers by itself when the server answers 503 for a while', async () => {
    await addPerson();
    world.respond(() => {
      throw failure({ status: 503 });
    });
    const tokens = world.vault.tokenSource('demo');
    world.clock.pass(25 * 3_600_000);
    await expect(tokens()).rejects.toMatchObject({ code: 'SNAP_TOKEN_UNAVAILABLE', retryable: true });
    expect(world.asked).toHaveLength(1);
    world.clock.pass(600_000);
    world.respond(() => answer({ accessToken: 'access-9' }));
    expect((await tokens()).value).toBe('access-9');
  });

  it('stops with an older set put back, and sends nothing', async () => {
    await addPerson();
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(world.storeUrl.slice('sqlite:'.length));
    const older = database.prepare('select version, sealed from token_sets').get();
    await world.vault.authorizations.accept('demo', answer({ refreshToken: 'refresh-2' }));
    database
      .prepare('update token_sets set version = ?, sealed = ?')
      .run(Number(older?.version), String(older?.sealed));
    database.close();
    const other = await world.another();
    await expect(other.tokenSource('demo')()).rejects.toMatchObject({ code: 'SNAP_SEAL_BROKEN' });
    expect(world.asked).toHaveLength(0);
  });

  it('warns fourteen days before the authorization ends', async () => {
    await addPerson();
    expect((await world.vault.accounts.show('demo')).warnings).toEqual([]);
    world.clock.pass(80 * 86_400_000);
    expect((await world.vault.accounts.show('demo')).warnings).toEqual([
      'the authorization ends in 10 days; run "snaps account authorize demo" before that',
    ]);
  });
});

describe('a token that was issued seconds ago', () => {
  it('is given again when it is refused, and renewed only when it has settled', async () => {
    const young = await openWorld({ policy: { settleMs: 5000 } });
    await young.vault.accounts.add(clientAccount);
    const tokens = young.vault.tokenSource('demo');
    await tokens();
    young.clock.pass(1000);
    expect(await tokens({ rejectedVersion: 1 })).toMatchObject({ version: 1, issuedAt: young.clock.wallMs - 1000 });
    expect(young.asked).toHaveLength(1);
    young.clock.pass(5000);
    expect(await tokens({ rejectedVersion: 1 })).toMatchObject({ version: 2 });
    await young.close();
  });
});

describe('a token request that is refused before it is sent', () => {
  it('throws that error as it is, at every call, and keeps the refresh token good', async () => {
    await addPerson();
    const refusal = new ConfigurationError('SNAP_HOST_NOT_ALLOWED', 'no', { reason: 'r', resolution: 's' });
    world.respond(() => {
      throw refusal;
    });
    world.clock.pass(25 * 3_600_000);
    const tokens = world.vault.tokenSource('demo');
    for (let call = 0; call < 5; call += 1) await expect(tokens()).rejects.toBe(refusal);
    world.respond(() => answer({ accessToken: 'new' }));
    expect((await tokens()).value).toBe('new');
  });
});

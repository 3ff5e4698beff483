import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, failure, openWorld, personAccount, type World } from './support.ts';

const redirectUri = 'http://127.0.0.1:8252/oauth/callback';

let world: World;

beforeEach(async () => {
  world = await openWorld();
  await world.vault.accounts.add(personAccount);
});

afterEach(() => world.close());

const begin = (bindsBrowser = true) =>
  world.vault.authorizations.begin('demo', { redirectUri, codeVerifier: 'CANARY-verifier', bindsBrowser });

const parametersOf = (state: string): URLSearchParams => new URLSearchParams({ code: 'code-1', state });

const refusal = { code: 'SNAP_AUTHORIZATION_REFUSED', exitCode: 3 };

describe('an authorization by a person', () => {
  it('hands code, verifier and the same redirect URI on, and authorizes the account', async () => {
    world.respond(() => answer({ refreshToken: 'refresh-1', scope: ['core.invoice.read', 'offline_access'] }));
    const { state, nonce = '' } = await begin();
    const view = await world.vault.authorizations.complete({ parameters: parametersOf(state), nonce });
    expect(view).toMatchObject({
      state: 'authorized',
      token: { hasRefreshToken: true, scopes: ['core.invoice.read', 'offline_access'] },
    });
    expect(world.asked).toHaveLength(1);
    expect(world.asked[0]?.grant).toMatchObject({
      kind: 'authorization_code',
      redirectUri,
      codeVerifier: 'CANARY-verifier',
      state,
    });
  });

  it('is used once, whoever is faster', async () => {
    const { state, nonce = '' } = await begin();
    const callback = { parameters: parametersOf(state), nonce };
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => world.vault.authorizations.complete(callback)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(world.asked).toHaveLength(1);
  });

  it('is refused with a missing, wrong, doubled or endless state', async () => {
    const { state, nonce = '' } = await begin();
    const doubled = parametersOf(state);
    doubled.append('state', state);
    const all = [
      new URLSearchParams({ code: 'x' }),
      parametersOf('wrong'),
      parametersOf('x'.repeat(1_000_000)),
      doubled,
    ];
    for (const parameters of all) {
      await expect(world.vault.authorizations.complete({ parameters, nonce })).rejects.toMatchObject(refusal);
    }
    expect(world.asked).toHaveLength(0);
  });

  it('is refused after ten minutes', async () => {
    const { state, nonce = '' } = await begin();
    world.clock.pass(600_000);
    await expect(world.vault.authorizations.complete({ parameters: parametersOf(state), nonce })).rejects.toMatchObject(
      refusal,
    );
  });

  it('is refused in another browser, and ended by that', async () => {
    const { state, nonce = '' } = await begin();
    const parameters = parametersOf(state);
    const other = (await begin()).nonce ?? '';
    await expect(world.vault.authorizations.complete({ parameters, nonce: other })).rejects.toMatchObject(refusal);
    await expect(world.vault.authorizations.complete({ parameters, nonce })).rejects.toMatchObject(refusal);
    expect(world.asked).toHaveLength(0);
  });

  it('is refused when the account was changed meanwhile', async () => {
    const { state, nonce = '' } = await begin();
    const settings = { ...personAccount.settings, host: 'beta' };
    await world.vault.accounts.update('demo', { settings, secrets: {} });
    await expect(world.vault.authorizations.complete({ parameters: parametersOf(state), nonce })).rejects.toMatchObject(
      refusal,
    );
    expect(world.asked).toHaveLength(0);
  });

  it('leaves the tokens of an account alone when it is denied or fails', async () => {
    await world.vault.authorizations.accept('demo', answer({ accessToken: 'old', refreshToken: 'refresh-1' }));
    for (const kind of ['invalid_grant', 'invalid_client', 'temporary', 'authorization-refused'] as const) {
      world.respond(() => {
        throw failure({ kind, status: 400 });
      });
      const { state, nonce = '' } = await begin();
      await expect(
        world.vault.authorizations.complete({ parameters: parametersOf(state), nonce }),
      ).rejects.toMatchObject(kind === 'invalid_client' ? { code: 'SNAP_ACCOUNT_SECRET_REJECTED' } : refusal);
    }
    expect(await world.vault.tokenSource('demo')()).toMatchObject({ value: 'old' });
    expect((await world.vault.accounts.show('demo')).state).toBe('authorized');
  });

  it('mends an account that needed it', async () => {
    await world.vault.authorizations.accept('demo', answer({ accessToken: 'old', refreshToken: 'refresh-1' }));
    world.respond(() => {
      throw failure({ kind: 'invalid_grant', status: 400 });
    });
    world.clock.pass(25 * 3_600_000);
    await expect(world.vault.tokenSource('demo')()).rejects.toMatchObject({ code: 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION' });
    world.respond(() => answer({ accessToken: 'new', refreshToken: 'refresh-2' }));
    const { state } = await begin(false);
    await world.vault.authorizations.complete({ parameters: parametersOf(state) });
    expect((await world.vault.tokenSource('demo')()).value).toBe('new');
  });
});

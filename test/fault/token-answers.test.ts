import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretMask } from '../../src/vault/accounts.ts';
import { refusal, type Scripted, type ScriptedServer, startScriptedServer, tokens } from './scripted-server.ts';
import { MovedClock, makeFolder, openTokenHost, type TokenHost } from './token-host.ts';

const hour = 3_600_000;
const day = 24 * hour;

let folder: ReturnType<typeof makeFolder>;
let server: ScriptedServer;
let clock: MovedClock;
let host: TokenHost;

beforeEach(async () => {
  folder = makeFolder();
  clock = new MovedClock();
  server = await startScriptedServer();
  host = await openTokenHost({ directory: folder.directory, clock, limits: { patienceMsMax: 500 } });
});

afterEach(async () => {
  await host.close();
  await server.close();
  folder.remove();
});

const add = (grant: 'client_credentials' | 'authorization_code') =>
  host.vault.accounts.add({
    name: 'coupa',
    type: 'coupa.oauth2',
    settings: { host: server.url, grant, clientId: 'client-1' },
    secrets: { clientSecret: 'CANARY-client-secret' },
  });

/** An account of a person with the token set `access-0`, `refresh-0`. */
async function addPerson(): Promise<void> {
  await add('authorization_code');
  const parts = { tokenType: 'bearer', scope: undefined, expiresInSeconds: 86_399, flaws: [] };
  await host.vault.authorizations.accept('coupa', { ...parts, accessToken: 'access-0', refreshToken: 'refresh-0' });
}

const source = () => host.vault.tokenSource('coupa');
const account = () => host.vault.accounts.show('coupa');
const presented = () => server.tokenRequests.map(({ form }) => form.refresh_token);
const failureOf = (work: Promise<unknown>): Promise<Record<string, unknown>> =>
  work.then(
    () => ({ code: 'none' }),
    (error: Record<string, unknown>) => error,
  );

async function storedSet() {
  const row = await host.store.accounts.findByName('coupa');
  const view = await host.store.tokenSets.read(row?.id ?? '');
  return { version: view?.set?.version, sealed: view?.set?.sealed };
}

describe('a rotated answer with a flaw', () => {
  const flawed: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['a negative expires_in', { expires_in: -5 }],
    ['expires_in null', { expires_in: null }],
    ['another token_type', { token_type: 'mac' }],
    ['a list of scopes', { scope: ['a', 'b'] }],
    ['a bad id_token', { id_token: 'not.a.token' }],
    ['an access_token that is no text', { access_token: 7 }],
  ];

  it.each(flawed)('loses nothing: %s', async (_, flaw) => {
    await addPerson();
    server.onToken((received, count) =>
      count === 1
        ? tokens({ access_token: 'access-1', refresh_token: 'refresh-1', ...flaw })
        : received.form.refresh_token === 'refresh-1'
          ? tokens({ access_token: 'access-2', refresh_token: 'refresh-2' })
          : refusal('invalid_grant'),
    );
    clock.pass(25 * hour);
    const first = await failureOf(source()());
    // Nothing printed shows a token, not even by the inspection of an error.
    expect(inspect(first, { depth: 20 })).not.toMatch(/refresh-1|access-1/u);
    clock.pass(25 * hour);
    expect((await source()()).value).toBe('access-2');
    expect(presented()).toEqual(['refresh-0', 'refresh-1']);
    expect((await account()).state).toBe('authorized');
  });
});

describe('an answer that is no success', () => {
  const answers: readonly (readonly [string, Scripted | undefined, string, string])[] = [
    ['invalid_grant at 400', refusal('invalid_grant'), 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION', 'needs-authorization'],
    ['invalid_grant at 401', refusal('invalid_grant', 401), 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION', 'needs-authorization'],
    ['invalid_client at 401', refusal('invalid_client', 401), 'SNAP_ACCOUNT_SECRET_REJECTED', 'misconfigured'],
    ['unauthorized_client', refusal('unauthorized_client'), 'SNAP_ACCOUNT_SECRET_REJECTED', 'misconfigured'],
    ['500 with invalid_grant inside', refusal('invalid_grant', 500), 'SNAP_TOKEN_UNAVAILABLE', 'authorized'],
    ['503 with an HTML page', { status: 503, body: '<h1>Back soon</h1>' }, 'SNAP_TOKEN_UNAVAILABLE', 'authorized'],
    ['200 with an HTML page', { body: '<h1>Log in</h1>' }, 'SNAP_TOKEN_UNAVAILABLE', 'authorized'],
    ['200 with an error', { body: { error: 'invalid_grant' } }, 'SNAP_TOKEN_UNAVAILABLE', 'authorized'],
    ['200 with empty texts', tokens({ access_token: '', refresh_token: '' }), 'SNAP_TOKEN_UNAVAILABLE', 'authorized'],
    ['200 with null', tokens({ access_token: null, refresh_token: null }), 'SNAP_TOKEN_UNAVAILABLE', 'authorized'],
    ['a redirect', { status: 302, headers: { location: '/login' } }, 'SNAP_TOKEN_UNAVAILABLE', 'authorized'],
    ['a dropped connection', undefined, 'SNAP_TOKEN_UNAVAILABLE', 'authorized'],
  ];

  it.each(answers)('leaves the stored set as it was: %s', async (_, answer, code, state) => {
    await addPerson();
    const before = await storedSet();
    server.onToken(() => answer);
    clock.pass(25 * hour);
    expect(await failureOf(source()())).toMatchObject({ code });
    expect((await account()).state).toBe(state);
    expect(await storedSet()).toEqual(before);
    expect(server.concurrencyMax).toBe(1);
    expect(server.tokenRequests.length).toBeLessThanOrEqual(2);
  });

  it('keeps the old refresh token when a success brings none', async () => {
    await addPerson();
    for (let renewal = 0; renewal < 3; renewal += 1) {
      clock.pass(25 * hour);
      await source()();
    }
    expect(presented()).toEqual(['refresh-0', 'refresh-0', 'refresh-0']);
  });

  it('is recovered from alone after ten minutes of 503 and of 500 with invalid_grant inside', async () => {
    await addPerson();
    server.onToken((_, count) => (count % 2 === 0 ? refusal('invalid_grant', 500) : { status: 503, body: 'away' }));
    clock.pass(25 * hour);
    for (let minute = 0; minute < 60; minute += 1) {
      expect(await failureOf(source()())).toMatchObject({ code: 'SNAP_TOKEN_UNAVAILABLE' });
      clock.pass(10_000);
    }
    // At most one request in thirty seconds.
    expect(server.tokenRequests.length).toBeLessThanOrEqual(20);
    server.onToken(() => tokens({ access_token: 'back' }));
    clock.pass(900_000);
    expect((await source()()).value).toBe('back');
    expect((await account()).state).toBe('authorized');
  });

  it('hurts no run with a live token while the authorization server is down', async () => {
    await addPerson();
    server.onToken(() => ({ status: 503, body: 'away' }));
    clock.pass(21 * hour);
    for (let call = 0; call < 60; call += 1) {
      expect((await source()()).value).toBe('access-0');
      clock.pass(10_000);
    }
    expect(server.tokenRequests.length).toBeLessThanOrEqual(20);
  });
});

describe('expires_in', () => {
  it.each([
    ['missing', undefined, hour],
    ['0', 0, hour],
    ['0.5', 0.5, hour],
    ['negative', -5, hour],
    ['"3600abc"', '3600abc', hour],
    ['"3600"', '3600', hour],
    ['1e15', 1e15, hour],
    ['3e6', 3e6, day],
  ])('that is %s gives a token that is used, and renewed in time without a spin', async (_, expiresIn, livesMs) => {
    server.onToken((_received, count) => tokens({ access_token: `access-${count}`, expires_in: expiresIn }));
    await add('client_credentials');
    for (let call = 0; call < 50; call += 1) expect((await source()()).value).toBe('access-1');
    const { token } = await account();
    expect(Date.parse(token?.expiresAt ?? '') - Date.parse(token?.issuedAt ?? '')).toBe(livesMs);
    clock.pass(livesMs);
    for (let call = 0; call < 50; call += 1) expect((await source()()).value).toBe('access-2');
    expect(server.tokenRequests).toHaveLength(2);
  });
});

describe('a clock that is wrong by a day', () => {
  it.each([
    ['ahead', 1],
    ['behind', -1],
  ])('%s, on the machine that renews: no account is lost, and one renewal more is made at most', async (_, days) => {
    await addPerson();
    server.onToken((_received, count) =>
      tokens({ access_token: `access-${count}`, refresh_token: `refresh-${count}` }),
    );
    clock.wallOffsetMs += days * day;
    for (let call = 0; call < 20; call += 1) await source()();
    clock.wallOffsetMs -= days * day;
    for (let call = 0; call < 20; call += 1) await source()();
    expect(server.tokenRequests.length).toBeLessThanOrEqual(1);
    expect((await account()).state).toBe('authorized');
  });

  it('does not matter at the far side: the token it calls expired is renewed by its 401', async () => {
    await add('client_credentials');
    server.onOther(({ headers }) => ({ status: headers.authorization === 'Bearer access-token-1' ? 401 : 200 }));
    await source()();
    clock.pass(6000);
    const client = await host.connect('coupa');
    const answer = await client.send({ method: 'GET', url: new URL(`${server.url}/api/x`), repeatable: true });
    expect(answer.status).toBe(200);
    expect(server.tokenRequests).toHaveLength(2);
  });

  it('jumps in the middle of a run and back: nothing spins', async () => {
    await add('client_credentials');
    for (const jump of [hour, -hour, day, -day, -day, day]) {
      clock.wallOffsetMs += jump;
      for (let call = 0; call < 10; call += 1) await source()();
    }
    expect(server.tokenRequests.length).toBeLessThanOrEqual(4);
    expect((await account()).state).toBe('authorized');
  });
});

describe('401 from the API', () => {
  it('fifty times at once costs one renewal', async () => {
    await add('client_credentials');
    await source()();
    clock.pass(6000);
    server.onOther(({ headers }) => ({ status: headers.authorization === 'Bearer access-token-1' ? 401 : 200 }));
    const client = await host.connect('coupa');
    const url = new URL(`${server.url}/api/x`);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => client.send({ method: 'GET', url, repeatable: true })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(server.tokenRequests).toHaveLength(2);
  });

  it('always costs two calls and one renewal, and then an error that names account and scope', async () => {
    server.onToken((_, count) => tokens({ access_token: `access-${count}`, scope: 'core.invoice.read' }));
    server.onOther(() => ({ status: 401 }));
    await add('client_credentials');
    await source()();
    clock.pass(6000);
    const client = await host.connect('coupa');
    const request = { method: 'GET', url: new URL(`${server.url}/api/x`), repeatable: true };
    expect((await client.send(request)).status).toBe(401);
    expect(server.others).toHaveLength(2);
    expect(server.tokenRequests).toHaveLength(2);
    clock.pass(6000);
    const error = await failureOf(client.send(request));
    expect(error).toMatchObject({ code: 'SNAP_ACCOUNT_REJECTED', message: 'The far side refuses account "coupa".' });
    expect(error.reason).toContain('core.invoice.read');
    expect(server.others).toHaveLength(3);
    expect(server.tokenRequests).toHaveLength(2);
  });
});

describe('a dead grant', () => {
  it('costs one token request in a thousand starts of the host', async () => {
    await addPerson();
    server.onToken(() => refusal('invalid_grant'));
    clock.pass(25 * hour);
    await host.close();
    for (let start = 0; start < 100; start += 1) {
      host = await openTokenHost({ directory: folder.directory, clock });
      for (let run = 0; run < 10; run += 1) {
        expect(await failureOf(source()())).toMatchObject({ code: 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION', exitCode: 3 });
        clock.pass(600_000);
      }
      if (start < 99) await host.close();
    }
    expect(server.tokenRequests).toHaveLength(1);
  }, 60_000);

  it('for a secret that was changed at the far side is told at once and asked for no more', async () => {
    await add('client_credentials');
    await source()();
    server.onToken(() => refusal('invalid_client', 401));
    clock.pass(25 * hour);
    for (let run = 0; run < 20; run += 1) {
      expect(await failureOf(source()())).toMatchObject({ code: 'SNAP_ACCOUNT_SECRET_REJECTED' });
      clock.pass(hour);
    }
    expect(server.tokenRequests).toHaveLength(2);
  });

  it('is foreseen: a warning at eighty days, needs authorization at ninety-one, no loop', async () => {
    await addPerson();
    clock.pass(80 * day);
    expect((await account()).warnings.join()).toContain('the authorization ends in 10 days');
    server.onToken(() => refusal('invalid_grant'));
    clock.pass(11 * day);
    for (let run = 0; run < 20; run += 1) {
      expect(await failureOf(source()())).toMatchObject({ code: 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION' });
    }
    expect(server.tokenRequests).toHaveLength(1);
  });
});

describe('a token endpoint that misleads', () => {
  it.each([307, 308, 302])('with %i to another place gives that place nothing', async (status) => {
    const evil = await startScriptedServer();
    server.onToken(() => ({ status, headers: { location: `${evil.url}/oauth2/token` } }));
    await add('client_credentials');
    expect(await failureOf(source()())).toMatchObject({ code: 'SNAP_TOKEN_UNAVAILABLE' });
    expect([...evil.tokenRequests, ...evil.others]).toEqual([]);
    await evil.close();
  });

  it('with a token that would begin another header is never sent on', async () => {
    server.onToken(() => tokens({ access_token: 'A\r\nX-Evil: 1' }));
    await add('client_credentials');
    const client = await host.connect('coupa');
    const sent = client.send({ method: 'GET', url: new URL(`${server.url}/api/x`), repeatable: true });
    expect(await failureOf(sent)).toMatchObject({ code: 'SNAP_TOKEN_UNAVAILABLE' });
    expect(server.others).toEqual([]);
  });
});

describe('an account whose host is edited', () => {
  it('gives the new place neither secret nor token, not even where the operator allows it', async () => {
    const evil = await startScriptedServer();
    await addPerson();
    await host.vault.accounts.update('coupa', {
      settings: { host: evil.url, grant: 'authorization_code', clientId: 'client-1' },
      secrets: { clientSecret: secretMask },
    });
    const fresh = await openTokenHost({ directory: folder.directory, clock });
    const client = await fresh.connect('coupa');
    const sent = client.send({ method: 'GET', url: new URL(`${evil.url}/api/x`), repeatable: true });
    expect(await failureOf(sent)).toMatchObject({ code: 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION' });
    await fresh.close();
    const seen = JSON.stringify([...evil.tokenRequests, ...evil.others]);
    expect(seen).not.toMatch(/CANARY|access-0|refresh-0/u);
    await evil.close();
  });
});

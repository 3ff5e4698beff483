import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { startScriptedServer } from './scripted-server.ts';
import {
  addAccount,
  addPerson,
  allow,
  authorize,
  changed,
  MovedClock,
  makeFolder,
  openTokenHost,
  redirectUri,
  type TokenHost,
  tokenRequests,
} from './token-host.ts';

const hour = 3_600_000;
const refused = { code: 'SNAP_AUTHORIZATION_REFUSED', exitCode: 3 };

let folder: ReturnType<typeof makeFolder>;
let simulator: Simulator;
let clock: MovedClock;
let host: TokenHost;

beforeEach(async () => {
  folder = makeFolder();
  clock = new MovedClock();
  simulator = await startSimulator({
    records: 20,
    ratePerSecond: 0,
    rotateRefreshTokens: true,
    autoConsent: true,
    now: clock.wall,
  });
  host = await openTokenHost({ directory: folder.directory, clock });
});

afterEach(async () => {
  await host.close();
  await simulator.close();
  folder.remove();
});

const begin = (bindsBrowser = false) => host.authorizations.begin('coupa', { redirectUri, bindsBrowser });
const complete = (callback: URL, nonce?: string) =>
  host.authorizations.complete({
    parameters: callback.searchParams,
    ...(nonce === undefined ? {} : { nonce }),
  });
const account = () => host.vault.accounts.show('coupa');
const challengeOf = (url: string): string => new URL(url).searchParams.get('code_challenge') ?? '';

describe('PKCE', () => {
  it('of another authorization does not fit: the code is refused and the account stays as it was', async () => {
    await addPerson(host, simulator);
    const before = await account();
    const { authorizeUrl } = await begin();
    const foreign = createHash('sha256').update('somebody else knows this verifier, not we').digest('base64url');
    const callback = await allow(changed(authorizeUrl, { code_challenge: foreign }).href);
    await expect(complete(callback)).rejects.toMatchObject({ ...refused, reason: expect.stringContaining('grant') });
    expect(await account()).toEqual(before);
    expect((await host.vault.tokenSource('coupa')()).version).toBe(before.token?.version);
  });

  it('serves one authorization: a pair that comes again is refused by the tenant', async () => {
    await addAccount(host, simulator, { grant: 'authorization_code' });
    const first = await begin();
    await complete(await allow(first.authorizeUrl));
    const second = await begin();
    const again = changed(second.authorizeUrl, { code_challenge: challengeOf(first.authorizeUrl) });
    const outcome = await allow(again.href)
      .then(complete)
      .catch((error: unknown) => error);
    expect(outcome).not.toMatchObject({ state: 'authorized' });
    expect((await account()).token?.version).toBe(1);
  });

  it('is fresh for each of a thousand authorizations, always S256, and its verifier is nowhere in the address', async () => {
    await addAccount(host, simulator, { grant: 'authorization_code' });
    const urls: string[] = [];
    for (let flow = 0; flow < 1000; flow += 1) urls.push((await begin()).authorizeUrl);
    expect(new Set(urls.map(challengeOf)).size).toBe(1000);
    for (const url of urls) {
      const query = new URL(url).searchParams;
      expect(query.get('code_challenge_method')).toBe('S256');
      expect(query.get('code_challenge')).toMatch(/^[\w-]{43}$/u);
      expect([...query.keys()]).not.toContain('code_verifier');
    }
  });
});

describe('a callback', () => {
  it('with a code that was used before is refused, and the account goes on with what that code gave it', async () => {
    await addAccount(host, simulator, { grant: 'authorization_code' });
    const callback = await allow((await begin()).authorizeUrl);
    await complete(callback);
    await expect(complete(callback)).rejects.toMatchObject(refused);
    const second = await begin();
    await expect(complete(changed(callback.href, { state: second.state }))).rejects.toMatchObject(refused);
    expect(tokenRequests(simulator)).toBe(2);
    clock.pass(25 * hour);
    await host.vault.tokenSource('coupa')();
    expect(await account()).toMatchObject({ state: 'authorized', token: { version: 2 } });
  });

  it('five times at once costs one token request, and one of them succeeds', async () => {
    await addAccount(host, simulator, { grant: 'authorization_code' });
    const callback = await allow((await begin()).authorizeUrl);
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => complete(callback)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(tokenRequests(simulator)).toBe(1);
  });

  it('with a missing, wrong, doubled, endless or old state, in another browser, or of an attacker, changes nothing', async () => {
    await addPerson(host, simulator);
    const before = await account();
    const requests = tokenRequests(simulator);
    const { authorizeUrl, nonce } = await begin(true);
    const callback = await allow(authorizeUrl);
    const without = new URL(callback);
    without.searchParams.delete('state');
    const doubled = new URL(callback);
    doubled.searchParams.append('state', 'second');
    const attackers = changed(callback.href, { state: 'x'.repeat(43) });
    for (const wrong of [without, doubled, attackers, changed(callback.href, { state: 'x'.repeat(100_000) })]) {
      await expect(complete(wrong, nonce)).rejects.toMatchObject(refused);
    }
    // The victim's browser has no nonce of the attacker's own, valid authorization.
    await expect(complete(callback)).rejects.toMatchObject(refused);
    const old = await begin(true);
    const late = await allow(old.authorizeUrl);
    clock.pass(10 * 60_000 + 1000);
    await expect(complete(late, old.nonce)).rejects.toMatchObject(refused);
    expect(tokenRequests(simulator)).toBe(requests);
    expect(await account()).toEqual(before);
  });

  it('with an error, an empty code, line breaks or a megabyte is refused in bounded words without markup left raw', async () => {
    await addPerson(host, simulator);
    const requests = tokenRequests(simulator);
    const hostile: readonly Readonly<Record<string, string>>[] = [
      {
        error: 'access_denied',
        error_description: '<script>alert(1)</script>\r\nSet-Cookie: a=b',
        code: 'a-good-code',
      },
      { code: '' },
      { code: 'x'.repeat(1_000_000) },
      { code: 'a\r\nb', error: `\u001b[31m${'y'.repeat(5000)}` },
      { code: 'a', iss: 'https://evil.test' },
    ];
    for (const parameters of hostile) {
      const { state } = await begin();
      const callback = changed(redirectUri, { state, ...parameters });
      const error = await complete(callback).then(
        () => ({ reason: 'completed', code: '' }),
        (thrown: { reason: string; code: string }) => thrown,
      );
      expect(error.code).toBe('SNAP_AUTHORIZATION_REFUSED');
      expect(error.reason.length).toBeLessThanOrEqual(700);
      expect(error.reason).not.toMatch(/\p{Cc}/u);
    }
    expect(tokenRequests(simulator)).toBe(requests);
    expect((await account()).state).toBe('authorized');
  });
});

describe('an authorization without offline_access', () => {
  it('is said to end, and when it does nothing is sent and a person is asked', async () => {
    await addAccount(host, simulator, { grant: 'authorization_code', scopes: ['core.common.read'] });
    const { notes } = await host.authorizations.describe('coupa');
    expect(notes.join()).toContain('offline_access');
    await authorize(host, 'coupa');
    expect((await account()).token).toMatchObject({ hasRefreshToken: false });
    // Inside the margin it cannot be renewed, and lives on to its end.
    clock.pass(22 * hour);
    for (let run = 0; run < 5; run += 1) expect((await host.vault.tokenSource('coupa')()).version).toBe(1);
    clock.pass(3 * hour);
    for (let run = 0; run < 5; run += 1) {
      await expect(host.vault.tokenSource('coupa')()).rejects.toMatchObject({
        code: 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION',
        reason: expect.stringContaining('no refresh token'),
      });
    }
    expect(tokenRequests(simulator)).toBe(1);
  });
});

describe('a denied or broken authorization', () => {
  it('in one tab leaves the runs of the account going on', async () => {
    await addPerson(host, simulator);
    const { state } = await begin();
    const denied = changed(redirectUri, { state, error: 'access_denied' });
    await expect(complete(denied)).rejects.toMatchObject(refused);
    expect((await host.vault.tokenSource('coupa')()).version).toBe(1);
    expect(await account()).toMatchObject({ state: 'authorized' });
  });

  it('is no place for a code to go when its tenant has become another one', async () => {
    await addAccount(host, simulator, { grant: 'authorization_code' });
    const callback = await allow((await begin()).authorizeUrl);
    const evil = await startScriptedServer();
    const { settings } = await account();
    await host.vault.accounts.update('coupa', { settings: { ...settings, host: evil.url }, secrets: {} });
    await expect(complete(callback)).rejects.toMatchObject(refused);
    expect(evil.tokenRequests).toEqual([]);
    await evil.close();
  });
});

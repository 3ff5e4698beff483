import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type SecondAuthorizationServer,
  startSecondAuthorizationServer,
} from '../support/second-authorization-server.ts';
import {
  authorize,
  MovedClock,
  makeFolder,
  openTokenHost,
  redirectUri,
  secondPack,
  type TokenHost,
} from './token-host.ts';

type Grant = 'authorization_code' | 'client_credentials' | 'device_code';

let folder: ReturnType<typeof makeFolder>;
let clock: MovedClock;
let server: SecondAuthorizationServer;
let host: TokenHost;

beforeEach(async () => {
  folder = makeFolder();
  clock = new MovedClock();
  server = await startSecondAuthorizationServer({ now: clock.wall });
  host = await openTokenHost({ directory: folder.directory, clock, packs: [secondPack] });
});

afterEach(async () => {
  await host.close();
  await server.close();
  folder.remove();
});

async function add(grantType: Grant, options: { isPublic?: boolean; name?: string; at?: typeof server } = {}) {
  const { isPublic = false, name = 'second', at = server } = options;
  const personal = grantType === 'authorization_code' ? { redirectUri } : {};
  const { clientId, clientSecret } = at.register({ grantType, isPublic, ...personal });
  const scopes = grantType === 'client_credentials' ? 'read' : 'read offline_access';
  await host.vault.accounts.add({
    name,
    type: 'second.oauth2',
    settings: { server: at.issuer, grant: grantType, clientId, scopes },
    secrets: isPublic ? {} : { clientSecret },
  });
}

const token = () => host.vault.tokenSource('second')();
const account = () => host.vault.accounts.show('second');

/** Lets thirty seconds of the short tokens pass, several times. */
async function renewThrice(): Promise<void> {
  const values = [(await token()).value];
  for (let renewal = 0; renewal < 3; renewal += 1) {
    clock.pass(31_000);
    values.push((await token()).value);
  }
  expect(new Set(values).size).toBe(4);
  expect(await account()).toMatchObject({ state: 'authorized', warnings: [] });
  expect(server.stats()).toEqual({ tokenRequests: 4, reuses: 0 });
}

describe('the second authorization server, declared by a pack alone', () => {
  it('gives tokens for client credentials in the Authorization header, renewed every thirty seconds', async () => {
    await add('client_credentials');
    await renewThrice();
  });

  it.each([
    ['a secret and PKCE', false],
    ['PKCE alone', true],
  ])('authorizes a person with %s, and its refresh tokens rotate', async (_, isPublic) => {
    await add('authorization_code', { isPublic });
    expect(await authorize(host, 'second')).toMatchObject({
      state: 'authorized',
      token: { hasRefreshToken: true },
    });
    await renewThrice();
  });

  it.each([
    ['with a secret', false],
    ['without one', true],
  ])('authorizes a device %s, and renews', async (_, isPublic) => {
    await add('device_code', { isPublic });
    const device = await host.authorizations.beginDevice('second', AbortSignal.timeout(60_000));
    expect(device.verificationUri).toBe(server.endpoints.device);
    await server.approveDevice(device.userCode);
    expect(await device.finished).toMatchObject({ state: 'authorized' });
    await renewThrice();
  });

  it('revokes what it gave when the account is removed', async () => {
    await add('authorization_code');
    await authorize(host, 'second');
    const { value } = await token();
    expect(await host.vault.accounts.remove('second')).toEqual({ isRevoked: true });
    const me = await fetch(`${server.issuer}/as/me`, { headers: { authorization: `Bearer ${value}` } });
    expect(me.status).toBe(401);
  });

  it('says from which server a callback comes: a code of one is never sent to another', async () => {
    const evil = await startSecondAuthorizationServer();
    await add('authorization_code');
    await add('authorization_code', { name: 'evil', at: evil });
    // The evil server sends the person on to the honest one, with the state of its own authorization.
    const begun = await host.authorizations.begin('evil', { redirectUri, bindsBrowser: false });
    const honest = await host.authorizations.begin('second', { redirectUri, bindsBrowser: false });
    const misled = new URL(honest.authorizeUrl);
    misled.searchParams.set('state', begun.state);
    const callback = await server.authorize(misled);
    expect(callback.searchParams.get('code')).toBeTruthy();
    await expect(host.authorizations.complete({ parameters: callback.searchParams })).rejects.toMatchObject({
      code: 'SNAP_AUTHORIZATION_REFUSED',
    });
    expect(evil.stats().tokenRequests).toBe(0);
    await evil.close();
  });

  it('is known to name itself from its first callback on: one without a name is refused', async () => {
    await add('authorization_code');
    await authorize(host, 'second');
    const before = await account();
    await expect(comeBackUnnamed()).rejects.toMatchObject(refused);
    expect(await account()).toEqual(before);
    expect(server.stats().tokenRequests).toBe(1);
    // The next good callback works as before.
    expect(await authorize(host, 'second')).toMatchObject({ state: 'authorized', token: { version: 2 } });
  });

  it('declared to name itself is held to it from the first callback on', async () => {
    await host.close();
    host = await openTokenHost({
      directory: folder.directory,
      clock,
      packs: [packThatDeclares({ sendsIssuer: true })],
    });
    await add('authorization_code');
    await expect(comeBackUnnamed()).rejects.toMatchObject(refused);
    expect(server.stats().tokenRequests).toBe(0);
    expect(await authorize(host, 'second')).toMatchObject({ state: 'authorized' });
  });

  it('is asked with the parameters that its pack declares, which replace none of the flow', async () => {
    await add('authorization_code');
    const { authorizeUrl } = await host.authorizations.begin('second', { redirectUri, bindsBrowser: false });
    expect(new URL(authorizeUrl).searchParams.get('prompt')).toBe('consent');
    const bad = packThatDeclares({ authorizeParameters: { state: 'fixed' } });
    await expect(openTokenHost({ directory: folder.directory, packs: [bad] })).rejects.toMatchObject({
      code: 'SNAP_PACK_INVALID',
    });
  });
});

const refused = { code: 'SNAP_AUTHORIZATION_REFUSED', reason: expect.stringContaining('does not say from which') };

/** A callback with a good code and state whose `iss` was taken away. */
async function comeBackUnnamed() {
  const { authorizeUrl } = await host.authorizations.begin('second', { redirectUri, bindsBrowser: false });
  const { searchParams: parameters } = await server.authorize(authorizeUrl);
  expect(parameters.get('iss')).toBe(server.issuer);
  parameters.delete('iss');
  return await host.authorizations.complete({ parameters });
}

/** The second pack with other words in its OAuth declaration. */
function packThatDeclares(words: object): string {
  const directory = path.join(folder.directory, `pack-${Object.keys(words).join()}`);
  cpSync(secondPack, directory, { recursive: true });
  const file = path.join(directory, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  Object.assign(manifest.accountTypes[0].oauth, words);
  writeFileSync(file, JSON.stringify(manifest));
  return directory;
}

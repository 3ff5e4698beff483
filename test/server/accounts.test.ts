import { describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.ts';
import {
  addAccount,
  api,
  begin,
  bodyOf,
  callBack,
  decide,
  host,
  open,
  origin,
  scopes,
  send,
  server,
  simulator,
  stateOf,
} from './authorizing-host.ts';

describe('the redirect URI', () => {
  it('is shown as it must be registered, with a check that it reaches this host', async () => {
    expect(bodyOf(await api('GET', '/api/redirect-uri'))).toEqual({
      redirectUri: `${origin}/oauth/callback`,
      reachesThisHost: true,
      reason: '',
    });
  });

  it('comes from SNAPS_PUBLIC_URL, and the check tells when that leads elsewhere', async () => {
    await server.close();
    await host.close();
    await open({ SNAPS_PUBLIC_URL: simulator.url });
    const check = bodyOf(await api('GET', '/api/redirect-uri'));
    expect(check).toMatchObject({ redirectUri: `${simulator.url}/oauth/callback`, reachesThisHost: false });
    expect(String(check.reason)).toContain('is not this host');
  });
});

describe('accounts over HTTP', () => {
  it('authorizes client credentials at once', async () => {
    const client = simulator.registerClient({
      name: 'machine',
      login: 'machine',
      grantType: 'client_credentials',
      scopes: ['core.invoice.read'],
    });
    const settings = { host: simulator.url, clientId: client.clientId, scopes: 'core.invoice.read' };
    const secrets = { clientSecret: client.clientSecret };
    await api('POST', '/api/accounts', { name: 'machine', type: 'coupa.oauth2', settings, secrets });
    const done = bodyOf(await api('POST', '/api/accounts/machine/authorize'));
    expect(done).toMatchObject({ kind: 'done', account: { state: 'authorized' } });
  });

  it('shows a device code, and takes the tokens when a person has typed it', async () => {
    const client = simulator.registerClient({ name: 'device', login: 'device', grantType: 'device_code', scopes });
    const settings = { host: simulator.url, grant: 'device_code', clientId: client.clientId, scopes: scopes.join(' ') };
    const secrets = { clientSecret: client.clientSecret };
    await api('POST', '/api/accounts', { name: 'device', type: 'coupa.oauth2', settings, secrets });
    const begun = bodyOf(await api('POST', '/api/accounts/device/authorize'));
    expect(begun).toMatchObject({ kind: 'device', userCode: expect.any(String) });
    const browser = new Browser();
    const asked = await browser.open(String(begun.verificationUri));
    const login = await browser.submit(asked, { user_code: String(begun.userCode) });
    const consent = await browser.submit(login, { login: 'admin', password: 'admin' }, { action: '/login' });
    await browser.submit(consent, { decision: 'allow' });
    await expect
      .poll(async () => bodyOf(await api('GET', `/api/authorizations/${begun.id}`)).state, { timeout: 20_000 })
      .toBe('authorized');
    expect(await stateOf('device')).toBe('authorized');
  }, 30_000);

  it('keeps a secret that comes back empty or masked, and forgets it when the host changes (33, 34)', async () => {
    await addAccount();
    const { settings } = bodyOf(await api('GET', '/api/accounts/coupa')) as { settings: Record<string, string> };
    for (const mask of ['', '********']) {
      const kept = await api('PUT', '/api/accounts/coupa', { settings, secrets: { clientSecret: mask } });
      expect(bodyOf(kept).secrets).toEqual({ clientSecret: { set: true } });
    }
    const moved = await api('PUT', '/api/accounts/coupa', { settings: { ...settings, host: 'acme' } });
    expect(bodyOf(moved)).toMatchObject({ state: 'new', secrets: { clientSecret: { set: false } } });
  });

  it('removes an account with its tokens revoked, by its id too', async () => {
    await addAccount();
    const begun = await begin();
    await callBack(await decide(begun.authorizeUrl), begun.cookie);
    const { id } = bodyOf(await api('GET', '/api/accounts/coupa'));
    const removed = await api('DELETE', `/api/accounts/${id}`);
    expect(bodyOf(removed)).toEqual({ name: 'coupa', removed: true, isRevoked: true });
    expect((await api('GET', '/api/accounts/coupa')).status).toBe(404);
  });

  it('gives nothing of it without a session', async () => {
    for (const [method, address] of [
      ['POST', '/api/accounts'],
      ['PUT', '/api/accounts/coupa'],
      ['DELETE', '/api/accounts/coupa'],
      ['POST', '/api/accounts/coupa/test'],
      ['POST', '/api/accounts/coupa/authorize'],
      ['GET', '/api/authorizations/x'],
      ['GET', '/api/redirect-uri'],
    ] as const) {
      const answer = await send(address, {
        method,
        headers: { origin, 'content-type': 'application/json' },
        body: '{}',
      });
      expect(answer.status, address).toBe(401);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { Browser } from '../../support/browser.ts';
import { type Instance, logIn, startInstance } from './support.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

async function startDevice(instance: Instance, scope = 'core.invoice.read offline_access') {
  const { clientId, clientSecret } = instance.authorization.registerClient({
    name: 'Warehouse terminal',
    login: 'warehouse',
    grantType: 'device_code',
    scopes: ['core.invoice.read', 'offline_access'],
  });
  const client = { client_id: clientId, client_secret: clientSecret };
  const begun = await instance.post({ ...client, scope }, '/oauth2/device_authorizations');
  const poll = () => instance.post({ ...client, grant_type: deviceGrant, device_code: String(begun.json.device_code) });
  return { begun, poll, userCode: String(begun.json.user_code) };
}

async function enterCode(instance: Instance, browser: Browser, userCode: string) {
  const asked = await browser.open(`${instance.url}/oauth2/device`);
  const seen = await browser.submit(asked, { user_code: userCode });
  return seen.url.includes('/login') ? await logIn(browser, seen) : seen;
}

describe('device flow', () => {
  it('gives codes, an address and the polling pace', async () => {
    const instance = await startInstance();
    const { begun } = await startDevice(instance);
    expect([begun.status, begun.json]).toEqual([
      200,
      {
        device_code: expect.any(String),
        user_code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/u),
        verification_uri: `${instance.url}/oauth2/device`,
        verification_uri_complete: expect.stringContaining('/oauth2/device?user_code='),
        expires_in: 600,
        interval: 5,
      },
    ]);
  });

  it('waits for the person, then gives tokens once', async () => {
    const instance = await startInstance();
    const { poll, userCode } = await startDevice(instance);
    expect((await poll()).json.error).toBe('authorization_pending');
    const browser = new Browser();
    const consent = await enterCode(instance, browser, userCode.toLowerCase());
    expect(consent.text).toContain('Warehouse terminal');
    const done = await browser.submit(consent, { decision: 'allow' });
    expect(done.text).toContain('<h1>Device connected</h1>');
    instance.pass(5);
    const answer = await poll();
    expect([answer.status, typeof answer.json.refresh_token]).toEqual([200, 'string']);
    expect(instance.authorization.verify(String(answer.json.access_token))?.login).toBe('admin');
    const again = await poll();
    expect([again.status, again.json.error]).toEqual([400, 'invalid_grant']);
  });

  it('says slow_down to polls that come too soon and widens the pace by five seconds', async () => {
    const instance = await startInstance();
    const { poll } = await startDevice(instance);
    const ask = async (afterSeconds: number) => {
      instance.pass(afterSeconds);
      const { status, json } = await poll();
      return `${status} ${json.error}`;
    };
    expect(await ask(0)).toBe('400 authorization_pending');
    expect(await ask(1)).toBe('400 slow_down');
    expect(await ask(6)).toBe('400 slow_down');
    expect(await ask(16)).toBe('400 authorization_pending');
  });

  it('tells the device access_denied when the person denies', async () => {
    const instance = await startInstance();
    const { poll, userCode } = await startDevice(instance);
    const browser = new Browser();
    const consent = await enterCode(instance, browser, userCode);
    const denied = await browser.submit(consent, { decision: 'deny' });
    expect(denied.text).toContain('Access was denied. The device is told so.');
    const answer = await poll();
    expect([answer.status, answer.json.error]).toEqual([400, 'access_denied']);
  });

  it('tells the device expired_token after ten minutes, and the person too', async () => {
    const instance = await startInstance();
    const { poll, userCode } = await startDevice(instance);
    instance.pass(601);
    expect((await poll()).json.error).toBe('expired_token');
    const seen = await enterCode(instance, new Browser(), userCode);
    expect(seen.text).toContain('This code has expired; start again on the device.');
  });

  it('says that a code does not exist, or was used already, and shows it again', async () => {
    const instance = await startInstance();
    const { userCode } = await startDevice(instance);
    const unknown = await enterCode(instance, new Browser(), '"><b>WXYZ');
    expect(unknown.text).toContain('There is no such code.');
    expect(unknown.text).not.toContain('<b>WXYZ');
    const browser = new Browser();
    await browser.submit(await enterCode(instance, browser, userCode), { decision: 'allow' });
    const used = await enterCode(instance, browser, userCode);
    expect(used.text).toContain('This code has been used already.');
  });

  it('fills the code in from the complete address without sending it', async () => {
    const instance = await startInstance();
    const { begun, userCode, poll } = await startDevice(instance);
    const seen = await new Browser().open(String(begun.json.verification_uri_complete));
    expect(seen.text).toContain(`name="user_code" value="${userCode}"`);
    expect((await poll()).json.error).toBe('authorization_pending');
  });

  it('refuses scopes that the client lacks', async () => {
    const instance = await startInstance();
    const { begun } = await startDevice(instance, 'core.supplier.read');
    expect([begun.status, begun.json.error]).toEqual([400, 'invalid_scope']);
  });
});

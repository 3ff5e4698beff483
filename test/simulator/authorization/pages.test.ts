import { describe, expect, it } from 'vitest';
import { Browser, type Seen } from '../../support/browser.ts';
import {
  authorizeUrl,
  callback,
  catalog,
  type Instance,
  logIn,
  openConsent,
  registerCodeClient,
  startInstance,
} from './support.ts';

const filled = {
  grantType: 'client_credentials',
  name: 'Nightly export',
  login: 'nightly',
  contactFirstName: 'Nia',
  contactLastName: 'Okafor',
  contactEmail: 'nia.okafor@example.com',
  scopes: ['core.invoice.read', 'core.supplier.read'],
};

async function openLoggedIn(instance: Instance, path: string): Promise<{ browser: Browser; seen: Seen }> {
  const browser = new Browser();
  const seen = await logIn(browser, await browser.open(`${instance.url}${path}`));
  return { browser, seen };
}

async function createClient(instance: Instance, fields: Record<string, string | string[]> = filled) {
  const { browser, seen } = await openLoggedIn(instance, '/oauth2/clients/new');
  return { browser, seen: await browser.submit(seen, fields, { action: '/oauth2/clients' }) };
}

function shownAs(seen: Seen, term: string): string {
  const inside = new RegExp(`<dt>${term}</dt><dd>(.*?)</dd>`, 'su').exec(seen.text)?.[1] ?? '';
  return /<code>([^<]*)<\/code>/u.exec(inside)?.[1] ?? inside;
}

describe('login', () => {
  it('asks for it before any setup page and leads back there', async () => {
    const instance = await startInstance();
    for (const path of [
      '/oauth2/clients',
      '/oauth2/clients/new',
      '/oauth2/scopes',
      '/oauth2/scopes/core.invoice.read',
    ]) {
      const browser = new Browser();
      const asked = await browser.open(`${instance.url}${path}`);
      expect(asked.text).toContain('<h1>Log in</h1>');
      expect((await logIn(browser, asked)).url).toBe(`${instance.url}${path}`);
    }
  });

  it('refuses a wrong password and keeps the login that was typed', async () => {
    const instance = await startInstance();
    const browser = new Browser();
    const seen = await browser.submit(await browser.open(`${instance.url}/login`), { login: 'admin', password: 'no' });
    expect(seen.status).toBe(401);
    expect(seen.text).toContain('Login or password is wrong.');
    expect(seen.text).toContain('name="login" value="admin"');
  });

  it.each([
    'https://evil.test/',
    '//evil.test/',
    '/\\evil.test',
    '/oauth2/../../evil',
    'javascript:alert(1)',
    '/oauth2//evil.test',
  ])('never leads to another site: %s', async (target) => {
    const instance = await startInstance();
    const browser = new Browser();
    const asked = await browser.open(`${instance.url}/login?${new URLSearchParams({ return_to: target })}`);
    const seen = await logIn(browser, asked);
    expect(new URL(seen.url).origin).toBe(instance.url);
  });

  it('ends with the session when the person logs out, at the authorization server too', async () => {
    const instance = await startInstance();
    const { clientId } = registerCodeClient(instance);
    const url = authorizeUrl(instance, { client_id: clientId, scope: 'core.invoice.read' });
    const browser = new Browser();
    const consent = await openConsent(browser, url);
    const csrf = /name="csrf" value="([^"]+)"/u.exec(consent.text)?.[1] ?? '';
    const out = await browser.open(`${instance.url}/logout`, { form: new URLSearchParams({ csrf }) });
    expect(out.text).toContain('<h1>Log in</h1>');
    const asked = await browser.open(url);
    expect(asked.text).toContain('<h1>Log in</h1>');
    const buyer = await browser.submit(asked, { login: 'buyer', password: 'buyer' }, { action: '/login' });
    expect(buyer.text).toContain('asks to act for <strong>Bruno Vega</strong>');
  });
});

describe('clients', () => {
  it('are created by the form and shown with identifier, secret and scopes, which work', async () => {
    const instance = await startInstance();
    const { seen, browser } = await createClient(instance);
    expect(seen.text).toContain('<h1>Nightly export</h1>');
    const answer = await instance.post({
      grant_type: 'client_credentials',
      client_id: shownAs(seen, 'Identifier'),
      client_secret: shownAs(seen, 'Secret'),
      scope: 'core.invoice.read core.supplier.read',
    });
    expect(answer.status).toBe(200);
    expect(seen.text).toContain('<span class="closed">Show</span>');
    const list = await browser.open(`${instance.url}/oauth2/clients`);
    expect(list.text).toContain('Nightly export');
    expect(list.text).not.toContain(shownAs(seen, 'Secret'));
  });

  it('say beside the field that a login is taken, and only for client credentials', async () => {
    const instance = await startInstance();
    await createClient(instance);
    const taken = await createClient(instance, { ...filled, name: 'Another' });
    expect(taken.seen.status).toBe(422);
    expect(taken.seen.text).toContain('<div id="login-error"><p class="error">Login has already been taken</p></div>');
    expect(taken.seen.text).toContain('name="name" value="Another"');
    const code = await createClient(instance, { ...filled, grantType: 'authorization_code', redirectUris: callback });
    expect(code.seen.text).toContain('<h1>Nightly export</h1>');
    const person = await createClient(instance, { ...filled, login: 'admin' });
    expect(person.seen.text).toContain('Login has already been taken');
  });

  it('say everything that is missing at once', async () => {
    const instance = await startInstance();
    const { seen } = await createClient(instance, { grantType: 'authorization_code', contactEmail: 'nobody' });
    expect(seen.status).toBe(422);
    for (const message of [
      'Name can&#39;t be blank',
      'Login can&#39;t be blank',
      'Contact first name can&#39;t be blank',
      'Contact last name can&#39;t be blank',
      'Contact email is invalid',
      'Redirect URI can&#39;t be blank',
      'Select at least one scope',
    ]) {
      expect(seen.text).toContain(message);
    }
    expect(instance.authorization.stats().tokenRequests).toBe(0);
  });

  it('take several redirect URIs, one a line, and refuse what is none', async () => {
    const instance = await startInstance();
    const fields = {
      ...filled,
      grantType: 'authorization_code',
      redirectUris: `${callback}\r\nhttps://host.example/back\r\n`,
    };
    const { seen } = await createClient(instance, fields);
    expect(seen.text).toContain(`<code>${callback}</code><br><code>https://host.example/back</code>`);
    for (const uri of ['back', 'javascript:alert(1)', 'https://host.example/#part']) {
      const refused = await createClient(instance, { ...fields, redirectUris: uri });
      expect(refused.seen.text).toContain('Redirect URI must be an absolute http or https URI without a fragment');
    }
  });

  it('are refused a token once deactivated, and lose the ones they had', async () => {
    const instance = await startInstance();
    const { seen, browser } = await createClient(instance);
    const form = {
      grant_type: 'client_credentials',
      client_id: shownAs(seen, 'Identifier'),
      client_secret: shownAs(seen, 'Secret'),
      scope: 'core.invoice.read',
    };
    const token = String((await instance.post(form)).json.access_token);
    expect(instance.authorization.verify(token)).toBeDefined();
    const after = await browser.submit(seen, {}, { action: `/deactivate/${form.client_id}` });
    expect(after.text).toContain('Inactive: token requests are refused');
    const answer = await instance.post(form);
    expect([answer.status, answer.json.error]).toEqual([401, 'invalid_client']);
    expect(instance.authorization.verify(token)).toBeUndefined();
  });

  it('break token requests that ask for a scope which was taken away', async () => {
    const instance = await startInstance();
    const { seen, browser } = await createClient(instance);
    const form = {
      grant_type: 'client_credentials',
      client_id: shownAs(seen, 'Identifier'),
      client_secret: shownAs(seen, 'Secret'),
    };
    const none = await browser.submit(seen, { scopes: [] }, { action: `/scopes/${form.client_id}` });
    expect([none.status, none.text.includes('Select at least one scope')]).toEqual([422, true]);
    const after = await browser.submit(
      seen,
      { scopes: ['core.supplier.read'] },
      { action: `/scopes/${form.client_id}` },
    );
    expect(shownAs(after, 'Scopes')).toBe('core.supplier.read');
    const old = await instance.post({ ...form, scope: 'core.invoice.read core.supplier.read' });
    expect([old.status, old.json.error]).toEqual([400, 'invalid_scope']);
    expect((await instance.post({ ...form, scope: 'core.supplier.read' })).status).toBe(200);
  });

  it('refuse a renewal after a scope was taken away, and leave its refresh token unspent', async () => {
    const instance = await startInstance();
    const { clientId, clientSecret } = registerCodeClient(instance);
    const client = { client_id: clientId, client_secret: clientSecret };
    const browser = new Browser();
    const scope = 'core.invoice.read offline_access';
    const consent = await openConsent(browser, authorizeUrl(instance, { client_id: clientId, scope }));
    const back = await browser.submit(consent, { decision: 'allow' }, { stopAt: callback });
    const code = new URL(back.url).searchParams.get('code') ?? '';
    const { json } = await instance.post({ ...client, grant_type: 'authorization_code', code, redirect_uri: callback });
    const change = async (scopes: readonly string[]) => {
      const page = await browser.open(`${instance.url}/oauth2/clients/${clientId}`);
      await browser.submit(page, { scopes }, { action: `/scopes/${clientId}` });
      return await instance.post({ ...client, grant_type: 'refresh_token', refresh_token: String(json.refresh_token) });
    };
    expect((await change(['core.supplier.read'])).json.error).toBe('invalid_scope');
    expect((await change(['core.invoice.read', 'offline_access'])).status).toBe(200);
    expect(instance.authorization.stats().reuses).toBe(0);
  });

  it('throw the same words, all at once, when registered by a program', async () => {
    const instance = await startInstance();
    const client = { name: 'Nightly', login: 'nightly', grantType: 'client_credentials' as const };
    instance.authorization.registerClient({ ...client, scopes: ['core.invoice.read'] });
    expect(() => instance.authorization.registerClient({ ...client, scopes: ['core.nothing.read'] })).toThrow(
      expect.objectContaining({
        code: 'SNAP_SETTINGS_INVALID',
        faults: [
          { pointer: '/login', message: 'Login has already been taken' },
          { pointer: '/scopes', message: 'Scope core.nothing.read does not exist' },
        ],
      }),
    );
  });
});

describe('scopes', () => {
  it('are listed, and each drills down to its API permissions', async () => {
    const instance = await startInstance();
    const { browser, seen } = await openLoggedIn(instance, '/oauth2/scopes');
    for (const name of [...catalog.openid, ...Object.keys(catalog.scopes)]) {
      expect(seen.text).toContain(`<a href="/oauth2/scopes/${name}">`);
    }
    const read = await browser.open(`${instance.url}/oauth2/scopes/core.invoice.read`);
    expect(read.text).toContain('<td>Invoices</td><td>index, show</td>');
    const write = await browser.open(`${instance.url}/oauth2/scopes/core.invoice.write`);
    expect(write.text).toContain('<td>Attachments (inferred)</td><td>create</td>');
    expect((await browser.open(`${instance.url}/oauth2/scopes/core.nothing.read`)).status).toBe(404);
  });
});

describe('every page', () => {
  it('is never cached, framed or scripted, and loads only its own stylesheet', async () => {
    const instance = await startInstance();
    const { browser } = await openLoggedIn(instance, '/oauth2/clients');
    for (const path of [
      '/',
      '/login',
      '/oauth2/clients',
      '/oauth2/clients/new',
      '/oauth2/scopes',
      '/oauth2/device',
      '/oauth2/clients/none',
    ]) {
      const { headers, text } = await browser.open(`${instance.url}${path}`);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(text).not.toMatch(/<script|\son\w+=|style="/iu);
    }
    const sheet = await browser.open(`${instance.url}/oauth2/simulator.css`);
    expect([sheet.status, sheet.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
  });

  it('refuses a form without its token, with another session token, and too large', async () => {
    const instance = await startInstance();
    const { browser } = await openLoggedIn(instance, '/oauth2/clients/new');
    const other = await openLoggedIn(instance, '/oauth2/clients/new');
    const foreign = /name="csrf" value="([^"]+)"/u.exec(other.seen.text)?.[1] ?? '';
    const post = (fields: Record<string, string>) =>
      browser.open(`${instance.url}/oauth2/clients`, { form: new URLSearchParams(fields) });
    expect((await post({ name: 'x' })).status).toBe(403);
    expect((await post({ name: 'x', csrf: foreign })).status).toBe(403);
    expect((await post({ name: 'x'.repeat(300_000) })).status).toBe(413);
    expect((await browser.open(`${instance.url}/oauth2/clients`)).text).toContain('There is no client yet.');
  });

  it('shows what people and programs wrote as text', async () => {
    const instance = await startInstance();
    const name = `<script>alert("1")</script>'&`;
    const { seen, browser } = await createClient(instance, { ...filled, name, scopes: [] });
    const escaped = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;';
    expect(seen.text).toContain(`value="${escaped}"`);
    const saved = await browser.submit(seen, { ...filled, name }, { action: '/oauth2/clients' });
    expect(saved.text).toContain(`<h1>${escaped}</h1>`);
    expect(saved.text).not.toContain('<script>');
  });

  it('leaves paths that are not its own alone', async () => {
    const instance = await startInstance();
    for (const path of ['/api/invoices', '/oauth2/tokens', '/oauth2/clientsx', '/__control/stats']) {
      const seen = await new Browser().open(`${instance.url}${path}`);
      expect([seen.status, seen.text]).toEqual([404, 'not mine']);
    }
  });

  it('keeps the consent of one browser from another', async () => {
    const instance = await startInstance();
    const { clientId } = registerCodeClient(instance);
    const consent = await openConsent(
      new Browser(),
      authorizeUrl(instance, { client_id: clientId, scope: 'core.invoice.read' }),
    );
    const { browser } = await openLoggedIn(instance, '/oauth2/clients');
    expect((await browser.open(consent.url)).status).toBe(400);
    const forced = await browser.submit(consent, { decision: 'allow' }, { stopAt: callback });
    expect([forced.status, forced.text.includes('Form expired')]).toEqual([403, true]);
    expect(instance.authorization.stats().authorizations).toBe(0);
  });
});

describe('automatic consent', () => {
  it('logs in and allows by itself, for tests that have no person', async () => {
    const instance = await startInstance({ autoConsent: true });
    const { clientId } = registerCodeClient(instance);
    const url = authorizeUrl(instance, { client_id: clientId, scope: 'core.invoice.read' });
    const back = await new Browser().open(url, { stopAt: callback });
    expect(new URL(back.url).searchParams.get('code')).toMatch(/^[\w-]{20,}$/u);
  });
});

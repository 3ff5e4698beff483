// SECURITY part B, each row by its number.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  addAccount,
  api,
  begin,
  bodyOf,
  callBack,
  decide,
  host,
  origin,
  restart,
  scopes,
  send,
  server,
  stateOf,
  tokenRequests,
} from './authorizing-host.ts';

describe('an authorization from the host', () => {
  it('ends authorized, with no session cookie on the way back (18)', async () => {
    await addAccount();
    const begun = await begin();
    const { location, page, headers } = await callBack(await decide(begun.authorizeUrl), begun.cookie);
    expect(page.status).toBe(200);
    expect(page.body).toContain('Authorized');
    expect(location).toBe(`/oauth/result/${begun.id}`);
    expect(headers['set-cookie']?.[0]).toContain('Max-Age=0');
    expect(await stateOf()).toBe('authorized');
    expect(bodyOf(await api('GET', `/api/authorizations/${begun.id}`))).toMatchObject({ state: 'authorized' });
    expect(bodyOf(await api('POST', '/api/accounts/coupa/test'))).toMatchObject({ ok: true, scopes });
  });

  it('binds the flow to the browser by a Lax cookie of its own that scripts cannot read (18)', async () => {
    await addAccount();
    const { setCookie } = await begin();
    expect(setCookie).toMatch(
      new RegExp(
        `^snaps-${server.port}-flow-[0-9a-f]{16}=[\\w-]{43}; Path=/oauth/callback; Max-Age=600; HttpOnly; SameSite=Lax$`,
      ),
    );
  });

  it('refuses a missing, wrong, doubled or foreign state, and asks for no token (17)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    const query = new URLSearchParams(good.split('?')[1]);
    const state = query.get('state') ?? '';
    const forged = [
      '/oauth/callback',
      `/oauth/callback?code=${query.get('code')}`,
      `/oauth/callback?code=${query.get('code')}&state=${'A'.repeat(43)}`,
      `/oauth/callback?code=${query.get('code')}&state=${state}&state=${state}`,
    ];
    for (const address of forged) {
      const { page } = await callBack(address, begun.cookie);
      expect(page.status, address).toBe(400);
      expect(page.body).toContain('Nothing was changed');
    }
    // The right state from a browser that does not hold the flow's cookie: somebody else's link.
    for (const cookie of ['', begun.cookie.replace(/=.*/u, `=${'B'.repeat(43)}`).replace('flow-', 'flow-0')]) {
      expect((await callBack(good, cookie)).page.status).toBe(400);
    }
    expect(tokenRequests()).toBe(0);
    expect(await stateOf()).toBe('new');
    expect((await callBack(good, begun.cookie)).page.status).toBe(200);
  });

  it('refuses another browser that holds a cookie of the right name and a wrong nonce (17)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    const { page } = await callBack(good, begun.cookie.replace(/=.*/u, `=${'B'.repeat(43)}`));
    expect(page.status).toBe(400);
    expect(page.body).toContain('another browser');
    expect(tokenRequests()).toBe(0);
    expect(await stateOf()).toBe('new');
  });

  it("refuses an attacker's own code and state in the person's browser (17)", async () => {
    await addAccount();
    await addAccount({}, 'attacker');
    const person = await begin();
    const attacker = await begin('attacker');
    const { page } = await callBack(await decide(attacker.authorizeUrl), person.cookie);
    expect(page.status).toBe(400);
    expect(tokenRequests()).toBe(0);
    expect([await stateOf(), await stateOf('attacker')]).toEqual(['new', 'new']);
  });

  it('asks for one token when five callbacks come at once, and says "already done" to a later one (23)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    const hits = await Promise.all(Array.from({ length: 5 }, () => callBack(good, begun.cookie)));
    expect(hits.filter(({ location }) => location === `/oauth/result/${begun.id}`)).toHaveLength(1);
    expect(tokenRequests()).toBe(1);
    const again = await callBack(good, begun.cookie);
    expect(again.page.status).toBe(409);
    expect(again.page.body).toContain('Already done');
    expect(tokenRequests()).toBe(1);
    expect(await stateOf()).toBe('authorized');
  });

  it('does nothing for HEAD, POST, a prefetch or an image, and lets the real visit through (23)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    const headers = { cookie: begun.cookie };
    expect((await send(good, { method: 'HEAD', headers })).status).toBe(404);
    expect((await send(good, { method: 'POST', headers })).status).toBe(403);
    for (const more of [{ 'sec-purpose': 'prefetch' }, { purpose: 'prefetch' }, { 'sec-fetch-dest': 'image' }]) {
      expect((await send(good, { headers: { ...headers, ...(more as Record<string, string>) } })).status).toBe(400);
    }
    expect(tokenRequests()).toBe(0);
    expect((await callBack(good, begun.cookie)).page.status).toBe(200);
  });

  it('leaves no code in an address, a referrer or a cache (24)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    const code = new URLSearchParams(good.split('?')[1]).get('code') ?? '';
    const { location, page, headers } = await callBack(good, begun.cookie);
    for (const each of [headers, page.headers]) {
      expect(each['referrer-policy']).toBe('no-referrer');
      expect(each['cache-control']).toBe('no-store');
      expect(each['content-security-policy']).toContain("default-src 'none'");
    }
    expect(location + page.body).not.toContain(code);
    expect(page.body).not.toMatch(/https?:/u);
  });

  it('says the error of the far side before looking at a code, inert and bounded (22)', async () => {
    await addAccount();
    const begun = await begin();
    const state = new URL(begun.authorizeUrl).searchParams.get('state') ?? '';
    const hostile = new URLSearchParams({
      code: 'c',
      error: 'access_denied',
      error_description: `<script>alert(1)</script>\r\n${'x'.repeat(2000)}`,
      return_to: '//evil.test',
      state,
    });
    const { location, page } = await callBack(`/oauth/callback?${hostile}`, begun.cookie);
    expect(location).toMatch(/^\/oauth\/result\//u);
    expect(page.status).toBe(400);
    expect(page.body).toContain('access_denied');
    expect(page.body).not.toContain('<script>');
    expect(page.body.length).toBeLessThan(3_000);
    expect(tokenRequests()).toBe(0);
  });

  it('refuses an empty code and a query beyond all bounds (22)', async () => {
    await addAccount();
    const begun = await begin();
    const state = new URL(begun.authorizeUrl).searchParams.get('state') ?? '';
    expect((await send(`/oauth/callback?state=${state}&code=${'x'.repeat(20_000)}`)).status).toBe(431);
    expect((await callBack(`/oauth/callback?code=&state=${state}`, begun.cookie)).page.status).toBe(400);
    expect(tokenRequests()).toBe(0);
  });

  it('goes on with the old tokens when a second authorization is denied (25)', async () => {
    await addAccount();
    const first = await begin();
    await callBack(await decide(first.authorizeUrl), first.cookie);
    const second = await begin();
    const third = await begin();
    const denied = await callBack(await decide(second.authorizeUrl, 'deny'), `${second.cookie}; ${third.cookie}`);
    expect(denied.page.status).toBe(400);
    expect(denied.page.body).toContain('access_denied');
    expect(await stateOf()).toBe('authorized');
    expect((await api('POST', '/api/accounts/coupa/test')).status).toBe(200);
    expect((await callBack(await decide(third.authorizeUrl), third.cookie)).page.status).toBe(200);
  });

  it('refuses the callback of an account that was changed since (20)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    await host.accounts.update('coupa', { settings: { scopes: 'core.invoice.read' }, secrets: {} });
    const { page } = await callBack(good, begun.cookie);
    expect(page.status).toBe(400);
    expect(page.body).toContain('Nothing was changed');
    expect(tokenRequests()).toBe(0);
  });

  it('refuses a callback that names another issuer (20)', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    const { page } = await callBack(`${good}&iss=${encodeURIComponent('https://evil.test')}`, begun.cookie);
    expect(page.status).toBe(400);
    expect(tokenRequests()).toBe(0);
    expect(await stateOf()).toBe('new');
  });

  it('takes the redirect URI from its configuration, whatever Host and forwarding headers say (21)', async () => {
    await addAccount();
    const forwarded = { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'https', forwarded: 'host=evil.test' };
    const answer = await api('POST', '/api/accounts/coupa/authorize', {}, forwarded);
    expect(bodyOf(answer).redirectUri).toBe(`${origin}/oauth/callback`);
    expect((await api('POST', '/api/accounts/coupa/authorize', {}, { host: 'evil.test' })).status).toBe(421);
    const localhost = `localhost:${server.port}`;
    const other = await api(
      'POST',
      '/api/accounts/coupa/authorize',
      {},
      { host: localhost, origin: `http://${localhost}` },
    );
    expect(other.status).toBe(400);
    expect(bodyOf(other).resolution).toContain(origin);
  });

  it('sends a fresh S256 challenge each time, with a client secret too (19)', async () => {
    await addAccount();
    const challenges = new Set<string>();
    for (let flow = 0; flow < 50; flow += 1) {
      const { searchParams } = new URL((await begin()).authorizeUrl);
      expect(searchParams.get('code_challenge_method')).toBe('S256');
      challenges.add(searchParams.get('code_challenge') ?? '');
    }
    expect(challenges.size).toBe(50);
    const hashed = createHash('sha256').update('').digest('base64url');
    for (const challenge of challenges) expect(challenge).toHaveLength(hashed.length);
  });

  it('says in advance that a person must come back when offline_access is not asked for', async () => {
    await addAccount({ scopes: 'core.invoice.read' });
    const { notes } = bodyOf(await api('POST', '/api/accounts/coupa/authorize'));
    expect(String(notes)).toContain('offline_access');
    expect(String(notes)).toContain('24 hours');
  });

  it('finishes a flow that was begun before the host was started anew', async () => {
    await addAccount();
    const begun = await begin();
    const good = await decide(begun.authorizeUrl);
    await restart();
    expect((await callBack(good, begun.cookie)).page.status).toBe(200);
    expect(await stateOf()).toBe('authorized');
  });
});

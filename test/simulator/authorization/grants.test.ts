import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Browser } from '../../support/browser.ts';
import {
  allow,
  authorizeOffline,
  authorizeUrl,
  callback,
  type Instance,
  openConsent,
  pkcePair,
  registerCodeClient,
  send,
  startInstance,
} from './support.ts';

const refusedGrant = { error: 'invalid_grant', error_description: 'grant request is invalid' };
const refusedClient = { error: 'invalid_client', error_description: 'client authentication failed' };

async function read(url: string): Promise<Record<string, unknown>> {
  return JSON.parse(await (await fetch(url)).text());
}

function registerMachine(instance: Instance, scopes = ['core.invoice.read', 'core.invoice.write']) {
  const { clientId, clientSecret } = instance.authorization.registerClient({
    name: 'Nightly export',
    login: 'nightly',
    grantType: 'client_credentials',
    scopes,
  });
  return { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
}

describe('client credentials', () => {
  it('gives an access token with its scopes and life, and never a refresh token', async () => {
    const instance = await startInstance();
    const client = registerMachine(instance, ['core.invoice.read', 'offline_access']);
    const answer = await instance.post({ ...client, scope: 'core.invoice.read offline_access' });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.json).toSorted()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
    expect(answer.json).toMatchObject({ expires_in: 86_399, token_type: 'Bearer' });
    expect(String(answer.json.scope).split(' ').toSorted()).toEqual(['core.invoice.read', 'offline_access']);
  });

  it('signs a JWT that its published keys verify and that grows with its scopes', async () => {
    const instance = await startInstance();
    const client = registerMachine(instance);
    const { json } = await instance.post({ ...client, scope: 'core.invoice.read core.invoice.write' });
    const token = String(json.access_token);
    const [header = '', body = '', signature = ''] = token.split('.');
    const discovery = await read(`${instance.url}/.well-known/openid-configuration`);
    expect(discovery).toMatchObject({
      issuer: instance.url,
      token_endpoint: `${instance.url}/oauth2/token`,
      authorization_endpoint: `${instance.url}/oauth2/authorizations/new`,
      device_authorization_endpoint: `${instance.url}/oauth2/device_authorizations`,
      revocation_endpoint: `${instance.url}/oauth2/revoke`,
      userinfo_endpoint: `${instance.url}/oauth2/userinfo`,
    });
    expect(discovery).not.toHaveProperty('authorization_response_iss_parameter_supported');
    const [key] = (await read(String(discovery.jwks_uri))).keys as JsonWebKey[];
    const publicKey = createPublicKey({ key: key ?? {}, format: 'jwk' });
    const signed = Buffer.from(`${header}.${body}`);
    expect(verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
    const payload = JSON.parse(Buffer.from(body, 'base64url').toString());
    expect(payload).toMatchObject({
      iss: instance.url,
      client_id: client.client_id,
      scope: 'core.invoice.read core.invoice.write',
    });
    const narrow = await instance.post({ ...client, scope: 'core.invoice.read' });
    expect(String(narrow.json.access_token).length).toBeLessThan(token.length);
  });

  it('knows the token it gave until it expires on the simulated clock', async () => {
    const instance = await startInstance({ tokenLifetimeSeconds: 60 });
    const { json } = await instance.post({ ...registerMachine(instance), scope: 'core.invoice.read' });
    const token = String(json.access_token);
    expect(instance.authorization.verify(token)).toMatchObject({ login: 'nightly', scopes: ['core.invoice.read'] });
    expect(instance.authorization.verify(`${token}x`)).toBeUndefined();
    instance.pass(61);
    expect(instance.authorization.verify(token)).toBeUndefined();
  });

  it('stamps tokens with the simulated clock when that is a day ahead', async () => {
    const instance = await startInstance();
    instance.pass(86_400);
    const { json } = await instance.post({ ...registerMachine(instance), scope: 'core.invoice.read' });
    const bearer = instance.authorization.verify(String(json.access_token));
    expect(Math.abs((bearer?.issuedAt ?? 0) - Date.now() - 86_400_000)).toBeLessThan(60_000);
    expect((bearer?.expiresAt ?? 0) - (bearer?.issuedAt ?? 0)).toBe(86_399_000);
  });

  it.each([
    ['core.supplier.read', 'core.supplier.read', 'the client lacks'],
    ['core.invoice.read core.nothing.read', 'core.nothing.read', 'nobody knows'],
  ])('answers invalid_scope to %s and names %s, which %s', async (scope, named) => {
    const instance = await startInstance();
    const answer = await instance.post({ ...registerMachine(instance), scope });
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({
      error: 'invalid_scope',
      error_description: 'the requested scope is invalid, unknown, or not granted to the client',
      scope: named,
    });
  });

  it('answers 401 invalid_client to a wrong secret, an unknown client and a missing secret', async () => {
    const instance = await startInstance();
    const client = registerMachine(instance);
    const { client_secret: _, ...withoutSecret } = client;
    for (const form of [{ ...client, client_secret: 'wrong' }, { ...client, client_id: 'nobody' }, withoutSecret]) {
      const answer = await instance.post(form);
      expect([answer.status, answer.json]).toEqual([401, refusedClient]);
    }
  });

  it('takes the bare form type only, and credentials in the body only', async () => {
    const instance = await startInstance();
    const form = new URLSearchParams(registerMachine(instance)).toString();
    const url = `${instance.url}/oauth2/token`;
    for (const type of ['application/x-www-form-urlencoded;charset=UTF-8', 'application/json', 'text/plain']) {
      const answer = await send(url, form, { 'content-type': type });
      expect([answer.status, answer.json.error]).toEqual([400, 'invalid_request']);
    }
    const basic = await send(url, 'grant_type=client_credentials', { authorization: 'Basic YTpi' });
    expect([basic.status, basic.json]).toEqual([
      401,
      { error: 'invalid_client', error_description: 'client credentials belong in the request body' },
    ]);
  });

  it('refuses grants that the client is not made for and grants that do not exist', async () => {
    const instance = await startInstance();
    const client = registerMachine(instance);
    const other = await instance.post({
      ...client,
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: callback,
    });
    expect([other.status, other.json.error]).toEqual([400, 'unauthorized_client']);
    const unknown = await instance.post({ ...client, grant_type: 'password' });
    expect([unknown.status, unknown.json.error]).toEqual([400, 'unsupported_grant_type']);
    expect(instance.authorization.stats().tokenRequestsByGrant).toEqual({ authorization_code: 1, other: 1 });
  });
});

describe('authorization code', () => {
  it('sends the person back with code and state after login and a pressed Allow', async () => {
    const instance = await startInstance();
    const { clientId } = registerCodeClient(instance);
    const browser = new Browser();
    const consent = await openConsent(
      browser,
      authorizeUrl(instance, { client_id: clientId, scope: 'core.invoice.read' }),
    );
    expect(consent.status).toBe(200);
    expect(consent.text).toContain('<strong>Ledger link</strong> asks to act for <strong>Ada Minerva</strong>');
    expect(consent.text).toContain('<code>core.invoice.read</code>');
    expect(instance.authorization.stats().authorizations).toBe(0);
    const back = await browser.submit(consent, { decision: 'allow' }, { stopAt: callback });
    const query = new URL(back.url).searchParams;
    expect([...query.keys()].toSorted()).toEqual(['code', 'state']);
    expect([query.get('state'), query.get('code')]).toEqual(['state-1', expect.stringMatching(/^[\w-]{20,}$/u)]);
    expect(instance.authorization.stats().authorizations).toBe(1);
  });

  it('asks for consent each time, though the person is still logged in', async () => {
    const instance = await startInstance();
    const { clientId } = registerCodeClient(instance);
    const browser = new Browser();
    const url = authorizeUrl(instance, { client_id: clientId, scope: 'core.invoice.read' });
    await allow(url, browser);
    const again = await browser.open(url, { stopAt: callback });
    expect(again.text).toContain('asks to act for');
  });

  it('sends access_denied with the state when Deny is pressed', async () => {
    const instance = await startInstance();
    const { clientId } = registerCodeClient(instance);
    const browser = new Browser();
    const consent = await openConsent(
      browser,
      authorizeUrl(instance, { client_id: clientId, scope: 'core.invoice.read' }),
    );
    const back = await browser.submit(consent, { decision: 'deny' }, { stopAt: callback });
    const query = new URL(back.url).searchParams;
    expect(query.get('code')).toBeNull();
    expect([query.get('error'), query.get('state'), query.get('iss')]).toEqual(['access_denied', 'state-1', null]);
  });

  it('gives a refresh token with offline_access and none without', async () => {
    const instance = await startInstance();
    const { answer, client } = await authorizeOffline(instance);
    expect(answer.json).toMatchObject({ expires_in: 86_399, refresh_token: expect.any(String) });
    expect(String(answer.json.scope).split(' ').toSorted()).toEqual(['core.invoice.read', 'offline_access']);
    expect(instance.authorization.verify(String(answer.json.access_token))?.login).toBe('admin');
    const query = await allow(authorizeUrl(instance, { client_id: client.client_id, scope: 'core.invoice.read' }));
    const code = query.get('code') ?? '';
    const plain = await instance.post({ ...client, grant_type: 'authorization_code', code, redirect_uri: callback });
    expect([plain.status, 'refresh_token' in plain.json]).toEqual([200, false]);
  });

  it('answers the openid scopes with an ID token and userinfo', async () => {
    const instance = await startInstance();
    const { clientId, clientSecret } = registerCodeClient(instance);
    const scope = 'openid email login core.invoice.read';
    const code = (await allow(authorizeUrl(instance, { client_id: clientId, scope }))).get('code') ?? '';
    const { json } = await instance.post({
      grant_type: 'authorization_code',
      client_id: clientId,
      client_secret: clientSecret,
      code,
      redirect_uri: callback,
    });
    expect(json.id_token).toEqual(expect.any(String));
    const userinfo = (token: unknown) =>
      fetch(`${instance.url}/oauth2/userinfo`, { headers: { authorization: `Bearer ${token}` } });
    expect(await (await userinfo(json.access_token)).json()).toEqual({
      sub: 'admin',
      email: 'ada.minerva@example.com',
      login: 'admin',
    });
    expect((await userinfo('nothing')).status).toBe(401);
  });

  it('refuses a reused code and ends what it had given', async () => {
    const instance = await startInstance();
    const { client, code, answer, refreshToken } = await authorizeOffline(instance);
    const again = await instance.post({ ...client, grant_type: 'authorization_code', code, redirect_uri: callback });
    expect([again.status, again.json]).toEqual([400, refusedGrant]);
    expect(instance.authorization.verify(String(answer.json.access_token))).toBeUndefined();
    const renewal = await instance.post({ ...client, grant_type: 'refresh_token', refresh_token: refreshToken });
    expect([renewal.status, renewal.json]).toEqual([400, refusedGrant]);
  });

  it('lets one of many simultaneous exchanges of a code through, and ends what that one got', async () => {
    const instance = await startInstance();
    const { clientId, clientSecret } = registerCodeClient(instance);
    const url = authorizeUrl(instance, { client_id: clientId, scope: 'core.invoice.read offline_access' });
    const code = (await allow(url)).get('code') ?? '';
    const client = { client_id: clientId, client_secret: clientSecret };
    const form = { ...client, grant_type: 'authorization_code', code, redirect_uri: callback };
    const answers = await Promise.all(Array.from({ length: 10 }, () => instance.post(form)));
    const given = answers.filter((answer) => answer.status === 200);
    expect(given.length).toBeLessThanOrEqual(1);
    for (const answer of answers)
      if (answer.status !== 200) expect([answer.status, answer.json]).toEqual([400, refusedGrant]);
    const refreshToken = String(given[0]?.json.refresh_token);
    const renewal = await instance.post({ ...client, grant_type: 'refresh_token', refresh_token: refreshToken });
    expect([renewal.status, renewal.json]).toEqual([400, refusedGrant]);
  });

  it('refuses an old code, another redirect URI and another client', async () => {
    const instance = await startInstance();
    const { clientId, clientSecret } = registerCodeClient(instance);
    const other = registerCodeClient(instance);
    const url = authorizeUrl(instance, { client_id: clientId, scope: 'core.invoice.read' });
    const exchange = async (change: Record<string, string>, seconds = 0) => {
      const code = (await allow(url)).get('code') ?? '';
      instance.pass(seconds);
      const answer = await instance.post({
        grant_type: 'authorization_code',
        client_id: clientId,
        client_secret: clientSecret,
        code,
        redirect_uri: callback,
        ...change,
      });
      return [answer.status, answer.json];
    };
    expect(await exchange({ redirect_uri: `${callback}2` })).toEqual([400, refusedGrant]);
    expect(await exchange({ client_id: other.clientId, client_secret: other.clientSecret })).toEqual([
      400,
      refusedGrant,
    ]);
    expect(await exchange({}, 601)).toEqual([400, refusedGrant]);
  });

  it('says on a page, and by no redirect, that the redirect URI or the client is unknown', async () => {
    const instance = await startInstance();
    const { clientId } = registerCodeClient(instance);
    const browser = new Browser();
    for (const fields of [
      { client_id: clientId, redirect_uri: 'http://127.0.0.1:9/elsewhere' },
      { client_id: '<b>x' },
    ]) {
      const seen = await browser.open(authorizeUrl(instance, { scope: 'core.invoice.read', ...fields }));
      expect(seen.status).toBe(400);
      expect(seen.text).toContain('<h1>Authorization error</h1>');
      expect(seen.text).not.toContain('<b>x');
    }
  });

  it('sends invalid_scope back for a scope that the client lacks', async () => {
    const instance = await startInstance();
    const { clientId } = registerCodeClient(instance);
    const url = authorizeUrl(instance, { client_id: clientId, scope: 'core.invoice.write' });
    const back = new URL((await new Browser().open(url, { stopAt: callback })).url).searchParams;
    expect([back.get('error'), back.get('state')]).toEqual(['invalid_scope', 'state-1']);
  });
});

describe('PKCE', () => {
  async function exchange(
    instance: Instance,
    client: Record<string, string>,
    pair: { query: Record<string, string>; verifier: string },
  ) {
    const url = authorizeUrl(instance, {
      client_id: client.client_id ?? '',
      scope: 'core.invoice.read offline_access',
      ...pair.query,
    });
    const code = (await allow(url)).get('code') ?? '';
    return await instance.post({
      ...client,
      grant_type: 'authorization_code',
      code,
      redirect_uri: callback,
      ...(pair.verifier ? { code_verifier: pair.verifier } : {}),
    });
  }

  it.each([
    [
      'S256',
      (pair: ReturnType<typeof pkcePair>) => ({ code_challenge: pair.challenge, code_challenge_method: 'S256' }),
    ],
    [
      'plain',
      (pair: ReturnType<typeof pkcePair>) => ({ code_challenge: pair.verifier, code_challenge_method: 'plain' }),
    ],
    ['a missing method as plain', (pair: ReturnType<typeof pkcePair>) => ({ code_challenge: pair.verifier })],
  ])('takes %s, from a public client and from one with a secret', async (_name, queryOf) => {
    const instance = await startInstance();
    const open = registerCodeClient(instance, true);
    expect(open.clientSecret).toBe('');
    const shared = registerCodeClient(instance);
    for (const client of [
      { client_id: open.clientId },
      { client_id: shared.clientId, client_secret: shared.clientSecret },
    ]) {
      const pair = pkcePair();
      const answer = await exchange(instance, client, { query: queryOf(pair), verifier: pair.verifier });
      expect([answer.status, typeof answer.json.refresh_token]).toEqual([200, 'string']);
    }
  });

  it('refuses another verifier and a missing one with invalid_grant', async () => {
    const instance = await startInstance();
    const client = { client_id: registerCodeClient(instance, true).clientId };
    for (const verifier of [pkcePair().verifier, '']) {
      const query = { code_challenge: pkcePair().challenge, code_challenge_method: 'S256' };
      const answer = await exchange(instance, client, { query, verifier });
      expect([answer.status, answer.json]).toEqual([400, refusedGrant]);
    }
  });

  it('lets each pair serve once, across authorizations and methods', async () => {
    const instance = await startInstance();
    const client = { client_id: registerCodeClient(instance, true).clientId };
    const pair = pkcePair();
    const hashed = {
      query: { code_challenge: pair.challenge, code_challenge_method: 'S256' },
      verifier: pair.verifier,
    };
    expect((await exchange(instance, client, hashed)).status).toBe(200);
    const again = await exchange(instance, client, hashed);
    expect([again.status, again.json]).toEqual([400, refusedGrant]);
    const plain = await exchange(instance, client, {
      query: { code_challenge: pair.verifier },
      verifier: pair.verifier,
    });
    expect([plain.status, plain.json]).toEqual([400, refusedGrant]);
  });

  it.each([
    ['no challenge from a client without a secret', {}],
    ['a challenge that is too short', { code_challenge: 'short', code_challenge_method: 'S256' }],
    ['a challenge with other characters', { code_challenge: `${'a'.repeat(42)}!` }],
    ['a method nobody knows', { code_challenge: 'a'.repeat(43), code_challenge_method: 'S512' }],
  ])('sends invalid_request back for %s', async (_name, query) => {
    const instance = await startInstance();
    const { clientId } = registerCodeClient(instance, true);
    const url = authorizeUrl(instance, { client_id: clientId, scope: 'core.invoice.read', ...query });
    const back = new URL((await new Browser().open(url, { stopAt: callback })).url).searchParams;
    expect([back.get('error'), back.get('state')]).toEqual(['invalid_request', 'state-1']);
  });
});

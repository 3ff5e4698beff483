import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authorizationUrl, checkCallback, requestAuthorizationCode } from '../../src/oauth/authorization-code.ts';
import { requestClientCredentials } from '../../src/oauth/client-credentials.ts';
import { createPkcePair } from '../../src/oauth/pkce.ts';
import { requestRefresh } from '../../src/oauth/refresh.ts';
import { revokeToken } from '../../src/oauth/revoke.ts';
import { answerOnce, clientId, clientSecret, contextOf, playServer, takeUnexpected } from '../support/fake-server.ts';

playServer();

const answer = { access_token: 'access', token_type: 'bearer', expires_in: 60 };
const state = 'state-of-128-bits';
const redirectUri = 'https://host.example/oauth/callback';

describe('the network of these tests', () => {
  it('answers nothing that was not asked for, and notices it', async () => {
    await expect(requestRefresh(contextOf(), 'refresh')).rejects.toMatchObject({ kind: 'temporary' });
    expect(takeUnexpected()).toEqual(['https://as.example/token']);
  });
});

describe('what is sent', () => {
  it('is a form without a charset, with the client in it', async () => {
    const { headers, form } = answerOnce('/token', 200, answer);
    await requestClientCredentials(contextOf(), ['core.invoice.read', 'core.supplier.read']);
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(headers.authorization).toBeUndefined();
    expect(form).toEqual({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'core.invoice.read core.supplier.read',
    });
  });

  it('has the client in the Authorization header where the server wants it so, encoded as RFC 6749 says', async () => {
    const { headers, form } = answerOnce('/token', 200, answer);
    await requestRefresh(contextOf({ client: { authentication: 'client_secret_basic' } }), 'refresh');
    const sent = Buffer.from(String(headers.authorization).slice('Basic '.length), 'base64').toString();
    expect(sent).toContain('%2F');
    expect(decodeURIComponent(sent)).toBe(`${clientId}:${clientSecret}`);
    expect(form).toEqual({ grant_type: 'refresh_token', refresh_token: 'refresh' });
  });

  it('has only the id of a client without a secret', async () => {
    for (const none of [undefined, '']) {
      const { headers, form } = answerOnce('/token', 200, answer);
      await requestClientCredentials(contextOf({ client: { clientSecret: none } }), []);
      expect(form).toEqual({ grant_type: 'client_credentials', client_id: clientId });
      expect(headers.authorization).toBeUndefined();
    }
  });

  it('has code, verifier and the same redirect URI at an exchange', async () => {
    const { form } = answerOnce('/token', 200, answer);
    const parameters = new URLSearchParams({ code: 'the-code', state });
    await requestAuthorizationCode(contextOf(), { parameters, state, redirectUri, codeVerifier: 'v'.repeat(43) });
    expect(form).toMatchObject({
      grant_type: 'authorization_code',
      code: 'the-code',
      redirect_uri: redirectUri,
      code_verifier: 'v'.repeat(43),
    });
    const second = answerOnce('/token', 200, answer);
    await requestAuthorizationCode(contextOf(), { parameters, state, redirectUri, codeVerifier: undefined });
    expect(second.form).not.toHaveProperty('code_verifier');
  });

  it('names the kind of a token that is revoked', async () => {
    const { form } = answerOnce('/revoke', 200, '');
    await revokeToken(contextOf(), { value: 'refresh', kind: 'refresh_token' });
    expect(form).toMatchObject({ token: 'refresh', token_type_hint: 'refresh_token', client_id: clientId });
    answerOnce('/revoke', 401, { error: 'invalid_client' });
    await expect(revokeToken(contextOf(), { value: 'refresh', kind: 'refresh_token' })).rejects.toMatchObject({
      kind: 'invalid_client',
    });
  });
});

describe('authorizationUrl', () => {
  it('carries what the server needs and keeps what its endpoint carries', () => {
    const url = authorizationUrl({
      authorizationEndpoint: 'https://as.example/authorize?tenant=7',
      clientId,
      redirectUri,
      scopes: ['a', 'b'],
      state,
      codeChallenge: 'challenge',
    });
    expect(Object.fromEntries(url.searchParams)).toEqual({
      tenant: '7',
      client_id: clientId,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'a b',
      state,
      code_challenge: 'challenge',
      code_challenge_method: 'S256',
    });
  });
});

describe('createPkcePair', () => {
  it('makes a fresh pair each time, whose challenge is the hash of its verifier', async () => {
    const pairs = await Promise.all(Array.from({ length: 1_000 }, createPkcePair));
    for (const { codeVerifier, codeChallenge, codeChallengeMethod } of pairs) {
      expect(codeVerifier).toMatch(/^[\w.~-]{43,128}$/u);
      expect(codeChallenge).toBe(createHash('sha256').update(codeVerifier).digest('base64url'));
      expect(codeChallengeMethod).toBe('S256');
    }
    expect(new Set(pairs.map(({ codeVerifier }) => codeVerifier)).size).toBe(1_000);
  });
});

describe('checkCallback', () => {
  const { server } = contextOf();
  const declared = { ...server, issuer: 'https://as.example/tenant', sendsIssuer: true };
  const check = (query: string, as = server) =>
    checkCallback(as, clientId, { parameters: new URLSearchParams(query), state });
  const failure = (query: string, as = server): unknown => {
    try {
      return check(query, as);
    } catch (error) {
      return error;
    }
  };

  it('gives a good callback', () => {
    expect(check(`code=c&state=${state}`).get('code')).toBe('c');
    expect(check(`code=c&state=${state}&iss=https%3A%2F%2Fas.example`).get('code')).toBe('c');
    expect(check(`code=c&state=${state}&iss=https%3A%2F%2Fas.example%2Ftenant`, declared).get('code')).toBe('c');
  });

  it.each([
    ['no state', 'code=c', 'the state of the callback is missing or belongs to another authorization'],
    ['another state', 'code=c&state=other', 'the state of the callback is missing or belongs to another authorization'],
    ['two states', `code=c&state=${state}&state=${state}`, 'the callback carries state more than once'],
    ['two codes', `code=c&code=d&state=${state}`, 'the callback carries code more than once'],
    ['an empty code', `code=&state=${state}`, 'the callback carries no code'],
    ['a blank code', `code=%20&state=${state}`, 'the callback carries no code'],
    ['no code', `state=${state}`, 'the callback carries no code'],
    [
      'a huge code',
      `code=${'c'.repeat(1_000_000)}&state=${state}`,
      'the callback is larger than any authorization server makes it',
    ],
    [
      'very many parameters',
      `code=c&state=${state}${'&a=b'.repeat(100)}`,
      'the callback is larger than any authorization server makes it',
    ],
    [
      'another issuer',
      `code=c&state=${state}&iss=https://evil.example`,
      'the callback comes from another authorization server, or does not say from which it comes',
    ],
    [
      'a token of its own',
      `code=c&state=${state}&id_token=x`,
      'the callback comes from another authorization server, or does not say from which it comes',
    ],
  ])('refuses %s', (_, query, description) => {
    expect(failure(query)).toMatchObject({ kind: 'unusable-answer', description, sent: 'no' });
  });

  it('refuses a callback without issuer where the server declares that it sends one', () => {
    expect(failure(`code=c&state=${state}`, declared)).toMatchObject({ kind: 'unusable-answer' });
  });

  it("lets an error win over a code, with the server's words on one bounded line", () => {
    const words = encodeURIComponent(`<script>alert(1)</script>\r\n${'x'.repeat(2_000)}`);
    const refused = failure(`error=access_denied&error_description=${words}&code=canary-code&state=${state}`);
    expect(refused).toMatchObject({ kind: 'authorization-refused', error: 'access_denied', sent: 'no' });
    expect(String((refused as Error).message).length).toBeLessThan(600);
    expect(String((refused as Error).message)).not.toMatch(/[\r\n]|canary/u);
  });

  it('believes no error that comes with another state', () => {
    expect(failure('error=access_denied&state=other')).toMatchObject({ kind: 'unusable-answer' });
  });

  it('sends nothing when the callback is refused', async () => {
    const parameters = new URLSearchParams({ code: 'c', state: 'other' });
    const sent = requestAuthorizationCode(contextOf(), { parameters, state, redirectUri, codeVerifier: undefined });
    await expect(sent).rejects.toMatchObject({ kind: 'unusable-answer', sent: 'no' });
  });
});

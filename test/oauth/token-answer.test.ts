import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { requestClientCredentials } from '../../src/oauth/client-credentials.ts';
import { OauthFailure } from '../../src/oauth/failure.ts';
import { requestRefresh } from '../../src/oauth/refresh.ts';
import { answerOnce, clientSecret, contextOf, playServer } from '../support/fake-server.ts';

playServer();

const spent = 'canary-refresh-token-spent';
const good = {
  access_token: 'canary-access',
  token_type: 'Bearer',
  expires_in: 3_600,
  refresh_token: 'canary-rotated',
};
const kept = { accessToken: 'canary-access', refreshToken: 'canary-rotated' };

describe('a token answer', () => {
  it('is read as it is', async () => {
    answerOnce('/token', 200, { ...good, scope: 'a b  c', extra: { x: 1 } });
    expect(await requestRefresh(contextOf(), spent)).toEqual({
      ...kept,
      tokenType: 'bearer',
      expiresInSeconds: 3_600,
      scope: ['a', 'b', 'c'],
      flaws: [],
    });
  });

  it('without a refresh token, scope and lifetime says so by leaving them out', async () => {
    answerOnce('/token', 200, { access_token: 'canary-access', token_type: 'bearer' });
    expect(await requestClientCredentials(contextOf(), [])).toEqual({
      accessToken: 'canary-access',
      refreshToken: undefined,
      tokenType: 'bearer',
      expiresInSeconds: undefined,
      scope: undefined,
      flaws: [],
    });
  });

  // SECURITY: a rotating server has ended the old refresh token before it sends such an answer.
  it.each([
    ['a negative lifetime', { expires_in: -5 }, 'expires_in is not a number of seconds'],
    ['a lifetime of null', { expires_in: null }, 'expires_in is not a number of seconds'],
    ['no lifetime left', { expires_in: 0 }, 'expires_in is not a number of seconds'],
    ['a part of a second', { expires_in: 0.5 }, 'expires_in is not a number of seconds'],
    ['a lifetime that begins like a number', { expires_in: '3600abc' }, 'expires_in is not a number of seconds'],
    ['an endless lifetime', { expires_in: 1e15 }, 'expires_in is not a number of seconds'],
    ['another token type', { token_type: 'mac' }, 'token_type is not bearer'],
    ['no token type', { token_type: undefined }, 'token_type is not bearer'],
    ['a list of scopes', { scope: ['a', 'b'] }, 'scope is not a string'],
    ['an id_token that is none', { id_token: 42 }, 'the answer does not follow RFC 6749, or its id_token is not valid'],
  ])('with %s keeps both tokens', async (_, flaw, words) => {
    answerOnce('/token', 200, { ...good, ...flaw });
    expect(await requestRefresh(contextOf(), spent)).toMatchObject({ ...kept, flaws: [words] });
  });

  it('with a bad id_token of a declared issuer keeps both tokens', async () => {
    answerOnce('/token', 200, { ...good, id_token: 'not.a.jwt' });
    const context = contextOf({ server: { issuer: 'https://as.example' } });
    const answer = await requestRefresh(context, spent);
    expect(answer).toMatchObject({
      ...kept,
      flaws: ['the answer does not follow RFC 6749, or its id_token is not valid'],
    });
  });

  it('with another good status keeps both tokens', async () => {
    answerOnce('/token', 201, good);
    expect(await requestRefresh(contextOf(), spent)).toMatchObject({ ...kept, flaws: ['the status is 201, not 200'] });
  });

  it('with a lifetime in a string is read, for such servers exist', async () => {
    answerOnce('/token', 200, { ...good, expires_in: '3600' });
    expect(await requestRefresh(contextOf(), spent)).toMatchObject({ expiresInSeconds: 3_600, flaws: [] });
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['null', null],
    ['with a line break', 'A\r\nX: y'],
    ['a number', 7],
  ])('whose access token is %s keeps the refresh token', async (_, value) => {
    answerOnce('/token', 200, { ...good, access_token: value });
    const answer = await requestRefresh(contextOf(), spent);
    expect(answer).toMatchObject({ accessToken: undefined, refreshToken: 'canary-rotated' });
    expect(answer.flaws).toContain('there is no usable access_token');
  });

  it.each([
    ['empty', ''],
    ['null', null],
    ['a number', 7],
  ])('whose refresh token is %s gives none', async (_, value) => {
    answerOnce('/token', 200, { ...good, refresh_token: value });
    expect(await requestRefresh(contextOf(), spent)).toMatchObject({
      accessToken: 'canary-access',
      refreshToken: undefined,
      flaws: ['refresh_token is not a token'],
    });
  });
});

describe('a refusal', () => {
  const oauthError = (error: string) => ({ error, error_description: `no: ${spent} ${clientSecret}\u202e\r\nnext` });

  it.each([
    [400, oauthError('invalid_grant'), 'invalid_grant'],
    [401, oauthError('invalid_grant'), 'invalid_grant'],
    [401, oauthError('invalid_client'), 'invalid_client'],
    [400, oauthError('unauthorized_client'), 'unauthorized_client'],
    [400, oauthError('invalid_scope'), 'invalid_scope'],
    [400, oauthError('unsupported_grant_type'), 'other-oauth'],
    [400, oauthError('temporarily_unavailable'), 'temporary'],
    [500, oauthError('invalid_grant'), 'temporary'],
    [503, '<html>', 'temporary'],
    [429, '', 'temporary'],
    [403, oauthError('invalid_grant'), 'unusable-answer'],
    [200, oauthError('invalid_grant'), 'unusable-answer'],
    [400, '<html>invalid_grant', 'unusable-answer'],
    [400, [oauthError('invalid_grant')], 'unusable-answer'],
    [400, { error: ['invalid_grant'] }, 'unusable-answer'],
    [200, '<html>', 'unusable-answer'],
    [200, '', 'unusable-answer'],
    [200, null, 'unusable-answer'],
    [200, {}, 'unusable-answer'],
    [204, '', 'unusable-answer'],
    [404, '', 'unusable-answer'],
  ])('with status %i and body %j is %3$s', async (status, body, kind) => {
    answerOnce('/token', status, body);
    const failure: unknown = await requestRefresh(contextOf(), spent).catch((thrown) => thrown);
    expect(failure).toBeInstanceOf(OauthFailure);
    expect(failure).toMatchObject({ kind, status, sent: 'answered' });
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('canary');
  });

  it('with a redirect goes nowhere', async () => {
    answerOnce('/token', 307, '', { location: 'https://evil.example/token' });
    await expect(requestRefresh(contextOf(), spent)).rejects.toMatchObject({
      kind: 'unusable-answer',
      status: 307,
      sent: 'answered',
    });
  });

  it('has words that fit on one line of 500 characters', async () => {
    answerOnce('/token', 400, { error: 'invalid_grant', error_description: `a\r\n\tb\u0000${'x'.repeat(100_000)}` });
    const failure: OauthFailure = await requestRefresh(contextOf(), spent).catch((thrown) => thrown);
    expect(failure.description).toHaveLength(500);
    expect(failure.description).toMatch(/^status 400, invalid_grant: a b x+…$/u);
  });

  it('before anything is sent says that nothing was sent', async () => {
    const elsewhere = contextOf({ server: { tokenEndpoint: 'https://evil.example/token' } });
    await expect(requestRefresh(elsewhere, spent)).rejects.toMatchObject({ code: 'SNAP_HOST_NOT_ALLOWED' });
    const controller = new AbortController();
    controller.abort();
    const stopped = requestRefresh(contextOf({ signal: controller.signal }), spent);
    await expect(stopped).rejects.toMatchObject({ kind: 'temporary', sent: 'no' });
  });
});

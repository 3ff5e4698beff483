import { describe, expect, it } from 'vitest';
import { authorizeOffline, catalog, type Instance, send, startInstance } from './support.ts';

const refusedGrant = { error: 'invalid_grant', error_description: 'grant request is invalid' };

function renew(
  instance: Instance,
  client: Record<string, string>,
  refreshToken: unknown,
  more: Record<string, string> = {},
) {
  return instance.post({ ...client, grant_type: 'refresh_token', refresh_token: String(refreshToken), ...more });
}

describe('refresh tokens', () => {
  it('are new at each renewal when rotation is on', async () => {
    const instance = await startInstance();
    const { client, refreshToken } = await authorizeOffline(instance);
    const first = await renew(instance, client, refreshToken);
    expect([first.status, first.json.expires_in]).toEqual([200, 86_399]);
    expect(first.json.refresh_token).not.toBe(refreshToken);
    const second = await renew(instance, client, first.json.refresh_token);
    expect(second.status).toBe(200);
    expect(new Set([refreshToken, first.json.refresh_token, second.json.refresh_token]).size).toBe(3);
    expect(instance.authorization.stats()).toEqual({
      tokenRequests: 3,
      tokenRequestsByGrant: { authorization_code: 1, refresh_token: 2 },
      authorizations: 1,
      reuses: 0,
    });
  });

  it('end with their whole family when a spent one comes back, and the reuse is counted', async () => {
    const instance = await startInstance();
    const { client, refreshToken } = await authorizeOffline(instance);
    const { json } = await renew(instance, client, refreshToken);
    const reuse = await renew(instance, client, refreshToken);
    expect([reuse.status, reuse.json]).toEqual([400, refusedGrant]);
    expect(instance.authorization.stats().reuses).toBe(1);
    const newest = await renew(instance, client, json.refresh_token);
    expect([newest.status, newest.json]).toEqual([400, refusedGrant]);
    expect(instance.authorization.verify(String(json.access_token))).toBeUndefined();
  });

  it('leave the family of another authorization alone when one is reused', async () => {
    const instance = await startInstance();
    const one = await authorizeOffline(instance);
    const other = await authorizeOffline(instance);
    await renew(instance, one.client, one.refreshToken);
    await renew(instance, one.client, one.refreshToken);
    expect((await renew(instance, other.client, other.refreshToken)).status).toBe(200);
  });

  it('stay the same when rotation is off', async () => {
    const instance = await startInstance({ rotateRefreshTokens: false });
    const { client, refreshToken } = await authorizeOffline(instance);
    for (let round = 0; round < 3; round += 1) {
      const { status, json } = await renew(instance, client, refreshToken);
      expect([status, json.refresh_token]).toEqual([200, refreshToken]);
    }
    expect(instance.authorization.stats().reuses).toBe(0);
  });

  it('live ninety days and no longer', async () => {
    const instance = await startInstance({ rotateRefreshTokens: false });
    const { client, refreshToken } = await authorizeOffline(instance);
    instance.pass(89 * 86_400);
    expect((await renew(instance, client, refreshToken)).status).toBe(200);
    instance.pass(2 * 86_400);
    const late = await renew(instance, client, refreshToken);
    expect([late.status, late.json]).toEqual([400, refusedGrant]);
  });

  it('may come back within the grace that a lenient server allows, and not after it', async () => {
    const instance = await startInstance({ reuseGraceSeconds: 30 });
    const { client, refreshToken } = await authorizeOffline(instance);
    const first = await renew(instance, client, refreshToken);
    instance.pass(20);
    const again = await renew(instance, client, refreshToken);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(instance.authorization.stats().reuses).toBe(0);
    instance.pass(11);
    expect((await renew(instance, client, refreshToken)).json).toEqual(refusedGrant);
    expect(instance.authorization.stats().reuses).toBe(1);
  });

  it('renew once at most when many present the same one at the same moment', async () => {
    const instance = await startInstance();
    const { client, refreshToken } = await authorizeOffline(instance);
    const answers = await Promise.all(Array.from({ length: 10 }, () => renew(instance, client, refreshToken)));
    const given = answers.filter((answer) => answer.status === 200);
    expect(given.length).toBeLessThanOrEqual(1);
    expect(instance.authorization.stats().reuses).toBeGreaterThan(0);
    for (const { json } of given) expect(instance.authorization.verify(String(json.access_token))).toBeUndefined();
    const newest = await renew(instance, client, given[0]?.json.refresh_token);
    expect([newest.status, newest.json]).toEqual([400, refusedGrant]);
  });

  it('are spent though the answer is lost on its way', async () => {
    const instance = await startInstance({}, { losesAnswer: (req) => req.headers['x-lose'] === 'yes' });
    const { client, refreshToken } = await authorizeOffline(instance);
    const form = new URLSearchParams({
      ...client,
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    }).toString();
    await expect(send(`${instance.url}/oauth2/token`, form, { 'x-lose': 'yes' })).rejects.toThrow('fetch failed');
    const again = await renew(instance, client, refreshToken);
    expect([again.status, again.json]).toEqual([400, refusedGrant]);
    expect(instance.authorization.stats()).toMatchObject({ tokenRequests: 3, reuses: 1 });
  });

  it('may be asked for fewer scopes and not for more', async () => {
    const instance = await startInstance();
    const { client, refreshToken } = await authorizeOffline(instance);
    const fewer = await renew(instance, client, refreshToken, { scope: 'core.invoice.read' });
    expect([fewer.status, fewer.json.scope]).toEqual([200, 'core.invoice.read']);
    const more = await renew(instance, client, fewer.json.refresh_token, { scope: 'core.supplier.read' });
    expect([more.status, more.json.error]).toEqual([400, 'invalid_scope']);
  });

  it('are refused with another secret, to another client and when made up', async () => {
    const instance = await startInstance();
    const { client, refreshToken } = await authorizeOffline(instance);
    const other = await authorizeOffline(instance);
    const wrong = await renew(instance, { ...client, client_secret: 'wrong' }, refreshToken);
    expect([wrong.status, wrong.json.error]).toEqual([401, 'invalid_client']);
    for (const [as, token] of [
      [other.client, refreshToken],
      [client, 'made-up'],
    ] as const) {
      const answer = await renew(instance, as, token);
      expect([answer.status, answer.json]).toEqual([400, refusedGrant]);
    }
    expect((await renew(instance, client, refreshToken)).status).toBe(200);
  });
});

describe('revocation', () => {
  it('ends a refresh token and the access tokens of its grant at the revocation endpoint', async () => {
    const instance = await startInstance();
    const { client, answer, refreshToken } = await authorizeOffline(instance);
    const revoked = await instance.post({ ...client, token: refreshToken }, '/oauth2/revoke');
    expect(revoked.status).toBe(200);
    expect((await renew(instance, client, refreshToken)).json).toEqual(refusedGrant);
    expect(instance.authorization.verify(String(answer.json.access_token))).toBeUndefined();
  });

  it('ends one access token, for its own client only', async () => {
    const instance = await startInstance();
    const { client, answer, refreshToken } = await authorizeOffline(instance);
    const other = await authorizeOffline(instance);
    const token = String(answer.json.access_token);
    expect((await instance.post({ ...other.client, token }, '/oauth2/revoke')).status).toBe(200);
    expect(instance.authorization.verify(token)).toBeDefined();
    expect((await instance.post({ ...client, token }, '/oauth2/revoke')).status).toBe(200);
    expect(instance.authorization.verify(token)).toBeUndefined();
    expect((await renew(instance, client, refreshToken)).status).toBe(200);
  });

  it('from outside ends what it names: the access tokens, the refresh tokens, one client or all', async () => {
    const instance = await startInstance();
    const one = await authorizeOffline(instance);
    const other = await authorizeOffline(instance);
    const isAlive = (each: typeof one) =>
      instance.authorization.verify(String(each.answer.json.access_token)) !== undefined;
    instance.authorization.revoke({ clientId: one.client.client_id, kind: 'access' });
    expect([isAlive(one), isAlive(other)]).toEqual([false, true]);
    const renewed = await renew(instance, one.client, one.refreshToken);
    expect(renewed.status).toBe(200);
    instance.authorization.revoke({ kind: 'refresh' });
    expect((await renew(instance, one.client, renewed.json.refresh_token)).json).toEqual(refusedGrant);
    expect((await renew(instance, other.client, other.refreshToken)).json).toEqual(refusedGrant);
    expect(isAlive(other)).toBe(true);
    instance.authorization.revoke();
    expect(isAlive(other)).toBe(false);
  });
});

describe('reset', () => {
  it('forgets tokens, codes, sessions and counters and keeps the clients', async () => {
    const instance = await startInstance();
    const { client, answer, refreshToken } = await authorizeOffline(instance);
    instance.authorization.reset();
    expect(instance.authorization.stats()).toEqual({
      tokenRequests: 0,
      tokenRequestsByGrant: {},
      authorizations: 0,
      reuses: 0,
    });
    expect(instance.authorization.verify(String(answer.json.access_token))).toBeUndefined();
    expect((await renew(instance, client, refreshToken)).json).toEqual(refusedGrant);
  });

  it('makes the same client identifiers and secrets again for the same seed', async () => {
    const register = async (seed: number) =>
      (await startInstance({ seed })).authorization.registerClient({
        name: 'Nightly',
        login: 'nightly',
        grantType: 'client_credentials',
        scopes: Object.keys(catalog.scopes),
      });
    expect(await register(1)).toEqual(await register(1));
    expect(await register(1)).not.toEqual(await register(2));
  });
});

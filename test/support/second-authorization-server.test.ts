import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type SecondAuthorizationServer, startSecondAuthorizationServer } from './second-authorization-server.ts';

const callback = 'http://127.0.0.1:9/callback';
const verifier = 'v'.repeat(64);

async function start(): Promise<SecondAuthorizationServer> {
  const server = await startSecondAuthorizationServer();
  onTestFinished(() => server.close());
  return server;
}

async function post(url: string, form: Record<string, string>, client: { clientId: string; clientSecret: string }) {
  const encode = (text: string) => new URLSearchParams({ text }).toString().slice('text='.length);
  const basic = Buffer.from(`${encode(client.clientId)}:${encode(client.clientSecret)}`).toString('base64');
  const answer = await fetch(url, {
    method: 'POST',
    headers: client.clientSecret ? { authorization: `Basic ${basic}` } : {},
    body: new URLSearchParams(client.clientSecret ? form : { ...form, client_id: client.clientId }),
  });
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

describe('the second authorization server', () => {
  it('gives short opaque tokens for client credentials in the Authorization header', async () => {
    const server = await start();
    const client = server.register({ grantType: 'client_credentials' });
    const { status, json } = await post(
      server.endpoints.token,
      { grant_type: 'client_credentials', scope: 'read' },
      client,
    );
    expect([status, json.expires_in]).toEqual([200, 30]);
    expect(json.access_token).not.toContain('.');
    expect(server.stats()).toEqual({ tokenRequests: 1, reuses: 0 });
  });

  it('names itself in the authorization answer and rotates refresh tokens', async () => {
    const server = await start();
    const client = server.register({ grantType: 'authorization_code', redirectUri: callback });
    const query = new URLSearchParams({
      client_id: client.clientId,
      response_type: 'code',
      redirect_uri: callback,
      scope: 'read offline_access',
      prompt: 'consent',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const back = await server.authorize(`${server.endpoints.authorization}?${query}`);
    expect(back.searchParams.get('iss')).toBe(server.issuer);
    const form = {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: callback,
      code_verifier: verifier,
    };
    const { json } = await post(server.endpoints.token, form, client);
    const refresh = { grant_type: 'refresh_token', refresh_token: String(json.refresh_token) };
    const renewed = await post(server.endpoints.token, refresh, client);
    expect(renewed.json.refresh_token).not.toBe(json.refresh_token);
    expect((await post(server.endpoints.token, refresh, client)).json.error).toBe('invalid_grant');
    expect(server.stats().reuses).toBe(1);
  });

  it('connects a device that has no secret', async () => {
    const server = await start();
    const client = server.register({ grantType: 'device_code', isPublic: true });
    const begun = await post(server.endpoints.deviceAuthorization, { scope: 'read' }, client);
    await server.approveDevice(String(begun.json.user_code));
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: String(begun.json.device_code),
    };
    expect((await post(server.endpoints.token, form, client)).status).toBe(200);
  });
});

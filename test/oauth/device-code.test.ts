import { describe, expect, it } from 'vitest';
import { type DeviceAuthorization, pollDeviceToken, requestDeviceAuthorization } from '../../src/oauth/device-code.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { answerOnce, clientId, contextOf, playServer } from '../support/fake-server.ts';

playServer();

const begun = {
  device_code: 'canary-device-code',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://as.example/activate',
  verification_uri_complete: 'https://as.example/activate?user_code=ABCD-EFGH',
  expires_in: 600,
  interval: 7,
};

describe('requestDeviceAuthorization', () => {
  it('gives what the person needs', async () => {
    const { form } = answerOnce('/device', 200, begun);
    expect(await requestDeviceAuthorization(contextOf(), ['a', 'b'])).toEqual({
      deviceCode: 'canary-device-code',
      userCode: 'ABCD-EFGH',
      verificationUri: 'https://as.example/activate',
      verificationUriComplete: 'https://as.example/activate?user_code=ABCD-EFGH',
      expiresInSeconds: 600,
      intervalSeconds: 7,
    });
    expect(form).toMatchObject({ client_id: clientId, scope: 'a b' });
  });

  it('bounds the times', async () => {
    answerOnce('/device', 200, { ...begun, expires_in: 1e9, interval: 0.2 });
    expect(await requestDeviceAuthorization(contextOf(), [])).toMatchObject({
      expiresInSeconds: 3_600,
      intervalSeconds: 1,
    });
    answerOnce('/device', 200, { ...begun, interval: 1e9 });
    expect(await requestDeviceAuthorization(contextOf(), [])).toMatchObject({ intervalSeconds: 60 });
    answerOnce('/device', 200, { ...begun, interval: undefined });
    expect(await requestDeviceAuthorization(contextOf(), [])).toMatchObject({ intervalSeconds: 5 });
  });

  it.each([
    ['an address that is a script', 200, { ...begun, verification_uri: 'javascript:alert(1)' }],
    ['no code', 200, { ...begun, user_code: undefined }],
    ['a page', 200, '<html>'],
  ])('refuses %s', async (_, status, body) => {
    answerOnce('/device', status, body);
    await expect(requestDeviceAuthorization(contextOf(), [])).rejects.toMatchObject({ kind: 'unusable-answer' });
  });

  it("gives the server's refusal", async () => {
    answerOnce('/device', 401, { error: 'invalid_client' });
    await expect(requestDeviceAuthorization(contextOf(), [])).rejects.toMatchObject({ kind: 'invalid_client' });
  });
});

describe('pollDeviceToken', () => {
  const device: DeviceAuthorization = {
    deviceCode: 'canary-device-code',
    userCode: 'ABCD-EFGH',
    verificationUri: 'https://as.example/activate',
    verificationUriComplete: undefined,
    expiresInSeconds: 60,
    intervalSeconds: 5,
  };
  const poll = (more: Partial<DeviceAuthorization> = {}, signal?: AbortSignal) => {
    const clock = createFakeClock();
    const token = pollDeviceToken(contextOf(signal ? { signal } : {}), { ...device, ...more }, clock);
    return { clock, token: clock.settle(token) };
  };

  it('asks at the interval, slower when told so or when the server is away, until there is a token', async () => {
    answerOnce('/token', 400, { error: 'authorization_pending' });
    answerOnce('/token', 400, { error: 'slow_down' });
    answerOnce('/token', 503, '');
    const { form } = answerOnce('/token', 200, { access_token: 'access', token_type: 'bearer' });
    const { clock, token } = poll({ expiresInSeconds: 600 });
    expect(await token).toMatchObject({ accessToken: 'access' });
    expect(clock.waits).toEqual([5_000, 5_000, 10_000, 20_000]);
    expect(form).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'canary-device-code',
    });
  });

  it.each([
    ['access_denied', 'the person denied it'],
    ['expired_token', 'the code ended before anybody allowed it'],
  ])('ends at %s', async (error, description) => {
    answerOnce('/token', 400, { error });
    await expect(poll().token).rejects.toMatchObject({ kind: 'authorization-refused', error, description });
  });

  it('ends when the server refuses for another reason', async () => {
    answerOnce('/token', 401, { error: 'invalid_client' });
    await expect(poll().token).rejects.toMatchObject({ kind: 'invalid_client' });
  });

  it('ends by itself when the code has ended', async () => {
    for (let count = 0; count < 12; count += 1) answerOnce('/token', 400, { error: 'authorization_pending' });
    await expect(poll().token).rejects.toMatchObject({ kind: 'authorization-refused', error: 'expired_token' });
  });

  it('ends when nobody waits any more', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(poll({}, controller.signal).token).rejects.toMatchObject({ kind: 'temporary' });
  });
});

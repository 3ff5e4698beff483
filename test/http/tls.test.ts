import type { TlsOptions } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../src/http/client.ts';
import { authority, certificates, privateKey } from '../support/certificates.ts';
import { framed, startRawServer } from '../support/raw-server.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  for (const end of ends.splice(0).toReversed()) await end();
});

async function call(tls: TlsOptions) {
  const server = await startRawServer(() => framed(200, '{}'), { key: privateKey, ...tls });
  const client = createHttpClient({
    allowedHosts: ['127.0.0.1'],
    certificateAuthority: authority,
    retry: { delayMsBase: 1, attemptsMax: 2 },
    tokens: async () => ({ value: 'canary', version: 1, issuedAt: 0 }),
  });
  ends.push(server.close, client.close);
  const answer = client.send({ method: 'GET', url: new URL(server.origin), repeatable: true });
  return { server, answer };
}

describe('TLS', () => {
  it('goes on with a certificate of a known authority for this name', async () => {
    const { answer } = await call({ cert: certificates.good });
    expect(await answer).toMatchObject({ status: 200 });
  });

  it.each([
    ['expired', { cert: certificates.expired }, 'TLS: the certificate has expired (CERT_HAS_EXPIRED)'],
    [
      'self-signed',
      { cert: certificates.selfSigned },
      'TLS: the certificate is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT)',
    ],
    [
      'wrong name',
      { cert: certificates.wrongName },
      'TLS: the certificate belongs to another name (ERR_TLS_CERT_ALTNAME_INVALID)',
    ],
  ])('sends nothing to a server with a certificate that is %s', async (_, tls, reason) => {
    const { server, answer } = await call(tls);
    await expect(answer).rejects.toMatchObject({ code: 'SNAP_UNREACHABLE', reason, sent: 'no', retryable: false });
    expect(server.requests).toHaveLength(0);
  });

  it('does not speak TLS 1.1', async () => {
    const { server, answer } = await call({
      cert: certificates.good,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    await expect(answer).rejects.toMatchObject({
      code: 'SNAP_UNREACHABLE',
      reason: expect.stringMatching(/^TLS: /u),
      sent: 'no',
    });
    expect(server.requests).toHaveLength(0);
  });

  it('says so when the server speaks no TLS at all', async () => {
    const server = await startRawServer(() => framed(200, '{}'));
    const client = createHttpClient({ allowedHosts: ['127.0.0.1'], retry: { attemptsMax: 1 } });
    ends.push(server.close, client.close);
    const url = new URL(server.origin.replace('http:', 'https:'));
    const sent = client.send({ method: 'GET', url, repeatable: false, totalTimeoutMs: 300 });
    await expect(sent).rejects.toMatchObject({ sent: 'no' });
    expect(server.requests).toHaveLength(0);
  });

  it('is not weakened by NODE_TLS_REJECT_UNAUTHORIZED=0', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    const { server, answer } = await call({ cert: certificates.selfSigned });
    await expect(answer).rejects.toMatchObject({ code: 'SNAP_UNREACHABLE', sent: 'no' });
    expect(server.requests).toHaveLength(0);
  });
});

import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../src/http/client.ts';
import type { HttpRequest } from '../../src/http/contract.ts';
import { framed, type RawAnswer, startRawServer } from '../support/raw-server.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Sends one request to a server that answers so. */
async function receive(answer: RawAnswer, more: Partial<HttpRequest> = {}) {
  const server = await startRawServer(answer);
  const client = createHttpClient({ allowedHosts: ['127.0.0.1'], retry: { delayMsBase: 1, delayMsMax: 2 } });
  ends.push(server.close, client.close);
  return client.send({ method: 'GET', url: new URL(server.origin), repeatable: false, ...more });
}

const page = JSON.stringify(Array.from({ length: 50 }, (_, id) => ({ id })));
const codecs = [
  ['gzip', (bytes: Buffer) => gzipSync(bytes)],
  ['deflate', (bytes: Buffer) => deflateSync(bytes)],
  ['br', (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })],
  ['zstd', (bytes: Buffer) => zstdCompressSync(bytes)],
] as const;

/** Writes the bytes and ends the connection. */
const endingWith =
  (bytes: string | Uint8Array): RawAnswer =>
  (_, __, socket) => {
    socket.end(bytes);
    return undefined;
  };

describe('encodings', () => {
  it.each(codecs)('decodes %s, counting what came over the wire', async (encoding, encode) => {
    const bytes = encode(Buffer.from(page));
    const answer = await receive(() => framed(200, bytes, { 'content-encoding': encoding }));
    expect(Buffer.from(answer.body).toString()).toBe(page);
    expect(answer).toMatchObject({ isComplete: true, traffic: { bytesIn: bytes.length } });
  });

  it.each(codecs)('stops a %s bomb at the bound', async (encoding, encode) => {
    const bomb = encode(Buffer.alloc(64 * 1_048_576));
    const before = process.memoryUsage().rss;
    const failed = receive(() => framed(200, bomb, { 'content-encoding': encoding }), { bodyBytesMax: 1_048_576 });
    await expect(failed).rejects.toMatchObject({ code: 'SNAP_ANSWER_TOO_LARGE', sent: 'answered', status: 200 });
    expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1_048_576);
  });

  it('stops a body of known and of unknown length at the bound', async () => {
    const large = Buffer.alloc(3_000, 'x');
    const bound = { bodyBytesMax: 2_000 };
    await expect(receive(() => framed(200, large), bound)).rejects.toMatchObject({ code: 'SNAP_ANSWER_TOO_LARGE' });
    const chunked = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'3e8\r\n'}${'x'.repeat(1_000)}\r\n`.concat(
      `3e8\r\n${'x'.repeat(1_000)}\r\n3e8\r\n${'x'.repeat(1_000)}\r\n0\r\n\r\n`,
    );
    await expect(receive(() => chunked, bound)).rejects.toMatchObject({ code: 'SNAP_ANSWER_TOO_LARGE' });
    expect((await receive(() => framed(200, Buffer.alloc(2_000)), bound)).body).toHaveLength(2_000);
  });

  it('refuses chains and unknown encodings', async () => {
    for (const encoding of ['gzip, br', 'gzip, gzip, gzip, gzip, gzip', 'compress', 'constructor']) {
      const failed = receive(() => framed(200, gzipSync(page), { 'content-encoding': encoding }));
      await expect(failed).rejects.toMatchObject({ code: 'SNAP_ANSWER_MALFORMED', retryable: false });
    }
  });

  it('takes identity and an empty body of any encoding as they are', async () => {
    expect((await receive(() => framed(200, page, { 'content-encoding': 'identity' }))).body).toHaveLength(page.length);
    expect((await receive(() => framed(200, '', { 'content-encoding': 'gzip' }))).body).toHaveLength(0);
  });
});

describe('cut bodies', () => {
  const cut = page.slice(0, 100);

  it.each([
    ['by length', `HTTP/1.1 200 OK\r\ncontent-length: ${page.length}\r\n\r\n${cut}`],
    ['in chunks', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\n${cut}\r\n`],
    ['in a chunk', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n${cut}`],
  ])('fails for a body cut %s', async (_, bytes) => {
    await expect(receive(endingWith(bytes))).rejects.toMatchObject({
      code: 'SNAP_ANSWER_MALFORMED',
      sent: 'answered',
      status: 200,
      retryable: true,
    });
  });

  it.each(codecs)('fails for a %s body that is cut inside its framing', async (encoding, encode) => {
    const bytes = encode(Buffer.from(page));
    const failed = receive(() => framed(200, bytes.subarray(0, bytes.length - 9), { 'content-encoding': encoding }));
    await expect(failed).rejects.toMatchObject({ code: 'SNAP_ANSWER_MALFORMED', retryable: true });
  });

  it('does not believe a body that only the end of the connection ends', async () => {
    const answer = await receive(endingWith(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n[{"id":1}]`));
    expect(answer).toMatchObject({ status: 200, isComplete: false });
  });

  it('repeats a harmless request whose answer was cut', async () => {
    const answer = await receive(
      (request, count, socket) =>
        count === 1
          ? endingWith(`HTTP/1.1 200 OK\r\ncontent-length: ${page.length}\r\n\r\n${cut}`)(request, count, socket)
          : framed(200, page),
      { repeatable: true },
    );
    expect(answer).toMatchObject({ isComplete: true, traffic: { requests: 2, retries: 1 } });
    expect(answer.body).toHaveLength(page.length);
  });

  it('believes answers that have no body by their nature', async () => {
    expect(await receive(() => 'HTTP/1.1 204 No Content\r\n\r\n')).toMatchObject({ status: 204, isComplete: true });
  });
});

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { createHttpClient } from '../../src/http/client.ts';
import type { HttpRequest, StreamedBody } from '../../src/http/contract.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const token = 'canary-token-of-this-test';

async function sending(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createHttpClient({
    allowedHosts: ['127.0.0.1'],
    retry: { delayMsBase: 1, delayMsMax: 2 },
    tokens: async () => ({ value: token, version: 1, issuedAt: 0 }),
  });
  ends.push(() => server.close(), client.close);
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return ({ path = '/', ...more }: Partial<HttpRequest> & { readonly path?: string }) =>
    client.send({ method: 'GET', url: new URL(path, url), repeatable: true, ...more });
}

/** A receiver that keeps everything, and how often it was begun. */
function keeping(bytesMax = 1_048_576) {
  const kept = { begun: 0, bytes: Buffer.alloc(0), ended: 0 };
  const receive: NonNullable<HttpRequest['receiver']>['receive'] = async (_, pieces) => {
    kept.begun += 1;
    kept.bytes = Buffer.alloc(0);
    try {
      for await (const piece of pieces) kept.bytes = Buffer.concat([kept.bytes, piece]);
    } finally {
      kept.ended += 1;
    }
  };
  return { kept, receiver: { bytesMax, receive } };
}

const text = 'a file, line by line\n'.repeat(20_000);

function bodyOf(pieces: readonly string[], bytes = pieces.join('').length): StreamedBody & { opened: number } {
  return {
    bytes,
    opened: 0,
    async *open() {
      this.opened += 1;
      for (const piece of pieces) yield Buffer.from(piece);
    },
  };
}

describe('a body that is received while it comes', () => {
  it('arrives whole, unpacked, and is not in the answer', async () => {
    const send = await sending((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text));
    });
    const { kept, receiver } = keeping();
    const answer = await send({ receiver });
    expect([answer.status, answer.body.length, answer.traffic.requests]).toEqual([200, 0, 1]);
    expect(kept.bytes.toString()).toBe(text);
  });

  it('begins anew when the answer was cut, and the receiver has let go by then', async () => {
    let asked = 0;
    const send = await sending((_, response) => {
      asked += 1;
      response.writeHead(200, { 'content-length': String(text.length) });
      if (asked === 1) response.write(text.slice(0, 100_000), () => response.destroy());
      else response.end(text);
    });
    const { kept, receiver } = keeping();
    await send({ receiver });
    expect(kept).toMatchObject({ begun: 2, ended: 2 });
    expect(kept.bytes.toString()).toBe(text);
  });

  it('waits on the wire while the receiver does not read', async () => {
    const size = 32 * 1_048_576;
    let written = 0;
    let hasStalled: (() => void) | undefined;
    const stalled = new Promise<void>((resolve) => {
      hasStalled = resolve;
    });
    const piece = Buffer.alloc(1_048_576, 'x');
    const send = await sending((_, response) => {
      response.writeHead(200, { 'content-length': String(size) });
      const more = (): void => {
        while (written < size) {
          written += piece.length;
          if (response.write(piece)) continue;
          // Nothing was taken for a second: the way is full.
          const timer = setTimeout(() => hasStalled?.(), 1_000);
          response.once('drain', () => {
            clearTimeout(timer);
            more();
          });
          return;
        }
        response.end();
      };
      more();
    });
    let received = 0;
    const receive = async (_: unknown, pieces: AsyncIterable<Uint8Array>): Promise<void> => {
      await stalled;
      expect(written).toBeLessThan(size / 2);
      for await (const { length } of pieces) received += length;
    };
    await send({ receiver: { bytesMax: size, receive } });
    expect(received).toBe(size);
  });

  it.each([
    ['more than its bound', Buffer.alloc(2_000_000), 'SNAP_ANSWER_TOO_LARGE'],
    ['a bomb', gzipSync(Buffer.alloc(2_000_000)), 'SNAP_ANSWER_TOO_LARGE'],
    ['the token of the request', Buffer.from(`${'x'.repeat(70_000)}${token}`), 'SNAP_ANSWER_MALFORMED'],
  ])('is refused when it holds %s', async (what, bytes, code) => {
    const encoding: Record<string, string> = what === 'a bomb' ? { 'content-encoding': 'gzip' } : {};
    const send = await sending((_, response) => {
      response.writeHead(200, { ...encoding, 'transfer-encoding': 'chunked' }).end(bytes);
    });
    await expect(send({ receiver: keeping().receiver })).rejects.toMatchObject({ code });
  });

  it('has the time that its length needs once it has begun, and until then that of any answer', async () => {
    const waitMs = 4_500;
    const send = await sending((request, response) => {
      // A far side that says nothing.
      if (request.url === '/hang') return;
      response.writeHead(200, { 'content-length': '4' }).write('ab');
      setTimeout(() => response.end('cd'), waitMs);
    });
    const { kept, receiver } = keeping();
    const patient = { ...receiver, timeoutMs: () => 60_000 };
    await send({ totalTimeoutMs: 4_000, receiver: patient });
    expect(kept).toMatchObject({ begun: 1, ended: 1 });
    expect(kept.bytes.toString()).toBe('abcd');
    const hung = send({ totalTimeoutMs: 200, repeatable: false, receiver: patient, path: '/hang' });
    await expect(hung).rejects.toMatchObject({ code: 'SNAP_DEADLINE_PASSED' });
  });

  it('is not begun for a refusal, whose words are in the answer as ever', async () => {
    const send = await sending((_, response) => void response.writeHead(404).end('no such file'));
    const { kept, receiver } = keeping();
    expect(Buffer.from((await send({ receiver })).body).toString()).toBe('no such file');
    expect(kept.begun).toBe(0);
  });

  it('ends the request when the receiver fails, with what it threw', async () => {
    const send = await sending((_, response) => void response.writeHead(200).end(text));
    const thrown = new DataError('SNAP_DOCUMENT_INVALID', 'No.', { reason: 'of the test', resolution: 'none' });
    const receive = () => Promise.reject(thrown);
    await expect(send({ receiver: { bytesMax: 1_048_576, receive } })).rejects.toBe(thrown);
  });
});

describe('a body that is sent while it is made', () => {
  it('is made anew for each attempt, with its length', async () => {
    const seen: string[] = [];
    const send = await sending((request, response) => {
      const hash = createHash('sha256');
      request.on('data', (piece) => hash.update(piece));
      request.on('end', () => {
        seen.push(`${request.headers['content-length']} ${hash.digest('hex')}`);
        response.writeHead(seen.length === 1 ? 503 : 200).end();
      });
    });
    const body = bodyOf(Array.from({ length: 50 }, (_, index) => String(index).repeat(5_000)));
    const { status, traffic } = await send({ method: 'PUT', body });
    expect([status, body.opened, traffic.bytesOut]).toEqual([200, 2, body.bytes * 2]);
    expect(new Set(seen).size).toBe(1);
  });

  it('never arrives whole when it fails on the way or has another length', async () => {
    let whole = 0;
    const send = await sending((request, response) => {
      request.on('error', () => undefined);
      request.on('end', () => {
        whole += 1;
        response.end();
      });
      request.resume();
    });
    const thrown = new DataError('SNAP_DOCUMENT_INVALID', 'Changed.', { reason: 'of the test', resolution: 'none' });
    const failing: StreamedBody = {
      bytes: 10,
      async *open() {
        yield Buffer.from('12345');
        throw thrown;
      },
    };
    await expect(send({ method: 'POST', repeatable: false, body: failing })).rejects.toBe(thrown);
    const short = send({ method: 'POST', repeatable: false, body: bodyOf(['1234'], 10) });
    await expect(short).rejects.toMatchObject({ code: 'SNAP_UNREACHABLE' });
    expect(whole).toBe(0);
  });
});

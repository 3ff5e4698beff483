import { type ChildProcess, spawn } from 'node:child_process';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClientOptions } from '../../src/http/client.ts';
import type { HttpClient, HttpRequest } from '../../src/http/contract.ts';
import { sentOf } from '../../src/http/failure.ts';
import { emptyTraffic } from '../../src/http/traffic.ts';
import { framed, type RawAnswer, startRawServer } from '../support/raw-server.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function serve(answer: RawAnswer) {
  const server = await startRawServer(answer);
  ends.push(server.close);
  return server;
}

function open(options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = createHttpClient({
    allowedHosts: ['127.0.0.1'],
    retry: { delayMsBase: 1, delayMsMax: 2 },
    ...options,
  });
  ends.push(client.close);
  return client;
}

const get = (origin: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: new URL('/api/things?limit=1', origin),
  repeatable: true,
  ...more,
});

describe('send', () => {
  it('receives the whole answer and counts what it cost', async () => {
    const server = await serve(() => framed(200, '[{"id":1}]', { 'X-Many': 'a', 'x-many': 'b' }));
    const answer = await open().send(
      get(server.origin, { method: 'POST', body: 'äb', headers: { 'Content-Type': 'text/plain' } }),
    );
    expect(Buffer.from(answer.body).toString()).toBe('[{"id":1}]');
    expect(answer).toMatchObject({ status: 200, isComplete: true, headers: { 'x-many': 'a, b' } });
    expect(answer.traffic).toEqual({ requests: 1, retries: 0, throttledMs: 0, bytesIn: 10, bytesOut: 3 });
    expect(server.requests[0]).toMatch(/^POST \/api\/things\?limit=1 HTTP\/1\.1\r\n/u);
    expect(server.requests[0]).toMatch(/content-type: text\/plain\r\n/u);
  });

  it('gives an error status as an answer: what it means is for the pack to say', async () => {
    const server = await serve(() => framed(422, '{"errors":{}}'));
    expect(await open().send(get(server.origin))).toMatchObject({ status: 422, traffic: { requests: 1 } });
  });

  it('repeats a harmless request at a passing status, and gives the last answer', async () => {
    const server = await serve((_, count) => framed(count < 3 ? 503 : 200, '[]'));
    expect(await open().send(get(server.origin))).toMatchObject({ status: 200, traffic: { requests: 3, retries: 2 } });
    const down = await serve(() => framed(502, '<html>'));
    expect(await open().send(get(down.origin))).toMatchObject({ status: 502, traffic: { requests: 4, retries: 3 } });
  });

  it('sends once what may have an effect, at a status and at a reset', async () => {
    for (const said of [framed(500, ''), null]) {
      const server = await serve(() => said);
      const sent = open().send(get(server.origin, { method: 'POST', body: '{}', repeatable: false }));
      await sent.catch((error) =>
        expect(error).toMatchObject({ code: 'SNAP_UNREACHABLE', sent: 'unknown', retryable: true }),
      );
      expect(server.requests).toHaveLength(1);
    }
  });

  it('repeats what was refused for its rate, whatever it is: nothing was done', async () => {
    const server = await serve((_, count) => (count === 1 ? framed(429, '') : framed(201, '{}')));
    const request = get(server.origin, { method: 'POST', body: '{}', repeatable: false });
    expect(await open().send(request)).toMatchObject({ status: 201, traffic: { requests: 2, retries: 1 } });
  });

  it('repeats a harmless request after a reset', async () => {
    const server = await serve((_, count) => (count === 1 ? null : framed(200, '[]')));
    expect(await open().send(get(server.origin))).toMatchObject({ status: 200, traffic: { requests: 2 } });
  });

  it('repeats even a write when the connection was refused: nothing was sent', async () => {
    const server = await startRawServer(() => framed(200, ''));
    await server.close();
    const traffic = emptyTraffic();
    const sent = open().send(get(server.origin, { method: 'POST', repeatable: false, traffic }));
    await expect(sent).rejects.toMatchObject({
      code: 'SNAP_UNREACHABLE',
      sent: 'no',
      reason: 'the connection was refused (ECONNREFUSED)',
    });
    expect(traffic).toMatchObject({ requests: 4, retries: 3, bytesOut: 0 });
  });

  it('never follows a redirect, and sends its target nothing', async () => {
    const evil = await serve(() => framed(200, 'evil'));
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await serve(() => framed(status, '', { location: `${evil.origin}/?code=canary` }));
      const headers = { 'x-vendor-api-key': 'canary', cookie: 'canary' };
      const error: unknown = await open()
        .send(get(server.origin, { headers }))
        .catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'SNAP_ANSWER_REDIRECTED', status, sent: 'answered' });
      expect(inspect(error)).not.toContain('canary');
      expect(server.requests).toHaveLength(1);
    }
    expect(evil.connections()).toBe(0);
  });

  it('refuses line breaks in a header before anything is sent', async () => {
    const server = await serve(() => framed(200, ''));
    const sent = open().send(get(server.origin, { headers: { 'x-a': 'b\r\nx-c: d' } }));
    await expect(sent).rejects.toMatchObject({ code: 'SNAP_SETTINGS_INVALID' });
    expect(server.connections()).toBe(0);
  });

  it('refuses a host that is not allowed, with no connection', async () => {
    const server = await serve(() => framed(200, ''));
    const error: unknown = await open({ allowedHosts: ['api.vendor.example'] })
      .send(get(server.origin))
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'SNAP_HOST_NOT_ALLOWED' });
    expect(sentOf(error)).toBe('no');
    expect(server.connections()).toBe(0);
  });

  it('opens no connection to a name that leads to this machine, even when the answer of the resolver flips', async () => {
    const server = await serve(() => framed(200, ''));
    const { port } = new URL(server.origin);
    let asked = 0;
    const resolver = ((_: string, __: object, callback: (error: null, found: object[]) => void) => {
      asked += 1;
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    }) as NonNullable<HttpClientOptions['resolver']>;
    const client = open({ allowedHosts: ['acme.vendor.example'], resolver });
    const sent = client.send(get(`https://acme.vendor.example:${port}`));
    await expect(sent).rejects.toMatchObject({ code: 'SNAP_HOST_NOT_ALLOWED' });
    expect(asked).toBe(1);
    expect(server.connections()).toBe(0);
  });

  it('keeps queries and headers out of its errors', async () => {
    const server = await serve(() => null);
    const url = new URL('/api?password=canary', server.origin);
    const error: unknown = await open()
      .send({ method: 'GET', url, headers: { authorization: 'Bearer canary' }, repeatable: false })
      .catch((thrown) => thrown);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
    expect(error).not.toHaveProperty('cause');
  });

  it('answers a garbage status line with an error of its own', async () => {
    const server = await serve(() => 'NOT HTTP\r\n\r\n');
    const sent = open().send(get(server.origin, { repeatable: false }));
    await expect(sent).rejects.toMatchObject({ code: 'SNAP_ANSWER_MALFORMED', sent: 'unknown' });
  });
});

describe('the deadline of an attempt', () => {
  const drip: RawAnswer = (_, __, socket) => {
    const timer = setInterval(() => socket.write('x'), 20);
    socket.on('close', () => clearInterval(timer));
    return 'HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n';
  };
  const dripHeaders: RawAnswer = (_, __, socket) => {
    const timer = setInterval(() => socket.write('x-drip: 1\r\n'), 20);
    socket.on('close', () => clearInterval(timer));
    return 'HTTP/1.1 200 OK\r\n';
  };
  it.each([
    ['a body that drips', drip, 'answered'],
    ['headers that drip', dripHeaders, 'unknown'],
    ['silence', () => undefined, 'unknown'],
  ] as const)('ends %s', async (_, answer, sent) => {
    const server = await serve(answer);
    const failed = open().send(get(server.origin, { totalTimeoutMs: 300, repeatable: false }));
    await expect(failed).rejects.toMatchObject({ code: 'SNAP_DEADLINE_PASSED', sent, retryable: true });
  });

  it('ends a request that waits for a connection, and never sends it', async () => {
    const server = await serve(() => undefined);
    const client = open({ connectionsMax: 1, retry: { attemptsMax: 1 } });
    const first = client.send(get(server.origin, { totalTimeoutMs: 600, repeatable: false })).catch(() => 'ended');
    const second = client.send(get(server.origin, { totalTimeoutMs: 200, repeatable: false }));
    await expect(second).rejects.toMatchObject({ code: 'SNAP_DEADLINE_PASSED', sent: 'no' });
    expect(await first).toBe('ended');
    const third = client.send(
      get(`${server.origin}`, { url: new URL('/third', server.origin), totalTimeoutMs: 300, repeatable: false }),
    );
    await expect(third).rejects.toMatchObject({ sent: 'unknown' });
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]).toContain('/third');
  });

  it('ends at once when the caller gives up, before or in the middle', async () => {
    const controller = new AbortController();
    const server = await serve(() => {
      controller.abort();
      return undefined;
    });
    const failed = open().send(get(server.origin, { signal: controller.signal }));
    await expect(failed).rejects.toMatchObject({ code: 'SNAP_RUN_INTERRUPTED', sent: 'unknown' });
    await expect(open().send(get(server.origin, { signal: controller.signal }))).rejects.toMatchObject({
      code: 'SNAP_RUN_INTERRUPTED',
      sent: 'no',
    });
    expect(server.requests).toHaveLength(1);
  });
});

describe('fetch', () => {
  it('sends once, adds no token, and gives a Response', async () => {
    const server = await serve(() => framed(503, '{"error":"x"}', { 'content-type': 'application/json' }));
    const client = open({ tokens: async () => ({ value: 'canary', version: 1, issuedAt: 0 }) });
    const response = await client.fetch(`${server.origin}/token`, {
      method: 'POST',
      body: new URLSearchParams({ a: 'b c' }),
    });
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ error: 'x' });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatch(/\r\n\r\na=b\+c$/u);
    expect(server.requests[0]).not.toContain('canary');
  });
});

describe('close', () => {
  it('lets the process end though an answer is still open', async () => {
    const server = await serve(() => undefined);
    const script = `
      import { createHttpClient } from ${JSON.stringify(new URL('../../src/http/client.ts', import.meta.url).href)};
      const client = createHttpClient({ allowedHosts: ['127.0.0.1'] });
      const sent = client.send({ method: 'GET', url: new URL('${server.origin}/'), repeatable: true });
      setTimeout(() => client.close(), 200);
      await sent.catch((error) => console.log(error.code));`;
    const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script]);
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, output.trim()]).toEqual([0, 'SNAP_UNREACHABLE']);
  });
});

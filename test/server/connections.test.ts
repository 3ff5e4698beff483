// SECURITY 43: connections that drip or are silent give way to whoever asks for something.
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { boundConnections } from '../../src/server/connections.ts';
import { startServer } from '../../src/server/server.ts';

/** As many as the web host takes. */
const connectionsMax = 500;
const few = 6;

const sockets: Socket[] = [];
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const end of ends.splice(0)) await end();
});

/** Opens a connection from an address of this machine and says something on it. */
async function say(port: number, text: string, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  socket.on('error', () => socket.destroy());
  sockets.push(socket);
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return socket;
}

/** Asks on a connection of its own. */
function ask(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, agent: false }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    });
    sent.on('error', reject);
    sent.end();
  });
}

const isOpen = (socket: Socket): boolean => !socket.destroyed;

/** A server that answers at once, and `/slow` never. */
async function serve(): Promise<{ server: Server; port: number }> {
  const server = createServer((asked, answer) => {
    answer.writeHead(200);
    if (asked.url === '/slow') answer.write('begun');
    else answer.end();
  });
  boundConnections(server, few);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

describe('a person who comes to a host', () => {
  it('that five hundred connections drip bodies to is answered at once', async () => {
    const host = { config: {}, isReady: async () => true } as unknown as Host;
    const options = { port: 0, address: '127.0.0.1', allowPlainHttp: false, announce: () => undefined };
    const server = await startServer(host, options);
    ends.push(server.close);
    const head = [
      `POST /api/session HTTP/1.1`,
      `host: 127.0.0.1:${server.port}`,
      `origin: http://127.0.0.1:${server.port}`,
      'content-type: application/json',
      'content-length: 1000',
      'expect: 100-continue',
    ].join('\r\n');
    const drips = await Promise.all(Array.from({ length: connectionsMax }, () => say(server.port, `${head}\r\n\r\n{`)));
    // "100 Continue": the host has begun to take the body of each.
    await Promise.all(drips.map((socket) => once(socket, 'data')));
    expect(drips.filter(isOpen)).toHaveLength(connectionsMax);
    for (let count = 1; count <= 3; count += 1) expect(await ask(server.port, '/healthz')).toBe(200);
    expect(drips.filter(isOpen).length).toBeGreaterThanOrEqual(connectionsMax - 3);
  });

  it('from an address of few connections keeps them: the address that holds most gives way', async () => {
    const { port } = await serve();
    const person = await say(port, '', '127.0.0.2');
    const flood: Socket[] = [];
    for (let count = 0; count < few + 2; count += 1) flood.push(await say(port, '', '127.0.0.3'));
    const [first, second, third] = flood;
    await Promise.all([first, second, third].map((socket) => socket && (socket.destroyed || once(socket, 'close'))));
    expect([person, ...flood.slice(3)].filter(isOpen)).toHaveLength(few);
    person.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n');
    const [answer] = (await once(person, 'data')) as [Buffer];
    expect(answer.toString()).toContain('200 OK');
  });

  it('waits while all are being answered: what was asked whole is never cut for somebody new', async () => {
    const { port } = await serve();
    const asking = await Promise.all(
      Array.from({ length: few }, () => say(port, 'GET /slow HTTP/1.1\r\nhost: here\r\n\r\n')),
    );
    await Promise.all(asking.map((socket) => once(socket, 'data')));
    await expect(ask(port, '/')).rejects.toThrow();
    expect(asking.filter(isOpen)).toHaveLength(few);
  });
});

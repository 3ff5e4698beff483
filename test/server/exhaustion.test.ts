// SECURITY 43: more connections than a host takes, silent, dripping and following, while a run and a person go on.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Host, openHost, resolveConfig } from '../../src/host.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { signIn } from '../support/session.ts';

const streams = 200;
const silent = 1_000;
const dripping = 200;
const dripMs = 100;
/** Of this whole process: the host, both far sides and all 1,400 clients. */
const megabytesMax = 256;

let simulator: Simulator;
/** Answers nothing before the test is over: a run on it can be followed as long as the flood lasts. */
let still: Simulator;
let host: Host;
let server: RunningServer;
let folder: string;
let headers: Readonly<Record<string, string>>;
const sockets: Socket[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ records: 500, ratePerSecond: 0 });
  still = await startSimulator({ records: 1, latencyMs: 600_000 });
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-exhaustion-'));
  const environment = { SNAPS_DATA_DIR: folder, SNAPS_ALLOWED_HOSTS: '127.0.0.1' };
  host = await openHost(await resolveConfig({ directory: folder, environment }));
  const told: string[] = [];
  server = await startServer(host, {
    port: 0,
    address: '127.0.0.1',
    allowPlainHttp: false,
    announce: (url) => told.push(url),
  });
  headers = await signIn(server, told[0] ?? '');
  await addAccount('tenant', simulator);
  await addAccount('still', still);
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
  await host.close();
  await simulator.close();
  await still.close();
  rmSync(folder, { recursive: true, force: true });
});

async function addAccount(name: string, far: Simulator): Promise<void> {
  const scopes = ['core.invoice.read'];
  const { clientId, clientSecret } = far.registerClient({ name, login: name, grantType: 'client_credentials', scopes });
  const settings = { host: far.url, clientId, scopes: scopes.join(' ') };
  await host.accounts.add({ name, type: 'coupa.oauth2', settings, secrets: { clientSecret } });
}

/** Starts a run as the page does, and gives its id. */
async function start(account: string): Promise<string> {
  const pipeline = {
    name: `flooded-${account}`,
    snaps: [
      { id: 'read', snap: 'coupa.read', account, settings: { resource: 'invoices' } },
      { id: 'write', snap: 'core.write-file', settings: { path: 'flooded.ndjson' } },
    ],
    links: [['read', 'write']],
  };
  const started = await fetch(`${server.url}/api/runs`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ pipeline }),
  });
  expect(started.status, await started.clone().text()).toBe(202);
  return ((await started.json()) as { runId: string }).runId;
}

/** Opens a connection that says this and then nothing. */
async function say(text: string): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  sockets.push(socket);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  if (text !== '') socket.write(text);
  return socket;
}

const many = (count: number, text: string) => Promise.all(Array.from({ length: count }, () => say(text)));
const head = (method: string, route: string): string =>
  `${method} ${route} HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}`;
const read = async (route: string): Promise<Response> => fetch(`${server.url}${route}`, { headers });

describe('a flood of connections', () => {
  it('leaves a run going on, the page answering and the memory bounded', async () => {
    const followed = await start('still');
    const before = process.memoryUsage.rss();

    const followers = await many(streams, `${head('GET', `/api/runs/${followed}/events`)}\r\n`);
    await Promise.all(followers.map((socket) => once(socket, 'data')));
    await many(silent, '');
    const drips = [
      ...(await many(dripping / 2, head('GET', '/healthz'))),
      ...(await many(dripping / 2, `${head('POST', '/api/session')}content-length: 1000\r\n\r\n{`)),
    ];
    const drip = setInterval(() => {
      for (const socket of drips) if (!socket.destroyed) socket.write('x');
    }, dripMs);
    try {
      const runId = await start('tenant');
      for (const route of ['/healthz', '/api/accounts', `/api/runs/${runId}`])
        expect((await read(route)).status).toBe(200);
      await expect.poll(async () => (await host.runs.show(runId)).state, { timeout: 60_000 }).toBe('completed');
      const { snaps } = await host.runs.show(runId);
      expect(snaps.map(({ input, output }) => [input, output])).toEqual([
        [0, 500],
        [500, 500],
      ]);
      expect(followers.filter((socket) => socket.destroyed)).toHaveLength(0);
      expect((process.memoryUsage.rss() - before) / 1_048_576).toBeLessThan(megabytesMax);
    } finally {
      clearInterval(drip);
    }
    await host.runs.stop(followed);
  }, 120_000);
});

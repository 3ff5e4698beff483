// A server ends idle connections while this process is too busy to see it: nothing that must not be repeated may go into one.
import { once } from 'node:events';
import { readFile } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { createHttpClient } from '../../src/http/client.ts';
import type { HttpAnswer, HttpClient } from '../../src/http/contract.ts';

/** Answers each request, resets a connection five seconds after its last one, and counts both where the other thread sees it. */
const serverCode = `
  const { parentPort, workerData } = require('node:worker_threads');
  const seen = new Int32Array(workerData);
  const server = require('node:net').createServer((socket) => {
    let idle;
    socket.on('error', () => {});
    socket.on('data', () => {
      clearTimeout(idle);
      Atomics.add(seen, 1, 1);
      socket.write('HTTP/1.1 201 Made\\r\\ncontent-length: 2\\r\\n\\r\\n{}');
      idle = setTimeout(() => {
        socket.resetAndDestroy();
        Atomics.add(seen, 0, 1);
        Atomics.notify(seen, 0);
      }, 5000);
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

let worker: Worker;
let client: HttpClient;
afterEach(async () => {
  await client.close();
  await worker.terminate();
});

it('sends no write into a connection that the server ended while this process was busy', async () => {
  const seen = new Int32Array(new SharedArrayBuffer(8));
  worker = new Worker(serverCode, { eval: true, workerData: seen.buffer });
  const [port] = (await once(worker, 'message')) as [number];
  client = createHttpClient({ allowedHosts: ['127.0.0.1'] });
  const url = new URL(`http://127.0.0.1:${port}/api/things`);
  const write = (): Promise<HttpAnswer> => client.send({ method: 'POST', url, body: '{}', repeatable: false });
  expect(await write()).toMatchObject({ status: 201 });
  // Within a callback of the poll phase: the end of the connection is not read before the next write is asked for.
  const second = new Promise<HttpAnswer>((resolve, reject) => {
    readFile(new URL(import.meta.url), () => {
      Atomics.wait(seen, 0, 0);
      write().then(resolve, reject);
    });
  });
  expect(await second).toMatchObject({ status: 201, traffic: { requests: 1, retries: 0 } });
  expect([...seen]).toEqual([1, 2]);
});

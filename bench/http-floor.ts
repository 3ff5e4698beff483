// Measures what the client costs over bare undici.request, on a local server. Prints requests a second of both and the ratio.
// Run: node bench/http-floor.ts [requests] [concurrency]
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { Agent, request as undiciRequest } from 'undici';
import { createHttpClient } from '../src/http/client.ts';

const requests = Number(process.argv[2] ?? 20_000);
const concurrency = Number(process.argv[3] ?? 16);
const rounds = 5;
const bodyBytes = 10_000;

if (process.argv.includes('--serve')) await serve();
else await measure();

async function serve(): Promise<void> {
  const body = JSON.stringify(Array.from({ length: 10 }, (_, id) => ({ id, text: 'x'.repeat(bodyBytes / 10 - 20) })));
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.setHeader('content-length', body.length);
    response.end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { parentPort } = await import('node:worker_threads');
  parentPort?.postMessage((server.address() as AddressInfo).port);
}

async function measure(): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { argv: ['0', '0', '--serve'] });
  const [port] = (await once(worker, 'message')) as [number];
  const url = new URL(`http://127.0.0.1:${port}/`);
  const agent = new Agent({ connections: concurrency });
  const client = createHttpClient({
    allowedHosts: ['127.0.0.1'],
    tokens: async () => ({ value: 'token', version: 1, issuedAt: 0 }),
  });
  const bare = async () => {
    const answer = await undiciRequest(url, { dispatcher: agent, headers: { authorization: 'Bearer token' } });
    return (await answer.body.bytes()).length;
  };
  const ours = async () => (await client.send({ method: 'GET', url, repeatable: true })).body.length;
  await rate(bare, requests / 10);
  await rate(ours, requests / 10);
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [bareRate, ourRate] = [await rate(bare, requests), await rate(ours, requests)];
    ratios.push(ourRate / bareRate);
    process.stdout.write(`undici.request ${bareRate.toFixed(0)}/s, send ${ourRate.toFixed(0)}/s\n`);
  }
  const median = ratios.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
  process.stdout.write(`ratio ${median.toFixed(2)} (median of ${rounds})\n`);
  await Promise.all([agent.close(), client.close(), worker.terminate()]);
}

async function rate(once: () => Promise<number>, count: number): Promise<number> {
  const startedAt = performance.now();
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await once();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return (count * 1_000) / (performance.now() - startedAt);
}

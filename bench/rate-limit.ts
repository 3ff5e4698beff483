// Measures what part of a tenant's rate limit the client uses, and how many requests are refused, against the simulator, by one
// process or by several that share the tenant's bucket in a store. Run: node bench/rate-limit.ts [seconds] [workers] [processes]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBudget } from '../src/http/budget.ts';
import { createHttpClient } from '../src/http/client.ts';
import { emptyTraffic } from '../src/http/traffic.ts';
import { startSimulator } from '../src/simulator/index.ts';
import { openStore } from '../src/store/store.ts';

const seconds = Number(process.argv[2] ?? 60);
const workers = Number(process.argv[3] ?? 8);
const processes = Number(process.argv[4] ?? 1);
const limit = { requestsPerSecond: 25, burst: 20 };

interface Place {
  readonly url: string;
  readonly token: string;
  readonly databaseUrl: string;
}

if (process.send === undefined) await measure();
else {
  const [place] = (await once(process, 'message')) as [Place];
  process.send(await read(place));
  process.disconnect();
}

async function measure(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rate-limit-'));
  const simulator = await startSimulator({
    records: 1_000,
    latencyMs: 250,
    ratePerSecond: limit.requestsPerSecond,
    burst: limit.burst,
  });
  const client = simulator.registerClient({
    name: 'bench',
    login: 'bench',
    grantType: 'client_credentials',
    scopes: ['core.invoice.read'],
  });
  const databaseUrl = `sqlite:${path.join(folder, 'store.sqlite')}`;
  const place: Place = { url: simulator.url, token: await tokenOf(simulator.url, client), databaseUrl };
  const answers = await Promise.all(Array.from({ length: processes }, () => readInProcess(place)));
  const answered = answers.reduce((sum, each) => sum + each, 0);
  const share = ((answered / (seconds * limit.requestsPerSecond)) * 100).toFixed(1);
  const { rateRefusals } = simulator.stats();
  process.stdout.write(
    `${processes} process(es), ${workers} workers each: ${answered} answers in ${seconds} s, ${share} % of the limit, ${rateRefusals} refused\n`,
  );
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
}

async function readInProcess(place: Place): Promise<number> {
  const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2));
  child.send(place);
  const [answered] = (await once(child, 'message')) as [number];
  return answered;
}

async function read({ url: origin, token, databaseUrl }: Place): Promise<number> {
  const store = await openStore(databaseUrl);
  const { budgets } = store;
  const shared = {
    fill: (requests: number, intervalMs: number) => budgets.fill('bench', requests, intervalMs),
    pause: (delayMs: number) => budgets.pause('bench', delayMs),
  };
  const client = createHttpClient({
    allowedHosts: ['127.0.0.1'],
    budget: createBudget(limit, { shared }),
    tokens: async () => ({ value: token, version: 1, issuedAt: Date.now() }),
  });
  const traffic = emptyTraffic();
  const url = new URL('/api/invoices?limit=50', origin);
  const endsAt = performance.now() + seconds * 1_000;
  let answered = 0;
  const work = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      const headers = { accept: 'application/json' };
      const { status } = await client.send({ method: 'GET', url, headers, repeatable: true, traffic });
      if (status === 200 && performance.now() <= endsAt) answered += 1;
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  await client.close();
  await store.close();
  return answered;
}

async function tokenOf(
  origin: string,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
): Promise<string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: 'core.invoice.read',
  };
  const answer = await fetch(`${origin}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

// Measures what part of a tenant's rate limit the client uses, and how many requests are refused, against the simulator.
// Run: node bench/rate-limit.ts [seconds] [workers]
import { createBudget } from '../src/http/budget.ts';
import { createHttpClient } from '../src/http/client.ts';
import { emptyTraffic } from '../src/http/traffic.ts';
import { startSimulator } from '../src/simulator/index.ts';

const seconds = Number(process.argv[2] ?? 60);
const workers = Number(process.argv[3] ?? 8);
const limit = { requestsPerSecond: 25, burst: 20 };

const simulator = await startSimulator({
  records: 1_000,
  latencyMs: 250,
  ratePerSecond: limit.requestsPerSecond,
  burst: limit.burst,
});
const { clientId, clientSecret } = simulator.registerClient({
  name: 'bench',
  login: 'bench',
  grantType: 'client_credentials',
  scopes: ['core.invoice.read'],
});
const client = createHttpClient({
  allowedHosts: ['127.0.0.1'],
  budget: createBudget(limit),
  tokens: await tokenSource(),
});
const traffic = emptyTraffic();
const url = new URL('/api/invoices?limit=50', simulator.url);
const endsAt = performance.now() + seconds * 1_000;
let answered = 0;
await Promise.all(Array.from({ length: workers }, work));
const stats = simulator.stats();
const share = answered / (seconds * limit.requestsPerSecond);
process.stdout.write(
  `${answered} answers in ${seconds} s: ${(share * 100).toFixed(1)} % of the limit, ${stats.rateRefusals} refused\n`,
);
await client.close();
await simulator.close();

async function work(): Promise<void> {
  while (performance.now() < endsAt) {
    const { status } = await client.send({
      method: 'GET',
      url,
      headers: { accept: 'application/json' },
      repeatable: true,
      traffic,
    });
    if (status === 200 && performance.now() <= endsAt) answered += 1;
  }
}

async function tokenSource() {
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: 'core.invoice.read',
  };
  const answer = await fetch(`${simulator.url}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  const { access_token: value } = (await answer.json()) as { access_token: string };
  return async () => ({ value, version: 1, issuedAt: Date.now() });
}

// Prints how fast a whole resource without rate limits goes to NDJSON, beside a bare loop that parses and writes it, and the memory.
// Run: node bench/full-read.ts [RECORDS]

import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent, request } from 'undici';
import { openHost, resolveConfig } from '../src/host.ts';
import { writeUnlimitedPack } from '../test/support/unlimited-pack.ts';
import { firstId, startPageServer } from './support/page-server.ts';

const records = Number(process.argv[2] ?? 100_000);
const roundsCount = 3;
const recordsPerPage = 50;
const concurrency = 12;
const samplesEveryMs = 100;
interface Measured {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

const folder = mkdtempSync(path.join(tmpdir(), 'full-read-'));
const server = await startPageServer(records);
const host = await openHost(
  await resolveConfig({
    directory: folder,
    flags: { dataDirectory: path.join(folder, 'data'), packs: [writeUnlimitedPack(folder)] },
    environment: { SNAPS_ALLOWED_HOSTS: '127.0.0.1' },
  }),
);
const account = host.accounts.give({
  name: 'bench',
  type: 'unlimited.token',
  settings: { host: server.url },
  secrets: { token: 'x'.repeat(40) },
});

const read = { id: 'read', snap: 'unlimited.read', account, settings: { resource: 'invoices' } };
const write = { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson' } };
const filter = {
  id: 'filter',
  snap: 'core.filter',
  settings: { condition: "status = 'approved' or status = 'draft'" },
};
const map = {
  id: 'map',
  snap: 'core.map',
  settings: { fields: { number: '`invoice-number`', supplier: 'supplier.name', total: '`gross-total`' } },
};

process.stdout.write(
  `${records.toLocaleString('en')} records of ${server.recordBytes} bytes, ${concurrency} requests at once\n`,
);
const rounds: Readonly<Record<'floor' | 'plain' | 'looking', Measured>>[] = [];
for (let round = 0; round < roundsCount; round += 1) {
  rounds.push({
    floor: await measure('undici + JSON.parse + JSON.stringify', bareLoop),
    plain: await measure('read -> write', () => run([read, write])),
    looking: await measure('read -> filter -> map -> write', () => run([read, filter, map, write])),
  });
}
tell('read -> write', 'plain');
tell('read -> filter -> map -> write', 'looking');
await host.close();
server.stop();
rmSync(folder, { recursive: true, force: true });

async function measure(name: string, work: () => Promise<void>): Promise<Measured> {
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, samplesEveryMs);
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  const perSecond = records / ((performance.now() - startedAt) / 1000);
  clearInterval(watch);
  const cpuMicros = (user + system) / records;
  const columns = [
    name.padEnd(38),
    `${Math.round(perSecond).toLocaleString('en').padStart(8)} records/s`,
    `${cpuMicros.toFixed(1).padStart(6)} us of processor a record`,
    `${Math.round(most / 1024 / 1024)} MB`,
  ];
  process.stdout.write(`${columns.join('  ')}\n`);
  return { perSecond, cpuMicros };
}

/** On a machine that has other work, only the processor's time tells the truth. */
function tell(name: string, what: 'plain' | 'looking'): void {
  const faster = median(rounds.map((each) => each[what].perSecond / each.floor.perSecond));
  const cheaper = median(rounds.map((each) => each.floor.cpuMicros / each[what].cpuMicros));
  process.stdout.write(
    `${name}: ${faster.toFixed(2)} times as fast, for ${(1 / cheaper).toFixed(2)} of the processor's time\n`,
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** What a script does: pages by number, each parsed, each record written as a line. */
async function bareLoop(): Promise<void> {
  const agent = new Agent({ connections: concurrency });
  const file = createWriteStream(path.join(folder, 'bare.ndjson'));
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < records) {
      const after = firstId + next - 1;
      next += recordsPerPage;
      const url = `${server.url}/api/invoices?id[gt]=${after}&limit=${recordsPerPage}`;
      const { body } = await request(url, { dispatcher: agent });
      const lines = ((await body.json()) as unknown[]).map((each) => `${JSON.stringify(each)}\n`).join('');
      if (!file.write(lines)) await once(file, 'drain');
    }
  };
  file.setMaxListeners(concurrency + 1);
  await Promise.all(Array.from({ length: concurrency }, lane));
  file.end();
  await once(file, 'finish');
  await agent.close();
}

async function run(snaps: readonly { readonly id: string }[]): Promise<void> {
  const links = snaps.slice(1).map(({ id }, index) => [snaps[index]?.id, id]);
  const file = path.join(folder, 'read.pipeline.json');
  writeFileSync(file, JSON.stringify({ name: 'full-read', snaps, links }));
  const handle = await host.startRun({ file, outputDirectory: folder });
  const report = await handle.finished;
  if (report.state !== 'completed') throw new Error(JSON.stringify(report.error));
}

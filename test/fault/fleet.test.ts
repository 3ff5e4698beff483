import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import type { Host, Worker } from '../../src/host.ts';
import { type Fleet, openFleet, readingPipeline } from '../support/fleet.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { openTransactionPooler, type TransactionPooler } from '../support/transaction-pooler.ts';
import { until } from './processes.ts';

const records = 2_500;
const restarts = 3;
const smallRuns = 40;

let postgres: TestPostgres;
let fleet: Fleet;
let pooler: TransactionPooler;
const workers: Worker[] = [];
beforeAll(async () => {
  postgres = await startPostgres();
  const url = await postgres.createDatabase();
  pooler = await openTransactionPooler(url);
  fleet = await openFleet(url, records);
});
afterAll(async () => {
  await fleet.close();
  await pooler.close();
  await postgres.stop();
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.close();
});

async function work(host: Host, concurrency = 1): Promise<Worker> {
  const worker = await host.work({ concurrency, graceMs: 0 });
  workers.push(worker);
  return worker;
}

/** Copies a hundred lines of a file to one of its own. */
function copying(name: string): JsonObject {
  const lines = Array.from({ length: 100 }, (_, index) => `{"id":${index}}\n`);
  writeFileSync(path.join(fleet.folder, 'hundred.ndjson'), lines.join(''));
  const snaps = [
    { id: 'read', snap: 'core.read-file', settings: { path: 'hundred.ndjson' } },
    { id: 'write', snap: 'core.write-file', settings: { path: `${name}.ndjson` } },
  ];
  return { name, snaps, links: [['read', 'write']] };
}

describe('a fleet behind a transaction pooler', { timeout: 120_000 }, () => {
  it('runs everything to its end, and relies on nothing that lives in a session', async () => {
    const host = await fleet.host({ databaseUrl: pooler.url });
    const runId = await fleet.start(host, readingPipeline('pooled'));
    await work(await fleet.host({ queueRuns: false, databaseUrl: pooler.url }));
    await fleet.untilState(runId, 'completed');
    expect(fleet.idsIn('pooled.ndjson')).toHaveLength(records);
    const ofSessions =
      /^\s*(?:un)?listen\b|^\s*set\s+(?!transaction|local)|pg_(?:try_)?advisory_lock\s*\(|\bprepare\b/iu;
    expect(pooler.statements.length).toBeGreaterThan(100);
    expect(pooler.statements.filter((text) => ofSessions.test(text))).toEqual([]);
    expect(pooler.named).toEqual([]);
  });
});

describe('a fleet whose PostgreSQL restarts again and again', { timeout: 120_000 }, () => {
  it('completes every small run once', async () => {
    const host = await fleet.host();
    const runIds: string[] = [];
    for (let run = 0; run < smallRuns; run += 1) runIds.push(await fleet.start(host, copying(`small-${run}`)));
    await work(await fleet.host({ queueRuns: false }), 2);
    await work(await fleet.host({ queueRuns: false }), 2);
    const isOver = async (runId: string) => (await fleet.store.runs.find(runId))?.state === 'completed';
    for (let restart = 0; restart < restarts; restart += 1) {
      const at = Math.floor((smallRuns * (restart + 1)) / (restarts + 2));
      await until(async () => await isOver(runIds[at] ?? ''));
      await postgres.restart();
    }
    for (const runId of runIds) await until(() => isOver(runId));
    for (let run = 0; run < smallRuns; run += 1) expect(fleet.idsIn(`small-${run}.ndjson`)).toHaveLength(100);
  });
});

describe('a worker that is cut off from the store alone', { timeout: 120_000 }, () => {
  it('sends nothing any more when its lease ends, and another one takes the run over', async () => {
    const line = await openTransactionPooler(fleet.url);
    const [queueing, lonely] = [await fleet.host(), await fleet.host({ queueRuns: false, databaseUrl: line.url })];
    const runId = await fleet.start(queueing, readingPipeline('cut'));
    const held = await lonely.work({ concurrency: 1, graceMs: 0 });
    await until(async () => (await fleet.store.checkpoints.read(runId)) !== undefined);
    line.cut();
    await work(await fleet.host({ queueRuns: false }));
    await until(async () => ((await fleet.store.runs.find(runId))?.attempt ?? 0) > 1);
    const sent = lonely.activity().requests;
    const report = await fleet.untilState(runId, 'completed');
    line.heal();
    await held.close();
    expect(lonely.activity().requests).toBe(sent);
    // Nor does it write anything when it is let in again.
    expect(await fleet.untilState(runId, 'completed')).toEqual(report);
    const ids = fleet.idsIn('cut.ndjson');
    expect([ids.length, new Set(ids).size]).toEqual([records, records]);
    await lonely.close();
    await line.close();
  });
});

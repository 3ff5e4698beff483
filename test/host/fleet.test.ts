import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import type { Worker, WorkerEvent } from '../../src/host.ts';
import { until } from '../fault/processes.ts';
import { type Fleet, openFleet, readingPipeline } from '../support/fleet.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

const records = 2_500;

let postgres: TestPostgres;
let fleet: Fleet;
const workers: Worker[] = [];
beforeAll(async () => {
  postgres = await startPostgres();
  fleet = await openFleet(await postgres.createDatabase(), records);
});
afterAll(async () => {
  await fleet.close();
  await postgres.stop();
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.close();
});

async function work(concurrency = 1, onEvent: (event: WorkerEvent) => void = () => undefined): Promise<Worker> {
  const worker = await (await fleet.host({ queueRuns: false })).work({ concurrency, graceMs: 0, onEvent });
  workers.push(worker);
  return worker;
}

/** Copies one line of a file: a run that is over at once. */
function copying(name: string): JsonObject {
  writeFileSync(path.join(fleet.folder, 'one.ndjson'), '{"id":1}\n');
  const snaps = [
    { id: 'read', snap: 'core.read-file', settings: { path: 'one.ndjson' } },
    { id: 'write', snap: 'core.write-file', settings: { path: `${name}.ndjson` } },
  ];
  return { name, snaps, links: [['read', 'write']] };
}

/** Every word in the tables of the queue. */
async function queueText(): Promise<string> {
  const client = new pg.Client({ connectionString: fleet.url });
  await client.connect();
  const tables = await client.query<{ table_name: string }>(
    "select table_name from information_schema.tables where table_schema = 'snaps_queue'",
  );
  const texts: string[] = [];
  for (const { table_name: name } of tables.rows) {
    const { rows } = await client.query(`select * from snaps_queue."${name}"`);
    texts.push(JSON.stringify(rows));
  }
  await client.end();
  return texts.join('\n');
}

describe('a host that queues its runs', { timeout: 60_000 }, () => {
  it('runs none itself, puts nothing but ids into the queue, and shows which worker has a run', async () => {
    const host = await fleet.host();
    const runId = await fleet.start(host, readingPipeline('night'));
    expect(await host.runs.show(runId)).toMatchObject({ state: 'queued', attempt: 0 });
    const text = await queueText();
    expect(text).toContain(runId);
    for (const word of ['night', 'coupa', 'invoices', fleet.folder, fleet.simulator.url]) {
      expect(text).not.toContain(word);
    }
    const worker = await work();
    await fleet.untilState(runId, 'running');
    expect(await host.runs.list({ limit: 1 })).toMatchObject([{ state: 'running', heldBy: worker.name }]);
    expect(await fleet.untilState(runId, 'completed')).toMatchObject({ attempt: 1 });
    expect(fleet.idsIn('night.ndjson')).toHaveLength(records);
    expect((await host.runs.show(runId)).heldBy).toBeUndefined();
  });

  it('refuses by its name an account that was given for one run', async () => {
    const host = await fleet.host();
    const settings = { host: fleet.simulator.url };
    const given = host.accounts.give({ name: 'coupa', type: 'coupa.token', settings, secrets: { token: 'secret' } });
    const request = { pipeline: readingPipeline('given'), accounts: { coupa: given }, outputDirectory: fleet.folder };
    await expect(host.startRun(request)).rejects.toMatchObject({
      code: 'SNAP_USAGE',
      reason: expect.stringContaining('the account "coupa (given for this run)" of the snap "read"'),
    });
    expect(await host.runs.list({ limit: 1, pipeline: 'given' })).toEqual([]);
  });

  it('is refused where the store is a SQLite file, and so is a worker', async () => {
    const host = await fleet.host({ databaseUrl: `sqlite:${path.join(fleet.folder, 'one.sqlite')}`, queueRuns: false });
    await expect(host.work({ concurrency: 1, graceMs: 0 })).rejects.toMatchObject({
      code: 'SNAP_CONFIG_INVALID',
      exitCode: 2,
      resolution: expect.stringContaining('SNAPS_DATABASE_URL=postgres://'),
    });
  });
});

describe('a worker', { timeout: 60_000 }, () => {
  it('leaves a run that another one has, though it is delivered again', async () => {
    const host = await fleet.host();
    const runId = await fleet.start(host, readingPipeline('twice'));
    const taken: string[] = [];
    for (const name of ['first', 'second']) {
      await work(2, (event) => {
        if (event.kind === 'taken') taken.push(`${name} took ${event.runId}`);
      });
    }
    await until(() => taken.length > 0);
    const asked = fleet.simulator.stats().requests;
    for (let time = 0; time < 5; time += 1) {
      await fleet.queue.put([{ runId, lane: 'again' }]);
      await until(async () => (await fleet.queue.waiting()) === 0);
    }
    expect(await fleet.untilState(runId, 'completed')).toMatchObject({ attempt: 1 });
    expect(asked).toBeLessThan(fleet.simulator.stats().requests);
    expect(taken).toHaveLength(1);
    expect(fleet.idsIn('twice.ndjson')).toHaveLength(records);
  });

  it('stops a run that somebody cancels on another host, at its last checkpoint', async () => {
    const host = await fleet.host();
    const never = await fleet.start(host, readingPipeline('never'));
    expect(await host.runs.stop(never)).toBe('stopped');
    const runId = await fleet.start(host, readingPipeline('cancelled'));
    await work();
    await fleet.untilState(runId, 'running');
    expect(await host.runs.stop(runId)).toBe('stopping');
    expect(await fleet.untilState(runId, 'stopped')).toMatchObject({ attempt: 1 });
    expect(await host.runs.show(never)).toMatchObject({ state: 'stopped', attempt: 0 });
    // It can be gone on with, by the fleet.
    await (await host.startRun({ resume: runId, outputDirectory: '' })).finished;
    expect(await fleet.untilState(runId, 'completed')).toMatchObject({ attempt: 2 });
    expect(new Set(fleet.idsIn('cancelled.ndjson')).size).toBe(records);
  });

  it('gives back what it runs when it is drained, and another one goes on with it', async () => {
    const host = await fleet.host();
    const runId = await fleet.start(host, readingPipeline('drained'));
    const states: string[] = [];
    const first = await work(1, (event) => {
      if (event.kind === 'ended') states.push(event.state);
    });
    await until(async () => (await fleet.store.checkpoints.read(runId)) !== undefined);
    await first.close();
    expect(states).toEqual(['queued']);
    expect(await fleet.store.runs.find(runId)).toMatchObject({ state: 'queued', crashes: 0, finishedAt: null });
    await work();
    expect(await fleet.untilState(runId, 'completed')).toMatchObject({ attempt: 2 });
    const ids = fleet.idsIn('drained.ndjson');
    expect([ids.length, new Set(ids).size]).toEqual([records, records]);
  });

  it('gives each pipeline or account its turn, so that a storm of one leaves the others nine tenths and more', async () => {
    const host = await fleet.host();
    for (let run = 0; run < 30; run += 1) await fleet.start(host, copying('storm'));
    const others: string[] = [];
    for (let run = 0; run < 10; run += 1) others.push(await fleet.start(host, copying('other')));
    const taken: string[] = [];
    await work(1, (event) => {
      if (event.kind === 'taken') taken.push(event.pipeline);
    });
    for (const runId of others) await fleet.untilState(runId, 'completed');
    // Every second run is one of theirs, as it would be if only ten of the storm had come.
    expect(taken.indexOf('other')).toBeLessThan(2);
    expect(taken.lastIndexOf('other')).toBeLessThan(22);
  });

  it('writes no files where the output directory of the host that queued the run is not to be seen', async () => {
    const host = await fleet.host();
    const elsewhere = path.join(fleet.folder, 'elsewhere');
    mkdirSync(elsewhere);
    const { runId } = await host.startRun({ pipeline: copying('lost'), outputDirectory: elsewhere });
    execFileSync('rmdir', [elsewhere]);
    await work();
    expect(await fleet.untilState(runId, 'failed')).toMatchObject({
      error: { code: 'SNAP_FILE_FAILED', reason: expect.stringContaining(elsewhere) },
    });
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/host.ts';
import type { Store } from '../../src/store/contract.ts';
import { openStore } from '../../src/store/store.ts';
import { until } from '../fault/processes.ts';
import type { StartedCommand } from '../support/command.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { openTenant, type Tenant } from '../support/tenant.ts';

/** At the tenant's rate they take seconds, so that a worker can be killed on its way. */
const records = 4_000;

let postgres: TestPostgres;
let tenant: Tenant;
let store: Store;
let workers: StartedCommand[];
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

beforeEach(async () => {
  const url = await postgres.createDatabase();
  tenant = await openTenant(records, { environment: { SNAPS_DATABASE_URL: url } });
  await tenant.addAccount();
  store = await openStore(url);
  workers = [];
});
afterEach(async () => {
  for (const { child } of workers) child.kill('SIGKILL');
  await Promise.all(workers.map(({ finished }) => finished));
  await store.close();
  await tenant.close();
});

function pipeline(name: string): string {
  const file = path.join(tenant.folder, `${name}.pipeline.json`);
  const snaps = [
    { id: 'read', snap: 'coupa.read', account: 'coupa', settings: { resource: 'invoices', fields: ['id'] } },
    { id: 'write', snap: 'core.write-file', settings: { path: `${name}.ndjson` } },
  ];
  writeFileSync(file, JSON.stringify({ name, snaps, links: [['read', 'write']] }));
  return file;
}

function work(): StartedCommand {
  const worker = tenant.start(['worker', '--concurrency', '1', '--json']);
  workers.push(worker);
  return worker;
}

const idsIn = (name: string): number[] =>
  readFileSync(path.join(tenant.folder, `${name}.ndjson`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => Number((JSON.parse(line) as { id: string }).id));

describe('a fleet of workers', () => {
  it('runs what was queued, and goes on with the run of a worker that was killed', async () => {
    const queued = await tenant.snaps(['run', pipeline('killed'), '--queue', '--json']);
    expect(queued.code).toBe(0);
    const { runId, state } = queued.json() as RunReport;
    expect(state).toBe('queued');
    const started = [work(), work()];
    await until(async () => (await store.checkpoints.read(runId)) !== undefined);
    const holder = (await store.runs.find(runId))?.holder?.split(' ')[1];
    const [killed] = started.filter(({ child }) => String(child.pid) === holder);
    const [other] = started.filter((each) => each !== killed);
    killed?.child.kill('SIGKILL');
    await until(async () => (await store.runs.find(runId))?.state === 'completed');
    expect(await store.runs.find(runId)).toMatchObject({ attempt: 2, crashes: 1 });
    const ids = idsIn('killed');
    expect([ids.length, new Set(ids).size]).toEqual([records, records]);
    other?.child.kill('SIGTERM');
    const ended = await other?.finished;
    expect(ended?.code).toBe(0);
    expect(ended?.stderr).toContain(`Took the run ${runId} of killed, attempt 2.`);
    expect(ended?.json()).toEqual({ worker: expect.any(String), taken: 1, states: { completed: 1 } });
  }, 60_000);
});

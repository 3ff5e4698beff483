// The pipelines that are killed: what each does, and what must be equal however often its run was killed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openDatabase } from '../../src/core/sql/open-database.ts';
import type { JsonObject, JsonValue } from '../../src/document/json.ts';
import { startPostgres } from './postgres.ts';
import { openTenant, type Tenant } from './tenant.ts';

export interface Report {
  readonly runId: string;
  readonly state: string;
  readonly attempt: number;
  readonly snaps: readonly JsonObject[];
  readonly outputs: readonly JsonObject[];
}

export interface KillCase {
  readonly name: string;
  readonly tenant: Tenant;
  /** Whether files have the same length each time: not where the far side gives the IDs, 99 to one and 100 to the next. */
  readonly hasFixedLengths: boolean;
  /** Makes ready for a run of its own that writes to the folder `into`, and gives the pipeline's file. */
  begin(into: string): Promise<string>;
  /** What the run left behind: bytes of files, rows of tables, records of the far side. */
  left(into: string, report: Report): Promise<JsonValue>;
  close(): Promise<void>;
}

export const killCaseNames = ['files', 'sqlite', 'postgres', 'create', 'upsert'] as const;
export type KillCaseName = (typeof killCaseNames)[number];

/** How long the simulator takes for each page, so that there is something to kill. */
const pageLatencyMs = 100;

const read = {
  id: 'read',
  snap: 'unlimited.read',
  account: 'coupa',
  settings: { resource: 'invoices', fields: ['id', 'invoice-number', 'status'] },
};

export async function openKillCase(name: KillCaseName, records: number): Promise<KillCase> {
  if (name === 'create' || name === 'upsert') return await openWriteCase(name, records);
  const tenant = await openTenant(records, { latencyMs: pageLatencyMs, isUnlimited: true });
  await tenant.addAccount();
  if (name === 'files') return fileCase(tenant);
  if (name === 'sqlite') return await openTableCase(name, tenant, 'sqlite:rows.sqlite', () => tenant.close());
  const server = await startPostgres();
  return await openTableCase(name, tenant, await server.createDatabase(), async () => {
    await tenant.close();
    await server.stop();
  });
}

function save(tenant: Tenant, name: string, pipeline: JsonValue): string {
  const file = path.join(tenant.folder, `${name}.pipeline.json`);
  writeFileSync(file, JSON.stringify(pipeline));
  return file;
}

const text = (tenant: Tenant, into: string, name: string, { runId }: Report): string =>
  readFileSync(path.join(tenant.folder, into, name), 'utf8').replaceAll(runId, 'RUN');

/** Reads, maps (every fiftieth document fails and is routed) and writes two files. */
function fileCase(tenant: Tenant): KillCase {
  const fields = { number: 'id % 50 = 7 ? $number(status) : id', name: '`invoice-number`', state: 'status' };
  const file = save(tenant, 'files', {
    name: 'files',
    snaps: [
      read,
      { id: 'shape', snap: 'core.map', errors: 'route', settings: { fields } },
      { id: 'some', snap: 'core.filter', settings: { condition: 'number % 10 != 3' } },
      { id: 'write', snap: 'core.write-file', settings: { path: 'good.csv' } },
      { id: 'bad', snap: 'core.write-file', settings: { path: 'bad.ndjson' } },
    ],
    links: [
      ['read', 'shape'],
      ['shape', 'some'],
      ['some', 'write'],
      ['shape.error', 'bad'],
    ],
  });
  return {
    ...{ name: 'files', tenant, hasFixedLengths: true },
    begin: async () => file,
    left: async (into, report) => ['good.csv', 'bad.ndjson'].map((name) => text(tenant, into, name, report)),
    close: () => tenant.close(),
  };
}

/** Reads and inserts without a key, so that a row written twice would stand there twice; every thirteenth row is refused. */
async function openTableCase(
  name: KillCaseName,
  tenant: Tenant,
  url: string,
  close: () => Promise<void>,
): Promise<KillCase> {
  const added = await tenant.snaps(['account', 'add', 'db', '--type', 'core.database', '--set', `url=${url}`]);
  if (added.code !== 0) throw new Error(`the account was not added: ${added.stderr}`);
  const tableOf = (into: string): string => into.replaceAll('-', '_');
  const open = (into: string) => {
    mkdirSync(path.join(tenant.folder, into), { recursive: true });
    const outputDirectory = path.join(tenant.folder, into);
    return openDatabase({ url, password: undefined }, { outputDirectory, allowPaths: false });
  };
  return {
    ...{ name, tenant, close, hasFixedLengths: true },
    begin: async (into) => {
      const database = await open(into);
      await database.query(`create table ${tableOf(into)} (id integer, number text, state text, check (id % 13 <> 5))`);
      await database.close();
      const fields = { id: 'id', number: '`invoice-number`', state: 'status' };
      return save(tenant, into, {
        name,
        snaps: [
          read,
          { id: 'shape', snap: 'core.map', settings: { fields } },
          { id: 'write', snap: 'core.sql-write', account: 'db', errors: 'route', settings: { table: tableOf(into) } },
        ],
        links: [
          ['read', 'shape'],
          ['shape', 'write'],
        ],
      });
    },
    left: async (into, { runId }) => {
      const database = await open(into);
      try {
        const rows = await database.query(`select id, number, state from ${tableOf(into)} order by id`);
        const progress = await database.query(
          `select count(*) as rows from snaps_progress where run_id = ${database.placeholder(1)}`,
          [runId],
        );
        await database.query(`drop table ${tableOf(into)}`);
        return { rows: rows.map((row) => JSON.stringify(row)), progress: Number(progress[0]?.rows) };
      } finally {
        await database.close();
      }
    },
  };
}

/** Makes departments of a CSV file; an upsert changes every fourth of them again. The far side must hold each once. */
async function openWriteCase(verb: 'create' | 'upsert', records: number): Promise<KillCase> {
  const scopes = ['core.common.read', 'core.common.write'];
  const tenant = await openTenant(10, { scopes, isUnlimited: true });
  await tenant.addAccount();
  const rows = Array.from({ length: records }, (_, n) => `Hall ${n},true`);
  const again = verb === 'create' ? [] : rows.filter((_, n) => n % 4 === 0).map((row) => row.replace('true', 'false'));
  const input = ['name,active', ...rows, ...again].join('\n');
  const departments = path.join(tenant.folder, 'departments.pipeline.json');
  const look = { id: 'read', snap: 'unlimited.read', account: 'coupa', settings: { resource: 'departments' } };
  const out = { id: 'write', snap: 'core.write-file', settings: { path: 'departments.ndjson' } };
  writeFileSync(departments, JSON.stringify({ name: 'look', snaps: [look, out], links: [['read', 'write']] }));
  const file = save(tenant, verb, {
    name: verb,
    snaps: [
      { id: 'file', snap: 'core.read-file', settings: { path: 'halls.csv' } },
      { id: 'shape', snap: 'core.map', settings: { fields: { name: 'name', active: 'active = "true"' } } },
      {
        ...{ id: 'write', snap: `unlimited.${verb}`, account: 'coupa' },
        settings: { resource: 'departments', quietSeconds: 1 },
      },
      { id: 'out', snap: 'core.write-file', settings: { path: 'written.ndjson' } },
    ],
    links: [
      ['file', 'shape'],
      ['shape', 'write'],
      ['write', 'out'],
    ],
  });
  const namesOf = (into: string, name: string): string[] =>
    readFileSync(path.join(tenant.folder, into, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject)
      // Which ID a record gets depends on which of several calls in flight arrives first.
      .map((record) => `${String(record.name)} ${String(record.active)}`);
  return {
    ...{ name: verb, tenant, hasFixedLengths: false },
    begin: async (into) => {
      tenant.simulator.reset();
      mkdirSync(path.join(tenant.folder, into), { recursive: true });
      writeFileSync(path.join(tenant.folder, into, 'halls.csv'), input);
      return file;
    },
    left: async (into) => {
      const looked = await tenant.snaps(['run', departments, '--output-directory', `${into}-look`, '--json']);
      if (looked.code !== 0) throw new Error(`the departments were not read: ${looked.stdout}`);
      return {
        records: namesOf(`${into}-look`, 'departments.ndjson').toSorted(),
        written: namesOf(into, 'written.ndjson').map((line) => line.replace(/ (?:true|false)$/u, '')),
      };
    },
    close: () => tenant.close(),
  };
}

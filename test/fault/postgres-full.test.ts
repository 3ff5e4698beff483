import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { SnapError } from '../../src/errors.ts';
import { openHost, type RunReport, resolveConfig } from '../../src/host.ts';
import { drawing } from '../support/fault-cases.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

/** Places of each kind; SNAPS_FAULT_SEEDS widens them. */
const seeds = Number(process.env.SNAPS_FAULT_SEEDS ?? 2);
const documents = 40;
// A test has as long as its places need on a machine that is busy with others.
vi.setConfig({ testTimeout: 60_000 * (seeds + 1) });

/** Every change of a row counts, and from the nth on the server answers as it does on a full disk. */
const spaceSchema = `
  create schema space;
  create sequence space.calls;
  create table space.bound (nth bigint);
  insert into space.bound values (null);
  create function space.take() returns trigger language plpgsql as $$
  begin
    if nextval('space.calls') >= (select nth from space.bound) then
      raise exception 'could not extend file: No space left on device' using errcode = '53100';
    end if;
    return null;
  end $$;`;

let server: TestPostgres;
let folder: string;
beforeAll(async () => {
  server = await startPostgres();
});
const clients: pg.Client[] = [];
afterAll(async () => {
  for (const client of clients) await client.end();
  await server.stop();
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-pg-full-'));
  const lines = Array.from({ length: documents }, (_, id) => JSON.stringify({ id, name: `Hall ${id}` }));
  writeFileSync(path.join(folder, 'in.ndjson'), `${lines.join('\n')}\n`);
  return () => rmSync(folder, { recursive: true, force: true });
});

interface Space {
  readonly url: string;
  query(text: string): Promise<readonly JsonObject[]>;
  /** Puts every table there is under the bound. */
  watch(): Promise<void>;
  /** Counts anew; the nth change is the first without space. */
  take(nth: number | undefined): Promise<void>;
  calls(): Promise<number>;
}

async function openSpace(): Promise<Space> {
  const url = await server.createDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  clients.push(client);
  await client.query(spaceSchema);
  const query = async (text: string) => (await client.query(text)).rows as readonly JsonObject[];
  return {
    url,
    query,
    watch: async () => {
      for (const { tablename } of await query("select tablename from pg_tables where schemaname = 'public'")) {
        await query(
          `create trigger full_disk after insert or update or delete on "${String(tablename)}" for each row execute function space.take()`,
        );
      }
    },
    take: async (nth) => {
      await query('alter sequence space.calls restart');
      await query(`update space.bound set nth = ${nth ?? 'null'}`);
    },
    calls: async () => Number((await query('select last_value from space.calls'))[0]?.last_value),
  };
}

/** What a run came to, or why it was not started; each in a host of its own, as a process would be. */
async function run(pipeline: JsonObject, given: { store?: string; resume?: string; erp?: string }) {
  const { store, resume, erp } = given;
  const environment = {
    SNAPS_DATA_DIR: path.join(folder, '.data'),
    SNAPS_LOG_LEVEL: 'silent',
    ...(store === undefined ? {} : { SNAPS_DATABASE_URL: store }),
  };
  const config = await resolveConfig({ environment, directory: folder });
  const host = await openHost(config, { limits: { checkpointDocumentsMax: 8, viewDocumentsMax: 8 } });
  try {
    if (erp !== undefined)
      await host.accounts.add({ name: 'erp', type: 'core.database', settings: { url: erp }, secrets: {} });
    const request = { pipeline, outputDirectory: folder, ...(resume === undefined ? {} : { resume }) };
    const report = await (await host.startRun(request)).finished;
    return { report, code: report.error?.code };
  } catch (thrown) {
    if (!(thrown instanceof SnapError)) throw thrown;
    return { report: undefined, code: thrown.code };
  } finally {
    await host.close();
  }
}

const pipelineInto = (write: JsonObject): JsonObject => ({
  name: 'halls',
  snaps: [
    { id: 'read', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
    { id: 'write', ...write },
  ],
  links: [['read', 'write']],
});

describe('a run whose PostgreSQL has no space left', () => {
  it('fails by name where it writes rows, and writes each once when it is resumed with space', async () => {
    const space = await openSpace();
    await space.query('create table halls (id integer, name text)');
    const settings = { table: 'halls', mode: 'insert' };
    const pipeline = pipelineInto({ snap: 'core.sql-write', account: 'erp', settings });
    await run(pipeline, { erp: space.url });
    await space.watch();
    await space.take(undefined);
    expect((await run(pipeline, {})).report?.state).toBe('completed');
    const calls = await space.calls();
    for (let seed = 1; seed <= seeds; seed += 1) {
      await space.query('truncate halls');
      const nth = seed === 1 ? 1 : 1 + drawing(seed)(calls);
      await space.take(nth);
      const { report, code } = await run(pipeline, {});
      expect(code, `change ${nth} of ${calls}`).toBe('SNAP_DISK_FULL');
      await space.take(undefined);
      const resumed = await run(pipeline, { resume: report?.runId ?? '' });
      expect(resumed.report?.state, `change ${nth} of ${calls}`).toBe('completed');
      const rows = await space.query('select id, name from halls order by id');
      expect(rows).toEqual(Array.from({ length: documents }, (_, id) => ({ id, name: `Hall ${id}` })));
    }
  });

  it('fails by name where the store is, and is whole when it is resumed with space', async () => {
    const space = await openSpace();
    const pipeline = pipelineInto({ snap: 'core.write-file', settings: { path: 'out.ndjson' } });
    const written = (): string => readFileSync(path.join(folder, 'out.ndjson'), 'utf8');
    await run(pipeline, { store: space.url });
    await space.watch();
    await space.take(undefined);
    expect((await run(pipeline, { store: space.url })).report?.state).toBe('completed');
    const calls = await space.calls();
    const states = new Set<RunReport['state'] | undefined>();
    for (let seed = 1; seed <= seeds; seed += 1) {
      rmSync(path.join(folder, 'out.ndjson'));
      await space.query('delete from runs');
      const nth = 1 + drawing(seed)(calls);
      await space.take(nth);
      const { report, code } = await run(pipeline, { store: space.url });
      states.add(report?.state);
      const words = `change ${nth} of ${calls}`;
      // The last changes give back what is over anyway.
      if (report?.state !== 'completed') expect(code, words).toBe('SNAP_DISK_FULL');
      await space.take(undefined);
      // The lease of a run that could not give it back has ended by then.
      await space.query('delete from leases');
      const [row] = await space.query('select id from runs');
      const resume = row === undefined ? {} : { resume: String(row.id) };
      const { report: last, code: lastCode } = await run(pipeline, { store: space.url, ...resume });
      expect(last?.state, `${words}: ${lastCode}`).toBe('completed');
      expect(written(), words).toBe(readFileSync(path.join(folder, 'in.ndjson'), 'utf8'));
    }
    states.delete('completed');
    expect(states.size).toBeGreaterThan(0);
  });
});

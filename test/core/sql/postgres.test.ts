import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseAccount } from '../../../src/core/index.ts';
import type { SqlDatabase } from '../../../src/core/sql/database.ts';
import { openDatabase } from '../../../src/core/sql/open-database.ts';
import { type JsonObject, parseExact } from '../../../src/document/index.ts';
import { numbers, run } from '../../support/engine.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { sqlContract } from './contract.ts';

sqlContract(
  'PostgreSQL',
  async () => {
    const server = await startPostgres();
    return { account: { url: await server.createDatabase(), password: undefined }, stop: () => server.stop() };
  },
  { type: 'bytea', values: ["'\\x00'", "'\\xff'"] },
);

describe('what PostgreSQL alone has', () => {
  const options = { outputDirectory: '.', allowPaths: false };
  let server: TestPostgres;
  let database: SqlDatabase;
  let account: DatabaseAccount;
  beforeAll(async () => {
    server = await startPostgres();
    account = { url: await server.createDatabase(), password: undefined };
    database = await openDatabase(account, options);
  });
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  const copied = async (documents: readonly JsonObject[]): Promise<readonly unknown[]> => {
    await run(
      {
        name: 'writing',
        snaps: [
          { id: 'read', snap: 'memory.source' },
          { id: 'write', snap: 'core.sql-write', account: 'db', settings: { table: 'odd' } },
        ],
        links: [['read', 'write']],
      },
      {
        ...options,
        database: account,
        memory: { read: numbers(documents.length, { page: 7, make: (n) => documents[n] ?? {} }) },
      },
    );
    return await database.query('select * from odd order by id');
  };

  it('takes arrays into columns of arrays and gives them back as arrays', async () => {
    await database.query('create table odd (id int, days date[], names text[], amounts numeric[][])');
    const document = { id: 1, days: ['2026-01-02', null], names: ['a,b', '"c"', ''], amounts: [['1.10'], ['2.20']] };
    expect(await copied([document])).toEqual([document]);
    await database.query('drop table odd');
  });

  it('keeps every digit, and text as text, in columns of JSON', async () => {
    await database.query('create table odd (id int, body json)');
    const bodies = ['{"n":0.1234567890123456789012345}', '"123"', '"free text"', 'true', '[1,"a"]'];
    const documents = bodies.map((body, id) => ({ id, body: parseExact(body) }));
    const rows = await copied([...documents, { id: 5, body: '{"cell":1}' }]);
    expect(rows.map((row) => JSON.stringify((row as JsonObject).body))).toEqual([...bodies, '{"cell":1}']);
    await database.query('drop table odd');
  });

  it('reads times and bytes alike however the database is set to say them', async () => {
    const name = new URL(account.url).pathname.slice(1);
    await database.query(`alter database ${name} set datestyle = 'German'`);
    await database.query(`alter database ${name} set bytea_output = 'escape'`);
    const other = await openDatabase(account, options);
    const rows = await other.query(`select timestamp '2026-01-02 03:04:05' as at, '\\x00ff'::bytea as bytes`);
    await other.close();
    expect(rows).toEqual([{ at: '2026-01-02T03:04:05', bytes: 'AP8=' }]);
  });
});

it('says that a PostgreSQL server is not reached, and nothing of the password', async () => {
  const options = { outputDirectory: '.', allowPaths: false };
  const account = { url: 'postgres://erp@127.0.0.1:1/erp', password: 'canary-password' };
  const failure: unknown = await openDatabase(account, options).catch((thrown: unknown) => thrown);
  expect(failure).toMatchObject({ code: 'SNAP_DATABASE_FAILED', reason: 'connecting failed with ECONNREFUSED' });
  expect(JSON.stringify(failure)).not.toContain('canary');
});

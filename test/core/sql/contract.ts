// What core.sql-read and core.sql-write promise, whatever the database.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DatabaseAccount } from '../../../src/core/index.ts';
import type { SqlDatabase } from '../../../src/core/sql/database.ts';
import { openDatabase } from '../../../src/core/sql/open-database.ts';
import type { JsonObject, JsonValue } from '../../../src/document/index.ts';
import { collector, numbers, run, type TestRun } from '../../support/engine.ts';

const columns = { id: 'integer', name: 'text', total: 'decimal', paid: 'boolean', lines: 'json' };
const records = [
  { id: 1, name: `O'Neil "quoted"`, total: '10.10', paid: true, lines: [{ n: 1 }] },
  { id: 2, name: 'robert\u2019); drop table invoices; --', total: '9007199254740993.01', paid: false, lines: [] },
  { id: 3, name: '\u00e4\u00f6\u00fc \u2603', total: '0.00', paid: null, lines: null },
] as const satisfies readonly JsonObject[];

export function sqlContract(
  name: string,
  start: () => Promise<{ account: DatabaseAccount; stop(): Promise<void> }>,
  /** How this database says bytes. */
  bytes: { readonly type: string; readonly values: readonly [string, string] },
): void {
  describe(`SQL snaps over ${name}`, () => {
    let server: { account: DatabaseAccount; stop(): Promise<void> };
    let database: SqlDatabase;
    let outputDirectory = '';
    beforeAll(async () => {
      outputDirectory = mkdtempSync(path.join(tmpdir(), 'snaps-sql-'));
      server = await start();
      database = await openDatabase(server.account, { outputDirectory, allowPaths: true });
    });
    afterAll(async () => {
      await database?.close();
      await server?.stop();
      rmSync(outputDirectory, { recursive: true, force: true });
    });
    beforeEach(async () => {
      await database.query('drop table if exists invoices');
      await database.query('drop table if exists snaps_progress');
    });

    const write = async (documents: readonly JsonObject[], settings: JsonObject, options: TestRun = {}) =>
      await run(
        {
          name: 'writing',
          snaps: [
            { id: 'read', snap: 'memory.source' },
            {
              id: 'write',
              snap: 'core.sql-write',
              account: 'db',
              errors: 'route',
              settings: { table: 'invoices', ...settings },
            },
          ],
          links: [['read', 'write']],
        } as JsonValue,
        {
          outputDirectory,
          database: server.account,
          runId: randomUUID(),
          ...options,
          memory: { read: numbers(documents.length, { page: 7, make: (n) => documents[n] ?? {} }) },
        },
      );
    const read = async (settings: JsonObject, options: TestRun = {}) => {
      const taken: JsonObject[] = [];
      const result = await run(
        {
          name: 'reading',
          snaps: [
            { id: 'read', snap: 'core.sql-read', account: 'db', settings },
            { id: 'sink', snap: 'memory.sink' },
          ],
          links: [['read', 'sink']],
        } as JsonValue,
        { outputDirectory, database: server.account, ...options, memory: { sink: collector(taken) } },
      );
      return { result, taken };
    };
    const made = { columns, createTable: true, key: ['id'] };
    const ids = async (): Promise<unknown[]> =>
      (await database.query('select id from invoices order by id')).map((row) => row.id);

    it('makes a table, and gives back what was written with every digit and character', async () => {
      const result = await write(records, { ...made, mode: 'insert' });
      expect(result).toMatchObject({ state: 'completed', outputs: [{ path: 'table invoices', documents: 3 }] });
      const { taken } = await read({ table: 'invoices', key: 'id' });
      expect(taken.map(({ id, name: text, total }) => ({ id, name: text, total }))).toEqual(
        records.map(({ id, name: text, total }) => ({ id, name: text, total })),
      );
      expect(Boolean(taken[0]?.paid)).toBe(true);
      const lines = taken[0]?.lines;
      expect(typeof lines === 'string' ? JSON.parse(lines) : lines).toEqual([{ n: 1 }]);
    });

    it('changes rows that have the key and adds the others, also when one key comes twice in a batch', async () => {
      await write(records, { ...made, mode: 'upsert' });
      const change = (id: number, text: string) => ({ id, name: text });
      const again = await write([change(1, 'a'), change(4, 'b'), change(1, 'c')], { mode: 'upsert', key: ['id'] });
      expect(again.state).toBe('completed');
      const rows = await database.query('select id, name, total from invoices order by id');
      expect(rows.map((row) => row.name)).toEqual(['c', records[1].name, records[2].name, 'b']);
      expect(rows[0]?.total).toBe('10.10');
    });

    it('updates and deletes by key, and fails the update of a row that is not there', async () => {
      await write(records, { ...made, mode: 'insert' });
      const updated = await write(
        [
          { id: 2, name: 'x' },
          { id: 9, name: 'y' },
        ],
        { mode: 'update', key: ['id'] },
      );
      expect(updated.snaps.at(-1)).toMatchObject({ input: 2, output: 1, errors: 1 });
      expect(updated.errors).toMatchObject([{ code: 'SNAP_ROW_REFUSED', reason: 'no row has this key' }]);
      await write([{ id: 1, name: 'whatever' }], { mode: 'delete', key: ['id'] });
      expect(await ids()).toEqual([2, 3]);
    });

    it('fails the one row that the database refuses, while all others of its batch are written', async () => {
      await write([{ id: 5, name: 'there' }], { ...made, mode: 'insert' });
      const documents = Array.from({ length: 40 }, (_, id) => ({ id, name: `n${id}` }));
      const result = await write(documents, { mode: 'insert' });
      expect(result.snaps.at(-1)).toMatchObject({ input: 40, output: 39, errors: 1 });
      expect(result.errors).toMatchObject([{ code: 'SNAP_ROW_REFUSED', original: { id: 5 } }]);
      expect(await ids()).toEqual(documents.map(({ id }) => id));
    });

    it('fails documents with fields that are no columns unless they are to be left out, and those without their key', async () => {
      await write([], { ...made, mode: 'insert' });
      const odd = [{ id: 1, nonsense: 1 }, { name: 'no key' }];
      const failed = await write(odd, { mode: 'upsert', key: ['id'] });
      expect(failed.errors).toMatchObject([{ code: 'SNAP_DOCUMENT_INVALID' }, { code: 'SNAP_DOCUMENT_INVALID' }]);
      await write(odd, { mode: 'upsert', key: ['id'], unknownFields: 'ignore' });
      expect(await ids()).toEqual([1]);
    });

    it('says that a table is not there, and that it lacks a column, before it writes', async () => {
      const missing = await write(records, { mode: 'insert' });
      expect(missing).toMatchObject({ state: 'failed', error: { code: 'SNAP_SETTINGS_INVALID' } });
      await database.query('create table invoices (id integer)');
      const lacking = await write(records, { columns, mode: 'insert' });
      expect(lacking.error?.reason).toContain('"name"');
    });

    it.each([0, 1, 2, 4])(
      'writes each row once when it is stopped behind checkpoint %i before that is saved, and resumed',
      async (at) => {
        const documents = Array.from({ length: 200 }, (_, id) => ({ id: id % 150, name: `n${id % 150}` }));
        await write([], { columns: { id: 'integer', name: 'text' }, createTable: true });
        let kept: JsonObject | undefined;
        let saved = 0;
        const runId = randomUUID();
        const first = await write(
          documents,
          {},
          {
            runId,
            limits: { checkpointDocumentsMax: 20, checkpointMs: 60_000, viewDocumentsMax: 10 },
            // The rows are committed when the checkpoint comes to be saved; a process killed here loses the checkpoint alone.
            saveCheckpoint: async (checkpoint) => {
              saved += 1;
              if (saved > at) throw new Error('killed');
              kept = checkpoint;
            },
          },
        );
        expect(first.state).toBe('failed');
        expect((await ids()).length).toBeGreaterThan(0);
        const second = await write(documents, {}, { runId, ...(kept === undefined ? {} : { checkpoint: kept }) });
        expect(second.state).toBe('completed');
        expect(second.snaps.at(-1)).toMatchObject({ input: 200, output: 200, errors: 0 });
        expect(await ids()).toEqual(documents.map(({ id }) => id).toSorted((a, b) => a - b));
        expect(await database.query('select * from snaps_progress')).toEqual([]);
      },
    );

    it('reads a table by its key on behind the last row of a checkpoint, whatever was added before it', async () => {
      await write(
        Array.from({ length: 500 }, (_, id) => ({ id: id + 10, name: 'n' })),
        { ...made, mode: 'insert' },
      );
      let kept: JsonObject | undefined;
      const stop = new AbortController();
      const settings = { table: 'invoices', key: 'id', columns: ['name'] };
      const first = await read(settings, {
        signal: stop.signal,
        limits: { checkpointDocumentsMax: 1, checkpointMs: 60_000 },
        saveCheckpoint: async (checkpoint) => {
          kept ??= checkpoint;
          stop.abort();
        },
      });
      expect(first.result.state).toBe('stopped');
      await write(
        [
          { id: 1, name: 'early' },
          { id: 600, name: 'late' },
        ],
        { mode: 'insert' },
      );
      const second = await read(settings, kept === undefined ? {} : { checkpoint: kept });
      const { after } = (kept as unknown as { snaps: { read: { state: { after: number } } } }).snaps.read.state;
      expect(second.taken.map(({ id }) => id)).toEqual([
        ...Array.from({ length: 509 - after }, (_, n) => after + 1 + n),
        600,
      ]);
    });

    it('asks a query with values that stay values, and lets it change nothing', async () => {
      await write(records, { ...made, mode: 'insert' });
      const place = database.placeholder(1);
      const query = `select id, name from invoices where name = ${place} order by id`;
      const { taken } = await read({ query, values: [records[1].name] });
      expect(taken).toEqual([{ id: 2, name: records[1].name }]);
      const changing = await read({ query: 'delete from invoices' });
      expect(changing.result).toMatchObject({ state: 'failed', error: { code: 'SNAP_DATABASE_FAILED' } });
      const several = await read({ query: 'select 1 as one; commit; delete from invoices' });
      expect(several).toMatchObject({ taken: [], result: { state: 'failed', error: { retryable: false } } });
      expect((await read({ query: 'select 1 as one; ' })).taken).toEqual([{ one: 1 }]);
      expect(await ids()).toEqual([1, 2, 3]);
    });

    it('reads no two columns of one name, of which one would be lost', async () => {
      const { result } = await read({ query: 'select 1 as id, 2 as id' });
      expect(result).toMatchObject({ state: 'failed', error: { reason: 'two columns are named "id"' } });
    });

    it('says of a statement that cannot work that its settings must be mended, and not that a later resume helps', async () => {
      const { result } = await read({ query: 'selec 1' });
      expect(result).toMatchObject({ state: 'failed', error: { code: 'SNAP_DATABASE_FAILED', retryable: false } });
      expect(result.error?.resolution).toContain('settings');
    });

    it('does not page by bytes, which have another order as text', async () => {
      await database.query(`create table invoices (id ${bytes.type} primary key)`);
      await database.query(`insert into invoices values (${bytes.values[0]}), (${bytes.values[1]})`);
      const { result } = await read({ table: 'invoices', key: 'id' });
      expect(result).toMatchObject({ state: 'failed', error: { reason: 'it holds bytes' } });
    });

    it('fails the update of a document that has nothing but its key', async () => {
      await write(records, { ...made, mode: 'insert' });
      const result = await write([{ id: 1 }, { id: 2, name: 'x' }], { mode: 'update', key: ['id'] });
      expect(result.snaps.at(-1)).toMatchObject({ input: 2, output: 1, errors: 1 });
      expect(result.errors).toMatchObject([{ code: 'SNAP_DOCUMENT_INVALID', original: { id: 1 } }]);
    });

    it('writes a whole number to a column of text as its digits', async () => {
      await write([{ id: 7, name: 7, total: 7 }], { ...made, mode: 'insert' });
      expect(await database.query('select id, name, total from invoices')).toEqual([{ id: 7, name: '7', total: '7' }]);
    });

    it('refuses to page by a key that several rows share, rather than to pass some over', async () => {
      const rows = Array.from({ length: 300 }, (_, id) => ({ id: id < 150 ? id : 150, name: 'n' }));
      await write(rows, { columns: { id: 'integer', name: 'text' }, createTable: true });
      const { result } = await read({ table: 'invoices', key: 'id' });
      expect(result).toMatchObject({ state: 'failed', error: { code: 'SNAP_SETTINGS_INVALID' } });
      expect(result.error?.reason).toContain('several rows have 150');
    });

    it('refuses settings that do not say what to read', async () => {
      const { result } = await read({ table: 'invoices', query: 'select 1' });
      expect(result).toMatchObject({ state: 'failed', error: { code: 'SNAP_SETTINGS_INVALID' } });
    });
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { openDatabase } from '../../../src/core/sql/open-database.ts';
import { sqlContract } from './contract.ts';

sqlContract(
  'SQLite',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'snaps-sqlite-'));
    return {
      account: { url: `sqlite:${path.join(folder, 'test.sqlite')}`, password: undefined },
      stop: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
  { type: 'blob', values: ["x'00'", "x'ff'"] },
);

it('waits with a commit until the reader of another process is done', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'snaps-sqlite-'));
  const file = path.join(folder, 'busy.sqlite');
  const database = await openDatabase(
    { url: `sqlite:${file}`, password: undefined },
    { outputDirectory: folder, allowPaths: false },
  );
  const other = new DatabaseSync(file);
  await database.query('create table t (id integer)');
  other.exec('begin; select * from t');
  const rows = other.prepare('select * from t');
  expect(rows.all()).toEqual([]);
  const written = database.transaction(async () => {
    await database.query('insert into t values (1)');
    setImmediate(() => other.exec('commit'));
  });
  await written;
  expect(rows.all()).toEqual([{ id: 1 }]);
  other.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

it('does not leave the output directory by a relative SQLite path', async () => {
  const options = { outputDirectory: tmpdir(), allowPaths: false };
  const open = openDatabase({ url: 'sqlite:../outside.sqlite', password: undefined }, options);
  await expect(open).rejects.toMatchObject({ code: 'SNAP_FILE_OUTSIDE' });
});

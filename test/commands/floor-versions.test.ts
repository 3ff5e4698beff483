import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

const data = mkdtempSync(path.join(tmpdir(), 'floor-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));

/** Makes the process believe that its SQLite is of another version. */
const withSqlite = (version: string): readonly string[] => [
  '--import',
  `data:text/javascript,${encodeURIComponent(`
    import { DatabaseSync } from 'node:sqlite';
    const prepare = DatabaseSync.prototype.prepare;
    DatabaseSync.prototype.prepare = function (sql) {
      return prepare.call(this, sql.replace('sqlite_version()', "'${version}'"));
    };
  `)}`,
];
const doctor = (version: string) =>
  runCommand(['doctor'], {
    environment: { SNAPS_DATA_DIR: path.join(data, version) },
    nodeArguments: withSqlite(version),
  });

describe('snaps doctor', () => {
  it('fails where SQLite is older than 3.51.3, and says which it found', async () => {
    const old = await doctor('3.51.2');
    expect(old.code).not.toBe(0);
    expect(`${old.stdout}${old.stderr}`).toContain('SQLite is 3.51.2, older than 3.51.3');
  });

  it('is content with the lowest versions that are safe', async () => {
    const lowest = await doctor('3.51.3');
    expect(`${lowest.stdout}${lowest.stderr}`).toMatch(/^ok +Node: 2[4-9]\./mu);
    expect(lowest.stdout).toMatch(/^ok +store: sqlite version: 3\.51\.3$/mu);
    expect(lowest.code).toBe(0);
  });
});

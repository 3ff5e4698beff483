import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openDatabase } from '../../../src/core/sql/open-database.ts';
import { sqlContract } from './contract.ts';

sqlContract('SQLite', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'snaps-sqlite-'));
  return {
    account: { url: `sqlite:${path.join(folder, 'test.sqlite')}`, password: undefined },
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

it('does not leave the output directory by a relative SQLite path', async () => {
  const options = { outputDirectory: tmpdir(), allowPaths: false };
  const open = openDatabase({ url: 'sqlite:../outside.sqlite', password: undefined }, options);
  await expect(open).rejects.toMatchObject({ code: 'SNAP_FILE_OUTSIDE' });
});

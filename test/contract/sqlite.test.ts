import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { describeStore } from './store.ts';
import type { DatabaseUnderTest } from './support.ts';

describe('the store on SQLite', () => {
  const directory = mkdtempSync(join(tmpdir(), 'snaps-store-'));
  let databases = 0;
  const database: DatabaseUnderTest = {
    create: async () => {
      databases += 1;
      return `sqlite:${join(directory, `${databases}.db`)}`;
    },
    open: openStore,
  };

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  describeStore(database);
});

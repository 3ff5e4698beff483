import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { describeAccounts } from './accounts.ts';
import { describeCursors } from './cursors.ts';
import { describeKeys } from './keys.ts';
import { describeOpening } from './opening.ts';
import { describePipelines } from './pipelines.ts';
import { describeRuns } from './runs.ts';
import type { DatabaseUnderTest } from './support.ts';
import { describeWrites } from './writes.ts';

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

  describeOpening(database);
  describeAccounts(database);
  describeKeys(database);
  describeRuns(database);
  describeCursors(database);
  describeWrites(database);
  describePipelines(database);
});

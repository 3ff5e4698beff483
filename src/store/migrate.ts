// Brings the tables up to date, one numbered step a version. Never touches a store that a newer host made.
import type { Transaction } from 'kysely';
import { ConfigurationError } from '../errors.ts';
import { type StoreContext, write } from './database.ts';
import { createFirstTables } from './migrations/001-first-tables.ts';
import { createWrites } from './migrations/002-writes.ts';
import { createPipelines } from './migrations/003-pipelines.ts';
import { createSchedules } from './migrations/004-schedules.ts';
import { createCursors } from './migrations/005-cursors.ts';
import { addSendsIssuer } from './migrations/006-sends-issuer.ts';
import { addRunIndexes } from './migrations/007-run-indexes.ts';
import { createRunLog } from './migrations/008-run-log.ts';
import { addRunCrashes } from './migrations/009-run-crashes.ts';
import { addSchedulePause } from './migrations/010-schedule-pause.ts';
import { addChildRuns } from './migrations/011-child-runs.ts';
import { createBudgets } from './migrations/012-budgets.ts';
import { addRunPoints } from './migrations/013-run-points.ts';
import { createRunCare } from './migrations/014-run-care.ts';
import { addRunLanes } from './migrations/015-run-lanes.ts';
import { addRunReplays } from './migrations/016-run-replays.ts';
import type { Tables } from './tables.ts';

type Migration = (db: Transaction<Tables>) => Promise<void>;

/** In order; the version of a step is its place, counted from 1. A published step is never changed. */
const migrations: readonly Migration[] = [
  createFirstTables,
  createWrites,
  createPipelines,
  createSchedules,
  createCursors,
  addSendsIssuer,
  addRunIndexes,
  createRunLog,
  addRunCrashes,
  addSchedulePause,
  addChildRuns,
  createBudgets,
  addRunPoints,
  createRunCare,
  addRunLanes,
  addRunReplays,
];

/** Runs the missing steps in one transaction; a second runner waits for the first. Throws SNAP_STORE_NEWER. */
export function migrate(context: StoreContext): Promise<void> {
  return write(context, async ({ db, capabilities }) => {
    await capabilities.migrationLock?.execute(db);
    await db.schema
      .createTable('schema_version')
      .ifNotExists()
      .addColumn('version', 'bigint', (column) => column.primaryKey())
      .addColumn('applied_at', 'bigint', (column) => column.notNull())
      .execute();
    const row = await db
      .selectFrom('schema_version')
      .select(({ fn }) => fn.max('version').as('version'))
      .executeTakeFirst();
    const current = Number(row?.version ?? 0);
    if (current > migrations.length) throw storeIsNewer(current);
    for (const [index, step] of migrations.entries()) {
      const version = index + 1;
      if (version <= current) continue;
      // The version row comes first: a runner that got past the lock all the same collides here instead of running the step twice.
      await db.insertInto('schema_version').values({ version, applied_at: capabilities.now }).execute();
      await step(db);
    }
  });
}

function storeIsNewer(current: number): ConfigurationError {
  return new ConfigurationError('SNAP_STORE_NEWER', 'The store was left untouched.', {
    reason: `its tables are at version ${current}; this host knows versions up to ${migrations.length}`,
    resolution: 'install the newer version of the host, or point SNAPS_DATABASE_URL at another store',
  });
}

// Owns opening a store by its URL. Differences between databases are data in capabilities.ts, never branches here.
import { Kysely } from 'kysely';
import { ConfigurationError } from '../errors.ts';
import { AccountTable } from './accounts.ts';
import { AuthorizationTable } from './authorizations.ts';
import { BudgetTable } from './budgets.ts';
import { CareTable } from './care.ts';
import { CheckpointTable } from './checkpoints.ts';
import type { Store } from './contract.ts';
import { CursorTable } from './cursors.ts';
import type { StoreDatabase } from './database.ts';
import { ErrorDocumentTable } from './error-documents.ts';
import { KeyTable } from './keys.ts';
import { LeaseTable } from './leases.ts';
import { migrate } from './migrate.ts';
import { PipelineTable } from './pipelines.ts';
import { openPostgres } from './postgres/dialect.ts';
import { RunLogTable } from './run-log.ts';
import { RunTable } from './runs.ts';
import { ScheduleTable } from './schedules.ts';
import { openSqlite } from './sqlite/dialect.ts';
import type { Tables } from './tables.ts';
import { TokenSetTable } from './token-sets.ts';
import { WriteTable } from './writes.ts';

export interface StoreOptions {
  /** The clock of a database that has none of its own (SQLite), in ms since the epoch. Default: the machine's. */
  readonly now?: () => number;
}

const openers: Readonly<Record<string, (url: string, options: StoreOptions) => StoreDatabase>> = {
  'sqlite:': openSqlite,
  'postgres:': openPostgres,
  'postgresql:': openPostgres,
};

/**
 * Opens the store at `sqlite:PATH` or `postgres://...` and brings its tables up to date. The caller closes it.
 * Throws SNAP_CONFIG_INVALID for another URL, SNAP_STORE_NEWER, SNAP_STORE_UNAVAILABLE, SNAP_DISK_FULL.
 */
export async function openStore(url: string, options: StoreOptions = {}): Promise<Store> {
  const opener = openers[url.slice(0, url.indexOf(':') + 1)];
  if (opener === undefined) {
    throw new ConfigurationError('SNAP_CONFIG_INVALID', 'The store could not be opened.', {
      reason: 'the database URL starts with neither "sqlite:" nor "postgres:"',
      resolution: 'write sqlite:PATH or postgres://USER@HOST/DATABASE in SNAPS_DATABASE_URL',
    });
  }
  const database = opener(url, options);
  const db = new Kysely<Tables>({ dialect: database.dialect });
  const context = { db, capabilities: database.capabilities };
  try {
    await migrate(context);
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw error;
  }
  return {
    accounts: new AccountTable(context),
    tokenSets: new TokenSetTable(context),
    authorizations: new AuthorizationTable(context),
    keys: new KeyTable(context),
    leases: new LeaseTable(context),
    runs: new RunTable(context),
    checkpoints: new CheckpointTable(context),
    care: new CareTable(context),
    errorDocuments: new ErrorDocumentTable(context),
    runLog: new RunLogTable(context),
    pipelines: new PipelineTable(context),
    writes: new WriteTable(context),
    cursors: new CursorTable(context),
    schedules: new ScheduleTable(context),
    budgets: new BudgetTable(context),
    now: async () => (await db.selectNoFrom(database.capabilities.now.as('now')).executeTakeFirstOrThrow()).now,
    inspect: () => database.inspect(db),
    scrub: () => database.scrub(db),
    close: () => db.destroy(),
  };
}

// Owns SQLite: the only module that touches node:sqlite. Sets what durability rests on and reads it back.
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Kysely,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  sql,
} from 'kysely';
import { ExecutionError } from '../../errors.ts';
import type { StoreFinding } from '../contract.ts';
import { finding, type StoreDatabase } from '../database.ts';
import { guardDialect } from '../guard.ts';
import type { StoreOptions } from '../store.ts';
import type { Tables } from '../tables.ts';

/** How long a writer waits for another process's transaction. */
const busyTimeoutMs = 10_000;
const busyPollMs = 8;
const busyCode = 5;
const statementsMax = 200;
/** Below it a WAL reset could lose a commit (fixed in 3.51.3). */
const versionFloor = [3, 51, 3] as const;
const walSwitchAttemptsMax = 200;

class ImmediateSqliteDialect extends SqliteDialect {
  readonly #database: () => Promise<SqliteDatabase>;

  constructor(database: () => Promise<SqliteDatabase>) {
    super({ database });
    this.#database = database;
  }

  override createDriver(): SqliteDriver {
    return new ImmediateSqliteDriver({ database: this.#database });
  }
}

class ImmediateSqliteDriver extends SqliteDriver {
  // A plain BEGIN takes the write lock at the first write, where SQLite refuses at once (no busy timeout) if another process
  // wrote since. The wait leaves the thread free: it may be this very process that has to end the transaction waited for.
  override beginTransaction(connection: DatabaseConnection): Promise<void> {
    return waitWhileBusy(connection, async () => {
      await connection.executeQuery(CompiledQuery.raw('begin immediate'));
    });
  }
}

async function waitWhileBusy(connection: DatabaseConnection, step: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      await connection.executeQuery(CompiledQuery.raw('pragma busy_timeout = 0'));
      return await step();
    } catch (error) {
      if (sqliteCode(error) % 256 !== busyCode || performance.now() > deadline) throw error;
    } finally {
      await connection.executeQuery(CompiledQuery.raw(`pragma busy_timeout = ${busyTimeoutMs}`));
    }
    await delay(1 + Math.random() * busyPollMs);
  }
}

/** Gives the SQLite database of `sqlite:PATH`; the file is made with mode 0600 where it is missing. */
export function openSqlite(url: string, options: StoreOptions): StoreDatabase {
  const path = resolve(url.slice('sqlite:'.length));
  return {
    dialect: guardDialect(new ImmediateSqliteDialect(async () => openFile(path, options)), readSqliteError),
    capabilities: {
      now: sql<number>`clock_ms()`,
      hasRowLocks: false,
      migrationLock: undefined,
      // In a write-ahead log a commit that was not waited for can be lost, and nothing else: the file stays sound.
      light: { before: sql`pragma synchronous = normal`, after: sql`pragma synchronous = full` },
    },
    inspect: inspectSqlite,
    scrub: scrubSqlite,
  };
}

function openFile(path: string, options: StoreOptions): SqliteDatabase {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  try {
    const now = options.now ?? Date.now;
    database.function('clock_ms', { deterministic: false }, () => Math.trunc(now()));
    switchToWal(database);
    database.exec('pragma synchronous = full; pragma secure_delete = on');
    refuseUnsafe(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return asKyselyDatabase(database);
}

// Two first starts at once: the switch needs the file alone and does not wait by itself.
function switchToWal(database: DatabaseSync): void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 1; ; attempt += 1) {
    try {
      database.exec('pragma journal_mode = wal');
      return;
    } catch (error) {
      if (attempt === walSwitchAttemptsMax || sqliteCode(error) % 256 !== busyCode) throw error;
      Atomics.wait(cell, 0, 0, 10);
    }
  }
}

function refuseUnsafe(database: DatabaseSync): void {
  const read = (pragma: string): unknown => Object.values(database.prepare(`pragma ${pragma}`).get() ?? {})[0];
  const version = String(Object.values(database.prepare('select sqlite_version()').get() ?? {})[0]);
  const faults = [
    ...(isAtLeast(version, versionFloor) ? [] : [`SQLite is ${version}, older than ${versionFloor.join('.')}`]),
    ...(read('journal_mode') === 'wal' ? [] : [`journal_mode is ${read('journal_mode')}, not wal`]),
    ...(read('synchronous') === 2 ? [] : [`synchronous is ${read('synchronous')}, not 2 (full)`]),
    ...(read('foreign_keys') === 1 ? [] : ['foreign_keys is off']),
    ...(read('secure_delete') === 1 ? [] : ['secure_delete is off']),
  ];
  if (faults.length === 0) return;
  throw new ExecutionError('SNAP_STORE_UNAVAILABLE', 'The SQLite store cannot be used safely.', {
    reason: faults.join('; '),
    resolution: 'put the data directory on a local file system and use a current Node 24',
  });
}

function isAtLeast(version: string, floor: readonly [number, number, number]): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major !== floor[0]) return major > floor[0];
  if (minor !== floor[1]) return minor > floor[1];
  return patch >= floor[2];
}

/** Kysely asks for better-sqlite3's shape; statements are kept, since preparing one costs more than running it. */
function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, StatementSync>();
  const prepare = (text: string): StatementSync => {
    const known = statements.get(text);
    if (known !== undefined) return known;
    if (statements.size >= statementsMax) statements.clear();
    const statement = database.prepare(text);
    statements.set(text, statement);
    return statement;
  };
  return {
    close: () => database.close(),
    prepare: (text) => {
      const statement = prepare(text);
      const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      };
    },
  };
}

const sqliteCode = (error: unknown): number => {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? code : 0;
};

function readSqliteError(error: unknown): { reason: string; isDiskFull: boolean } {
  const primary = sqliteCode(error) % 256;
  const { errstr, code, message } = error as { errstr?: unknown; code?: unknown; message?: unknown };
  // `errstr` is SQLite's fixed text for the code; a message of Node's file calls names the path only.
  const words = typeof errstr === 'string' ? errstr : typeof message === 'string' ? message : 'unknown';
  return {
    reason: `SQLite: ${words} (${primary === 0 ? String(code) : primary})`,
    isDiskFull: primary === 13 || code === 'ENOSPC' || code === 'EDQUOT',
  };
}

async function inspectSqlite(db: Kysely<Tables>): Promise<readonly StoreFinding[]> {
  const read = async (expression: string): Promise<string> => {
    const { rows } = await sql.raw<Record<string, unknown>>(expression).execute(db);
    return String(Object.values(rows[0] ?? {})[0]);
  };
  const version = await read('select sqlite_version()');
  const journal = await read('pragma journal_mode');
  const synchronous = await read('pragma synchronous');
  const busy = await read('pragma busy_timeout');
  const erases = await read('pragma secure_delete');
  const keys = await read('pragma foreign_keys');
  const integrity = await read('pragma quick_check(1)');
  return [
    finding(
      'sqlite version',
      version,
      isAtLeast(version, versionFloor),
      `use a Node with SQLite ${versionFloor.join('.')} or later`,
    ),
    finding('journal mode', journal, journal === 'wal', 'put the data directory on a local file system'),
    finding('synchronous', synchronous, synchronous === '2', 'the store must run with synchronous = full'),
    finding('busy timeout', `${busy} ms`, Number(busy) >= 5000, 'the store must wait 5 s or longer for a lock'),
    finding('secure delete', erases, erases === '1', 'the store must overwrite what it deletes'),
    finding('foreign keys', keys, keys === '1', 'the store must enforce foreign keys'),
    finding('integrity', integrity, integrity === 'ok', 'restore the store from a backup'),
  ];
}

const scrubAttemptsMax = 200;

// Deleted rows live on in the write-ahead log until it is copied back and cut to nothing; a reader elsewhere can delay that.
async function scrubSqlite(db: Kysely<Tables>): Promise<void> {
  for (let attempt = 0; attempt < scrubAttemptsMax; attempt += 1) {
    if (await db.connection().execute(cutLog)) return;
    await delay(50);
  }
  throw new ExecutionError('SNAP_STORE_UNAVAILABLE', 'Deleted rows could not be erased from the write-ahead log.', {
    reason: 'another process kept reading the store',
    resolution: 'stop other hosts on this data directory, then repeat the command',
    retryable: true,
  });
}

async function cutLog(connection: Kysely<Tables>): Promise<boolean> {
  await sql`pragma busy_timeout = 0`.execute(connection);
  try {
    const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(connection);
    return rows[0]?.busy === 0;
  } finally {
    await sql.raw(`pragma busy_timeout = ${busyTimeoutMs}`).execute(connection);
  }
}

// Owns PostgreSQL: the pool and what durability rests on there. Relies on no session state, so a transaction pooler may stand between.
import { CompiledQuery, type Driver, type Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { ConfigurationError } from '../../errors.ts';
import type { StoreFinding } from '../contract.ts';
import { finding, type StoreDatabase } from '../database.ts';
import { type ErrorReader, guardDialect } from '../guard.ts';
import type { Tables } from '../tables.ts';

const connectionsMax = 8;
const connectTimeoutMs = 10_000;
const int8Oid = 20;
/** Any fixed number serves: it names our migrations among the advisory locks of the database. */
const migrationLockId = 7_266_701;

/** Gives the PostgreSQL database of a `postgres://` URL. Connections are opened when first needed. */
export function openPostgres(url: string): StoreDatabase {
  if (!URL.canParse(url)) {
    throw new ConfigurationError('SNAP_CONFIG_INVALID', 'The store could not be opened.', {
      reason: 'the PostgreSQL URL does not parse',
      resolution:
        'write postgres://USER:PASSWORD@HOST:PORT/DATABASE in SNAPS_DATABASE_URL, special characters percent-encoded',
    });
  }
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'snaps',
    // Versions, sequences and times stay far below 2^53, so a bigint may be a number.
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === int8Oid ? Number : pg.types.getTypeParser(oid, format as 'text'),
    },
  });
  // An idle connection that the server ends would otherwise end the process; the next query opens a new one.
  pool.on('error', () => undefined);
  // The same of one that is lent out between two statements: whoever has it is told by its next statement.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    dialect: guardDialect(new BoundedDialect({ pool }), readPostgresError),
    capabilities: {
      now: sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
      hasRowLocks: true,
      migrationLock: sql`select pg_advisory_xact_lock(${sql.lit(migrationLockId)})`,
      light: { first: sql`set local synchronous_commit = off` },
    },
    inspect: inspectPostgres,
    // What PostgreSQL keeps of deleted rows (dead tuples, WAL, backups) is its administrator's; it is sealed in any case.
    scrub: async (db) => {
      await sql`vacuum accounts, token_sets, authorizations, key_wraps`.execute(db);
    },
  };
}

/**
 * A client that is cut off in the middle of a transaction must not keep its row locks: whoever takes its lease over would wait for
 * them. The bound is set within the transaction, so that a transaction pooler may stand between, and travels with its beginning.
 */
class BoundedDialect extends PostgresDialect {
  override createDriver(): Driver {
    const driver = super.createDriver();
    driver.beginTransaction = async (connection) => {
      await connection.executeQuery(CompiledQuery.raw(beginBounded));
    };
    return driver;
  }
}

const beginBounded = 'begin; set local idle_in_transaction_session_timeout = 5000';

/** The server ends, starts or is not there (class 08, 57P01 to 57P03), or the system says so. */
const lostCodes = /^(?:08\w{3}|57P0[1-3]|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT)$/u;

/** What a failure of PostgreSQL may say of itself: its code, never its text. */
export function readPostgresError(error: unknown): ReturnType<ErrorReader> {
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
  const isKnown = typeof code === 'string' && /^[0-9A-Z_]{5,32}$/.test(code);
  return {
    reason: isKnown ? `PostgreSQL: ${code}` : `PostgreSQL: the connection failed (${String(name ?? 'unknown')})`,
    isDiskFull: code === '53100',
    isConnectionLost: lostCodes.test(String(code)) || (code === undefined && /connection/iu.test(String(message))),
  };
}

async function inspectPostgres(db: Kysely<Tables>): Promise<readonly StoreFinding[]> {
  const { rows } = await sql<{ name: string; setting: string }>`
    select name, setting from pg_settings
    where name in ('server_version', 'synchronous_commit', 'fsync', 'full_page_writes') order by name`.execute(db);
  const value = (name: string): string => rows.find((row) => row.name === name)?.setting ?? 'unknown';
  const commits = value('synchronous_commit');
  return [
    finding(
      'postgresql version',
      value('server_version'),
      Number.parseInt(value('server_version'), 10) >= 13,
      'use PostgreSQL 13 or later',
    ),
    finding(
      'synchronous_commit',
      commits,
      commits !== 'off',
      'set synchronous_commit = on: a token set must survive a power cut',
    ),
    finding('fsync', value('fsync'), value('fsync') === 'on', 'set fsync = on'),
    finding(
      'full_page_writes',
      value('full_page_writes'),
      value('full_page_writes') === 'on',
      'set full_page_writes = on',
    ),
  ];
}

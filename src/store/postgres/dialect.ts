// Owns PostgreSQL: the pool and what durability rests on there. Relies on no session state, so a transaction pooler may stand between.
import { type Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { ConfigurationError } from '../../errors.ts';
import type { StoreFinding } from '../contract.ts';
import { finding, type StoreDatabase } from '../database.ts';
import { guardDialect } from '../guard.ts';
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
  return {
    dialect: guardDialect(new PostgresDialect({ pool }), readPostgresError),
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

/** What a failure of PostgreSQL may say of itself: its code, never its text. */
export function readPostgresError(error: unknown): { reason: string; isDiskFull: boolean } {
  const { code, name } = error as { code?: unknown; name?: unknown };
  const isKnown = typeof code === 'string' && /^[0-9A-Z_]{5,32}$/.test(code);
  return {
    reason: isKnown ? `PostgreSQL: ${code}` : `PostgreSQL: the connection failed (${String(name ?? 'unknown')})`,
    isDiskFull: code === '53100',
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

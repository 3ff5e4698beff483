// Owns PostgreSQL databases of pipelines: one connection a snap. Relies on no session state beyond its own transactions.
import pg from 'pg';
import { ConfigurationError, ExecutionError } from '../../errors.ts';
import {
  type ColumnType,
  type DatabaseAccount,
  type SqlDatabase,
  SqlFailure,
  type SqlRow,
  type SqlValue,
} from './database.ts';

const connectTimeoutMs = 10_000;
const statementTimeoutMs = 600_000;
/** PostgreSQL counts values of a statement in sixteen bits. */
const valuesMax = 60_000;

const typeNames: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'bigint',
  number: 'double precision',
  decimal: 'numeric',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamptz',
  json: 'jsonb',
};

const oid = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  json: 114,
  float4: 700,
  float8: 701,
  timestamp: 1114,
  timestamptz: 1184,
  jsonb: 3802,
} as const;

/** How texts of the server become JSON: numbers that a double may not hold stay text, times are ISO 8601. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [oid.bool]: (text) => text === 't',
  [oid.bytea]: (text) => Buffer.from(text.slice(2), 'hex').toString('base64'),
  [oid.int2]: Number,
  [oid.int4]: Number,
  [oid.int8]: (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text),
  [oid.float4]: finite,
  [oid.float8]: finite,
  [oid.json]: (text) => JSON.parse(text) as unknown,
  [oid.jsonb]: (text) => JSON.parse(text) as unknown,
  [oid.timestamp]: (text) => text.replace(' ', 'T'),
  [oid.timestamptz]: (text) => text.replace(' ', 'T').replace(/([+-]\d{2})$/u, '$1:00'),
};

/** JSON has no NaN and no infinity. */
function finite(text: string): unknown {
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

export async function openPostgres({ url, password }: DatabaseAccount): Promise<SqlDatabase> {
  if (!URL.canParse(url)) {
    throw new ConfigurationError('SNAP_ACCOUNT_INVALID', 'The database of the account was not opened.', {
      reason: 'its url does not parse',
      resolution: 'write postgres://USER@HOST:PORT/DATABASE, special characters percent-encoded',
    });
  }
  const client = new pg.Client({
    connectionString: url,
    ...(password === undefined ? {} : { password }),
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    application_name: 'snaps',
    types: { getTypeParser: (type: number) => parsers[type] ?? ((text: string) => text) } as pg.CustomTypesConfig,
  });
  // A connection that the server ends would otherwise end the process; the next statement fails by itself.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (thrown) {
    await client.end().catch(() => undefined);
    throw unreachable(thrown, url);
  }
  return new PostgresDatabase(client);
}

const diskFullCode = '53100';

class PostgresDatabase implements SqlDatabase {
  readonly typeNames = typeNames;
  readonly valuesMax = valuesMax;
  readonly #client: pg.Client;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  placeholder(place: number): string {
    return `$${place}`;
  }

  async query(text: string, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    try {
      return (await this.#client.query(text, [...values])).rows as SqlRow[];
    } catch (thrown) {
      throw postgresFailure(thrown);
    }
  }

  /** Runs a text that must be one statement: "select 1; commit; drop table x" would leave the reading transaction. */
  async #queryOne(text: string, values: readonly SqlValue[]): Promise<void> {
    const config = { text, values: [...values], queryMode: 'extended' };
    await this.#client.query(config).catch((thrown: unknown) => {
      throw postgresFailure(thrown);
    });
  }

  async *read(text: string, values: readonly SqlValue[], batchRows: number): AsyncGenerator<readonly SqlRow[]> {
    await this.query('begin read only');
    try {
      await this.#queryOne(`declare snaps_rows no scroll cursor for ${text}`, values);
      for (;;) {
        const rows = await this.query(`fetch ${batchRows} from snaps_rows`);
        if (rows.length === 0) return;
        yield rows;
      }
    } finally {
      await this.#client.query('rollback').catch(() => undefined);
    }
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.query('begin');
    try {
      const result = await work();
      await this.query('commit');
      return result;
    } catch (thrown) {
      await this.#client.query('rollback').catch(() => undefined);
      throw thrown;
    }
  }

  async columns(table: string): Promise<readonly string[]> {
    const [name = table, schema = null] = table.split('.').toReversed();
    const rows = await this.query(
      `select column_name as name from information_schema.columns
       where table_name = $1 and table_schema = coalesce($2, current_schema()) order by ordinal_position`,
      [name, schema],
    );
    return rows.map((row) => String(row.name));
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}

/** The server's own words name columns and constraints; they may repeat a value of the row, never a credential. */
function postgresFailure(thrown: unknown): SqlFailure | ExecutionError {
  const { code = '', message = '' } = thrown as { code?: string; message?: string };
  if (code === diskFullCode) {
    return new ExecutionError('SNAP_DISK_FULL', 'The database has no space left.', {
      reason: `PostgreSQL ${code}`,
      resolution: 'make room for the database, then resume the run, and no row is written twice',
      retryable: true,
    });
  }
  // Classes 22 (data), 23 (constraints) and P0 (a trigger's own refusal) are about the row.
  return new SqlFailure(`PostgreSQL ${code || 'connection'}: ${message}`, /^(?:22|23|P0)/u.test(code));
}

function unreachable(thrown: unknown, url: string): ExecutionError {
  const { code = 'unknown' } = thrown as { code?: string };
  const { host, pathname } = new URL(url);
  const isRefused = code.startsWith('28');
  return new ExecutionError('SNAP_DATABASE_FAILED', `The database ${host}${pathname} was not opened.`, {
    reason: isRefused ? `it refuses the user or the password (${code})` : `connecting failed with ${code}`,
    resolution: isRefused
      ? 'correct user and password of the account'
      : 'check that the server runs and that its address is right, then try again',
    retryable: !isRefused,
  });
}

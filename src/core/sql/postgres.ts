// Owns PostgreSQL databases of pipelines: one connection a snap.
import pg from 'pg';
import { parseExact } from '../../document/exact-json.ts';
import { ConfigurationError, ExecutionError } from '../../errors.ts';
import {
  type ColumnKind,
  type ColumnType,
  type DatabaseAccount,
  type FailureAbout,
  refuseTwice,
  type SqlColumn,
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
  text: 25,
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
  [oid.json]: parseExact,
  [oid.jsonb]: parseExact,
  [oid.timestamp]: (text) => text.replace(' ', 'T'),
  [oid.timestamptz]: (text) => text.replace(' ', 'T').replace(/([+-]\d{2})$/u, '$1:00'),
};

/** Arrays of the types above, and of some that are text to us, by the type of the array (pg_type). */
const elementTypes: Readonly<Record<number, number>> = {
  199: oid.json,
  1000: oid.bool,
  1001: oid.bytea,
  1005: oid.int2,
  1007: oid.int4,
  1016: oid.int8,
  1021: oid.float4,
  1022: oid.float8,
  1115: oid.timestamp,
  1185: oid.timestamptz,
  3807: oid.jsonb,
  ...Object.fromEntries([1009, 1014, 1015, 1182, 1231, 2951].map((type) => [type, oid.text])),
};

/** As it is at run time; its published type says otherwise. */
const arrays = pg.types.arrayParser as unknown as {
  create(text: string, parse: (element: string) => unknown): { parse(): unknown[] };
};

const asText = (text: string): unknown => text;

function parserOf(type: number): (text: string) => unknown {
  const element = elementTypes[type];
  if (element === undefined) return parsers[type] ?? asText;
  return (text) => arrays.create(text, parsers[element] ?? asText).parse();
}

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
    types: { getTypeParser: parserOf } as pg.CustomTypesConfig,
  });
  // A connection that the server ends would otherwise end the process; the next statement fails by itself.
  client.on('error', () => undefined);
  try {
    await client.connect();
    // A database or a user may be set to say times, bytes and intervals in other words than those that are read here.
    await client.query("set datestyle = 'ISO, YMD'; set bytea_output = 'hex'; set intervalstyle = 'postgres'");
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
    return (await this.#ask(text, values)).rows;
  }

  async #ask(text: string, values: readonly SqlValue[]): Promise<pg.QueryResult<SqlRow>> {
    try {
      return await this.#client.query<SqlRow>(text, [...values]);
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
        const { rows, fields } = await this.#ask(`fetch ${batchRows} from snaps_rows`, []);
        refuseTwice(fields.map(({ name }) => name));
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

  async columns(table: string): Promise<readonly SqlColumn[]> {
    const columns = await this.#typed(table);
    return columns.map(({ name, type }) => ({ name, kind: kinds[type] ?? 'plain' }));
  }

  async holdsBytes(table: string, column: string): Promise<boolean> {
    return (await this.#typed(table)).some(({ name, type }) => name === column && type === 'bytea');
  }

  async #typed(table: string): Promise<readonly { readonly name: string; readonly type: string }[]> {
    const [name = table, schema = null] = table.split('.').toReversed();
    const rows = await this.query(
      `select column_name as name, data_type as type from information_schema.columns
       where table_name = $1 and table_schema = coalesce($2, current_schema()) order by ordinal_position`,
      [name, schema],
    );
    return rows.map(({ name: column, type }) => ({ name: String(column), type: String(type) }));
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}

/** The types of information_schema into which values are not written as they are. */
const kinds: Readonly<Record<string, ColumnKind>> = { ARRAY: 'array', json: 'json', jsonb: 'json' };

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
  return new SqlFailure(`PostgreSQL ${code || 'connection'}: ${message}`, aboutOf(code));
}

/** Classes 22 (data), 23 (constraints) and P0 (a trigger's own refusal) are about the row; 42 (syntax, names, rights), 3F (schema) and 08P01 (values) about the statement. */
function aboutOf(code: string): FailureAbout {
  if (/^(?:22|23|P0)/u.test(code)) return 'row';
  return /^(?:42|3F|08P01)/u.test(code) ? 'statement' : 'database';
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

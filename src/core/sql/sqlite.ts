// Owns SQLite databases of pipelines. Calls are synchronous below; a lock of another process is waited for off the thread.
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolders } from '../durable-folder.ts';
import { fileError, type PathOptions, resolveFile } from '../file-path.ts';
import {
  type ColumnType,
  quoted,
  quotedTable,
  refuseTwice,
  type SqlColumn,
  type SqlDatabase,
  SqlFailure,
  type SqlRow,
  type SqlValue,
} from './database.ts';

const busyTimeoutMs = 10_000;
const busyPollMs = 20;
/** A statement that does not fit the database: its syntax, a name, a place without a value. */
const errorCode = 1;
const busyCode = 5;
const fullCode = 13;
/** Codes of a statement whose row is at fault: too big, constraint, wrong type. */
const rowCodes: ReadonlySet<number> = new Set([18, 19, 20]);
const valuesMax = 30_000;

const typeNames: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'integer',
  number: 'real',
  // SQLite has no decimals: as text no digit is lost.
  decimal: 'text',
  boolean: 'integer',
  date: 'text',
  timestamp: 'text',
  json: 'text',
};

/** Opens the file; it is made when missing. A relative path begins in the output directory; an absolute one stands in the account by its operator's will. */
export async function openSqlite(file: string, options: PathOptions): Promise<SqlDatabase> {
  const allowPaths = options.allowPaths || path.isAbsolute(file);
  const resolved = await resolveFile(file, { ...options, allowPaths });
  await makeFolders(path.dirname(resolved)).catch((thrown: unknown) => {
    throw fileError(thrown, `Making the folder of ${file}`);
  });
  try {
    const database = new DatabaseSync(resolved);
    database.exec('pragma synchronous = full; pragma foreign_keys = on');
    return new SqliteDatabase(database);
  } catch (thrown) {
    throw sqliteFailure(thrown);
  }
}

class SqliteDatabase implements SqlDatabase {
  readonly typeNames = typeNames;
  readonly valuesMax = valuesMax;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  placeholder(place: number): string {
    return `?${place}`;
  }

  async query(text: string, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    return await waitWhileBusy(() =>
      this.#prepare(text)
        .all(...values.map(toSqlite))
        .map(fromSqlite),
    );
  }

  async *read(text: string, values: readonly SqlValue[], batchRows: number): AsyncGenerator<readonly SqlRow[]> {
    // What a person wrote as a question must not be able to change anything.
    this.#database.exec('pragma query_only = on');
    try {
      let batch: SqlRow[] = [];
      const statement = this.#prepare(text);
      refuseSecond(text, statement.sourceSQL);
      refuseTwice(statement.columns().map(({ name }) => name));
      for (const row of statement.iterate(...values.map(toSqlite))) {
        batch.push(fromSqlite(row as Record<string, unknown>));
        if (batch.length < batchRows) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    } catch (thrown) {
      throw sqliteFailure(thrown);
    } finally {
      this.#database.exec('pragma query_only = off');
    }
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await waitWhileBusy(() => this.#database.exec('begin immediate'));
    try {
      const result = await work();
      // A reader in another process holds a commit up for as long as it reads.
      await waitWhileBusy(() => this.#database.exec('commit'));
      return result;
    } catch (thrown) {
      if (this.#database.isTransaction) this.#database.exec('rollback');
      throw sqliteFailure(thrown);
    }
  }

  async columns(table: string): Promise<readonly SqlColumn[]> {
    const [name = table, schema = 'main'] = table.split('.').toReversed();
    const rows = await this.query('select name from pragma_table_info(?1, ?2)', [name, schema]);
    return rows.map((row) => ({ name: String(row.name), kind: 'plain' }));
  }

  async holdsBytes(table: string, column: string): Promise<boolean> {
    // Bytes come behind everything else in the order of SQLite.
    const order = `order by ${quoted(column)} desc limit 1`;
    const [last] = await this.query(`select typeof(${quoted(column)}) as kind from ${quotedTable(table)} ${order}`);
    return last?.kind === 'blob';
  }

  async close(): Promise<void> {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    try {
      const statement = this.#database.prepare(text);
      statement.setReadBigInts(true);
      this.#statements.set(text, statement);
      return statement;
    } catch (thrown) {
      throw sqliteFailure(thrown);
    }
  }
}

/** SQLite reads one statement and says nothing of what stands behind it. */
function refuseSecond(text: string, first: string): void {
  const behind = text.slice(first.length).trim();
  if (behind !== '' && !/^(?:--|\/\*)/u.test(behind)) {
    throw new SqlFailure('the query holds more than one statement', 'statement');
  }
}

async function waitWhileBusy<T>(step: () => T): Promise<T> {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      return step();
    } catch (thrown) {
      if (codeOf(thrown) !== busyCode || performance.now() > deadline) throw sqliteFailure(thrown);
    }
    await delay(1 + Math.random() * busyPollMs);
  }
}

/** A number goes as a double unless it is a bigint, and the double 5 becomes the text "5.0" in a column of text. */
function toSqlite(value: SqlValue): string | number | bigint | null {
  if (typeof value === 'boolean') return BigInt(value);
  if (typeof value === 'object') return value === null ? null : JSON.stringify(value);
  return Number.isSafeInteger(value) ? BigInt(value as number) : value;
}

/** Integers beyond a double stay exact as text; bytes are base64. */
function fromSqlite(row: Record<string, unknown>): SqlRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (typeof value === 'bigint') return [name, Number.isSafeInteger(Number(value)) ? Number(value) : String(value)];
      return [name, value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value];
    }),
  );
}

function codeOf(thrown: unknown): number {
  return Number((thrown as { errcode?: number }).errcode ?? 0) % 256;
}

function sqliteFailure(thrown: unknown): unknown {
  if (thrown instanceof SqlFailure) return thrown;
  const code = codeOf(thrown);
  if (code === 0 && (thrown as { code?: string }).code !== 'ERR_SQLITE_ERROR') return thrown;
  if (code === fullCode) return fileError({ code: 'ENOSPC' }, 'Writing the database');
  return new SqlFailure(
    `SQLite ${code}: ${(thrown as Error).message}`,
    rowCodes.has(code) ? 'row' : code === errorCode ? 'statement' : 'database',
  );
}

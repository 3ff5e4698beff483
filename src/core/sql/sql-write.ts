// Owns core.sql-write: documents to the rows of a table, each exactly once whenever the process is killed.
import type { Document } from '../../document/document.ts';
import { isRawNumber, rawDigits } from '../../document/exact-json.ts';
import type { JsonValue } from '../../document/json.ts';
import { ConfigurationError, DataError } from '../../errors.ts';
import type { SnapContext, SnapExecutor } from '../../snap/executor.ts';
import { type ColumnKind, type ColumnType, type SqlDatabase, SqlFailure, type SqlValue } from './database.ts';
import { databaseError, rowError } from './failures.ts';
import { documentHash, Progress } from './progress.ts';
import { createStatement, type WriteMode, type WriteTarget, writeStatement } from './statements.ts';

interface WriteSettings {
  readonly table: string;
  readonly mode?: WriteMode;
  readonly key?: readonly string[];
  readonly columns?: Readonly<Record<string, ColumnType>>;
  readonly createTable?: boolean;
  readonly unknownFields?: 'fail' | 'ignore';
}

/** Documents of one transaction at most. */
const transactionDocumentsMax = 1_000;
/** A document that may be too much for the process when it is written: while the engine is careful, it is written by itself. */
const heavyCharacters = 64 * 1024;
/** Rows of one statement at most. */
const statementRowsMax = 200;

interface Row {
  readonly document: Document;
  readonly columns: readonly string[];
  readonly values: readonly SqlValue[];
  readonly hash: string;
}

/**
 * Documents wait in memory until there are enough of them or a checkpoint comes; then one transaction writes their rows and,
 * with them, which documents they were. States of a document: waiting, committed (its row and its hash are durable), covered
 * (a checkpoint names its commit). A process killed between committed and covered gets the document again on resume and
 * passes it over by its hash. No transaction stays open while documents are waited for.
 */
export function createSqlWrite(open: () => Promise<SqlDatabase>): SnapExecutor {
  return new SqlWriter(open);
}

class SqlWriter implements SnapExecutor {
  readonly #open: () => Promise<SqlDatabase>;
  #database: SqlDatabase | undefined;
  #progress: Progress | undefined;
  #context: SnapContext | undefined;
  #target: WriteTarget = { table: '', mode: 'insert', key: [] };
  #known: ReadonlySet<string> = new Set();
  #kinds: ReadonlyMap<string, ColumnKind> = new Map();
  #done = new Map<string, number>();
  #ignoresUnknown = false;
  #waiting: Row[] = [];
  #written = 0;

  constructor(open: () => Promise<SqlDatabase>) {
    this.#open = open;
  }

  async run(context: SnapContext): Promise<void> {
    this.#context = context;
    const settings = (await context.resolve()) as unknown as WriteSettings;
    const { table, mode = 'insert', key = [], unknownFields = 'fail' } = settings;
    this.#target = { table, mode, key };
    this.#ignoresUnknown = unknownFields === 'ignore';
    refuseWithoutKey(context.snapId, this.#target);
    const restored = context.restored as unknown as { commit: number; written: number } | undefined;
    this.#written = restored?.written ?? 0;
    await this.#guard(async () => {
      const database = await this.#open();
      this.#database = database;
      await this.#prepareTable(database, settings);
      const opened = await Progress.open(database, context, restored?.commit ?? 0);
      this.#progress = opened.progress;
      this.#done = opened.done;
    });
    for await (const batch of context.input()) {
      for (const document of batch) await this.#take(document);
      const isAlone = context.isCareful && batch.some(({ weight }) => weight >= heavyCharacters);
      if (this.#waiting.length >= transactionDocumentsMax || isAlone) await this.#flush();
    }
    await this.#flush();
  }

  async snapshot(): Promise<JsonValue> {
    await this.#flush();
    await this.#guard(async () => await this.#progress?.prune());
    return { commit: this.#progress?.commit ?? 0, written: this.#written };
  }

  async close(committed: boolean): Promise<void> {
    try {
      if (committed) await this.#guard(async () => await this.#progress?.remove());
      if (committed && this.#database !== undefined) {
        this.#context?.addOutput({
          path: `table ${this.#target.table}`,
          documents: this.#written,
          bytes: 0,
          sha256: '',
        });
      }
    } finally {
      await this.#database?.close();
    }
  }

  async #prepareTable(database: SqlDatabase, { columns, createTable = false }: WriteSettings): Promise<void> {
    if (createTable && columns !== undefined) await database.query(createStatement(database, this.#target, columns));
    this.#kinds = new Map((await database.columns(this.#target.table)).map(({ name, kind }) => [name, kind]));
    const found = [...this.#kinds.keys()];
    if (found.length === 0) {
      throw new ConfigurationError('SNAP_SETTINGS_INVALID', `The table "${this.#target.table}" was not found.`, {
        reason: 'the database has no table of that name, or the user may not see it',
        resolution: 'make it, or write its "columns" with their types and "createTable": true',
      });
    }
    this.#known = new Set(columns === undefined ? found : Object.keys(columns));
    const missing = [...this.#target.key, ...this.#known].filter((name) => !found.includes(name));
    if (missing.length === 0) return;
    throw new ConfigurationError('SNAP_SETTINGS_INVALID', `The table "${this.#target.table}" lacks columns.`, {
      reason: `it has no ${missing.map((name) => JSON.stringify(name)).join(', ')}; it has ${found.join(', ')}`,
      resolution: 'correct the key and the columns, or change the table',
    });
  }

  async #take(document: Document): Promise<void> {
    const hash = documentHash(document.json);
    const times = this.#done.get(hash) ?? 0;
    if (times > 0) {
      if (times === 1) this.#done.delete(hash);
      else this.#done.set(hash, times - 1);
      this.#written += 1;
      return;
    }
    const fields = Object.entries(document.value);
    const unknown = fields.map(([name]) => name).filter((name) => !this.#known.has(name));
    const wanted = fields.filter(([name]) => this.#known.has(name) && this.#takes(name));
    const missing = this.#target.key.filter(
      (name) => document.value[name] === undefined || document.value[name] === null,
    );
    if (unknown.length > 0 && !this.#ignoresUnknown)
      await this.#context?.fail(document, unknownColumns(unknown, this.#known));
    else if (missing.length > 0) await this.#context?.fail(document, noKey(missing));
    else if (wanted.length === 0) await this.#context?.fail(document, noKey([...this.#known]));
    else if (this.#target.mode === 'update' && wanted.every(([name]) => this.#target.key.includes(name)))
      await this.#context?.fail(document, noChange());
    else {
      const columns = wanted.map(([name]) => name);
      const values = wanted.map(([name, value]) => toSqlValue(value, this.#kinds.get(name)));
      this.#waiting.push({ document, columns, values, hash });
    }
  }

  /** A deletion needs the key alone. */
  #takes(name: string): boolean {
    return this.#target.mode !== 'delete' || this.#target.key.includes(name);
  }

  async #flush(): Promise<void> {
    const rows = this.#waiting;
    if (rows.length === 0) return;
    this.#waiting = [];
    const refused: { readonly row: Row; readonly failure: SqlFailure }[] = [];
    await this.#guard(async () => {
      const [database, progress] = [this.#opened(), this.#progress];
      await database.transaction(async () => {
        refused.length = 0;
        for (const group of groups(rows, this.#target, database.valuesMax)) {
          refused.push(...(await this.#writeGroup(database, group)));
        }
        const bad = new Set(refused.map(({ row }) => row));
        await progress?.note(rows.filter((row) => !bad.has(row)).map(({ hash }) => hash));
      });
      progress?.confirm();
    });
    this.#written += rows.length - refused.length;
    for (const { row, failure } of refused)
      await this.#context?.fail(row.document, rowError(failure, this.#target.table));
  }

  /** Writes rows together; when the database refuses one of them, each by itself, so that only the refused are lost. */
  async #writeGroup(database: SqlDatabase, group: readonly Row[]): Promise<{ row: Row; failure: SqlFailure }[]> {
    const failure = await this.#try(database, group);
    if (failure === undefined) return [];
    if (group.length === 1) return [{ row: group[0] as Row, failure }];
    const refused: { row: Row; failure: SqlFailure }[] = [];
    for (const row of group) {
      const own = await this.#try(database, [row]);
      if (own !== undefined) refused.push({ row, failure: own });
    }
    return refused;
  }

  async #try(database: SqlDatabase, rows: readonly Row[]): Promise<SqlFailure | undefined> {
    await database.query('savepoint snaps_rows');
    try {
      const text = writeStatement(database, this.#target, rows[0]?.columns ?? [], rows.length);
      const changed = await database.query(
        text,
        rows.flatMap(({ values }) => values),
      );
      if (this.#target.mode === 'update' && changed.length === 0) throw new SqlFailure('no row has this key', 'row');
      await database.query('release savepoint snaps_rows');
      return undefined;
    } catch (thrown) {
      // Several rows of one key cannot be in one upsert: that too is told apart row by row.
      if (!(thrown instanceof SqlFailure) || !(thrown.about === 'row' || rows.length > 1)) throw thrown;
      await database.query('rollback to savepoint snaps_rows');
      return thrown;
    }
  }

  #opened(): SqlDatabase {
    if (this.#database !== undefined) return this.#database;
    throw new SqlFailure('the database is not open', 'database');
  }

  async #guard(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      throw thrown instanceof SqlFailure ? databaseError(thrown, `Writing "${this.#target.table}"`) : thrown;
    }
  }
}

/** Rows in their order, in runs of the same columns that fit one statement. */
function* groups(rows: readonly Row[], { mode }: WriteTarget, valuesMax: number): Generator<readonly Row[]> {
  const isMany = mode === 'insert' || mode === 'upsert';
  let group: Row[] = [];
  for (const row of rows) {
    const first = group[0];
    const fits =
      first === undefined ||
      (isMany &&
        group.length < statementRowsMax &&
        (group.length + 1) * first.columns.length <= valuesMax &&
        first.columns.join('\0') === row.columns.join('\0'));
    if (!fits) {
      yield group;
      group = [];
    }
    group.push(row);
  }
  if (group.length > 0) yield group;
}

/** Objects and arrays go as JSON text, unless the column takes arrays; numbers that a double cannot hold as their digits. */
function toSqlValue(value: JsonValue, kind: ColumnKind = 'plain'): SqlValue {
  if (kind === 'json') return toJsonText(value);
  if (kind === 'array' && Array.isArray(value)) return value.map((element) => toSqlValue(element, kind));
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  return isRawNumber(value) ? rawDigits(value) : JSON.stringify(value);
}

/** Text that is a JSON object or array, as a CSV cell holds it, goes in as that; other text as a JSON string. Null is no value. */
function toJsonText(value: JsonValue): SqlValue {
  if (value === null) return null;
  if (typeof value !== 'string' || !/^\s*[[{]/u.test(value)) return JSON.stringify(value);
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}

function refuseWithoutKey(snapId: string, { mode, key }: WriteTarget): void {
  if (mode === 'insert' || key.length > 0) return;
  throw new ConfigurationError('SNAP_SETTINGS_INVALID', `The snap "${snapId}" has no key.`, {
    reason: `"${mode}" must know which row a document is about`,
    resolution: 'write the columns of its key, as "key": ["id"]',
  });
}

function unknownColumns(names: readonly string[], known: ReadonlySet<string>): DataError {
  return new DataError('SNAP_DOCUMENT_INVALID', 'The document has fields that the table has not.', {
    reason: `no columns: ${names.slice(0, shownMax).join(', ')}; columns: ${[...known].slice(0, shownMax).join(', ')}`,
    resolution: 'shape documents with core.map, or write "unknownFields": "ignore"',
  });
}

function noKey(names: readonly string[]): DataError {
  return new DataError('SNAP_DOCUMENT_INVALID', 'The document does not say which row it is.', {
    reason: `it has no ${names.slice(0, shownMax).join(', ')}`,
    resolution: 'give the document its key',
  });
}

function noChange(): DataError {
  return new DataError('SNAP_DOCUMENT_INVALID', 'The document changes nothing.', {
    reason: 'it has its key, and no other field that is a column',
    resolution: 'give the document the fields to change',
  });
}

const shownMax = 20;

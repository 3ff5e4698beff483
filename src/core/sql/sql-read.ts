// Owns core.sql-read: the rows of a table or of a query as documents.
import { Document } from '../../document/document.ts';
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { ConfigurationError } from '../../errors.ts';
import type { SnapContext, SnapExecutor } from '../../snap/executor.ts';
import { quoted, quotedTable, type SqlDatabase, SqlFailure, type SqlRow, type SqlValue } from './database.ts';
import { databaseError } from './failures.ts';

interface ReadSettings {
  readonly table?: string;
  readonly columns?: readonly string[];
  readonly key?: string;
  readonly query?: string;
  readonly values?: readonly JsonValue[];
}

/** Rows that leave together. */
const batchRows = 200;

/**
 * A table with a key is read in key order, page by page: a resume goes on behind the last key, whatever changed meanwhile. A query
 * is read to its end in one transaction that sees one moment; a resume asks again and passes over as many rows as it had, so it should
 * have an order.
 */
export function createSqlRead(open: () => Promise<SqlDatabase>): SnapExecutor {
  let database: SqlDatabase | undefined;
  return {
    async run(context: SnapContext): Promise<void> {
      const settings = (await context.resolve()) as unknown as ReadSettings;
      refuseUnclear(context.snapId, settings);
      try {
        database = await open();
        if (settings.table !== undefined && settings.key !== undefined) await readTable(database, settings, context);
        else await readQuery(database, settings, context);
      } catch (thrown) {
        throw thrown instanceof SqlFailure ? databaseError(thrown, `Reading in "${context.snapId}"`) : thrown;
      }
    },
    close: async () => await database?.close(),
  };
}

async function readTable(database: SqlDatabase, settings: ReadSettings, context: SnapContext): Promise<void> {
  const { table = '', columns = [], key = '' } = settings;
  const list = columns.length === 0 ? '*' : [...new Set([key, ...columns])].map(quoted).join(', ');
  const restored = context.restored as { after: SqlValue; read: number } | undefined;
  if (await database.holdsBytes(table, key)) throw badKey(context.snapId, key, 'it holds bytes');
  let after: SqlValue | undefined = restored?.after;
  let read = restored?.read ?? 0;
  for (;;) {
    context.signal.throwIfAborted();
    const where = after === undefined ? '' : ` where ${quoted(key)} > ${database.placeholder(1)}`;
    // One row more than a page tells whether the next page begins with the key that this one ends with: it would be passed over.
    const found = await database.query(
      `select ${list} from ${quotedTable(table)}${where} order by ${quoted(key)} limit ${batchRows + 1}`,
      after === undefined ? [] : [after],
    );
    const rows = found.slice(0, batchRows);
    if (rows.length === 0) return;
    const last = rows.at(-1)?.[key] as SqlValue | undefined;
    if (last === undefined || last === null) throw badKey(context.snapId, key, 'a row has nothing in it');
    if (found[batchRows]?.[key] === last) throw badKey(context.snapId, key, `several rows have ${String(last)} in it`);
    after = last;
    read += rows.length;
    await context.emit(toDocuments(rows, context, read), { position: { after, read } });
  }
}

async function readQuery(database: SqlDatabase, settings: ReadSettings, context: SnapContext): Promise<void> {
  const { query, table = '', columns = [], values = [] } = settings;
  const list = columns.length === 0 ? '*' : columns.map(quoted).join(', ');
  const text = query ?? `select ${list} from ${quotedTable(table)}`;
  const { read: skipped = 0 } = (context.restored ?? {}) as { read?: number };
  let read = 0;
  for await (const all of database.read(text, values.map(toValue), batchRows)) {
    context.signal.throwIfAborted();
    const rows = all.slice(Math.max(skipped - read, 0));
    read += all.length;
    if (rows.length > 0) await context.emit(toDocuments(rows, context, read), { position: { read } });
  }
}

function toDocuments(rows: readonly SqlRow[], { snapId }: SnapContext, read: number): Document[] {
  return rows.map((row, at) =>
    Document.fromValue(row as JsonObject, { snap: snapId, page: 'rows', index: read - rows.length + at }),
  );
}

function toValue(value: JsonValue): SqlValue {
  return value === null || typeof value !== 'object' ? value : JSON.stringify(value);
}

function refuseUnclear(snapId: string, { table, query, key, columns }: ReadSettings): void {
  const isOne = (table === undefined) !== (query === undefined);
  if (isOne && (query === undefined || (key === undefined && columns === undefined))) return;
  throw new ConfigurationError('SNAP_SETTINGS_INVALID', `The snap "${snapId}" does not say what to read.`, {
    reason: isOne
      ? '"key" and "columns" belong to a table, and it has a query'
      : 'it must have either "table" or "query"',
    resolution: 'write a table, best with its key, or a query that selects and orders by itself',
  });
}

function badKey(snapId: string, key: string, reason: string): ConfigurationError {
  return new ConfigurationError('SNAP_SETTINGS_INVALID', `The snap "${snapId}" cannot read by "${key}".`, {
    reason,
    resolution: 'name a column that is unique and never null, the primary key for instance',
  });
}

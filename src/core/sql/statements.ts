// Owns the statements of core.sql-write: text with places for values, never values in the text.
import { type ColumnType, quoted, quotedTable, type SqlDatabase } from './database.ts';

export type WriteMode = 'insert' | 'upsert' | 'update' | 'delete';

export interface WriteTarget {
  readonly table: string;
  readonly mode: WriteMode;
  readonly key: readonly string[];
}

/** One statement that writes `rows` rows of these columns; only inserts and upserts take more than one row. */
export function writeStatement(
  database: SqlDatabase,
  { table, mode, key }: WriteTarget,
  columns: readonly string[],
  rows = 1,
): string {
  const place = (column: number, row = 0): string => database.placeholder(row * columns.length + column + 1);
  const matches = key.map((name) => `${quoted(name)} = ${place(columns.indexOf(name))}`).join(' and ');
  const others = columns.filter((name) => !key.includes(name));
  if (mode === 'delete') return `delete from ${quotedTable(table)} where ${matches}`;
  if (mode === 'update') {
    const changes = others.map((name) => `${quoted(name)} = ${place(columns.indexOf(name))}`).join(', ');
    return `update ${quotedTable(table)} set ${changes} where ${matches} returning 1`;
  }
  const values = Array.from({ length: rows }, (_, row) => `(${columns.map((_name, at) => place(at, row)).join(', ')})`);
  const insert = `insert into ${quotedTable(table)} (${columns.map(quoted).join(', ')}) values ${values.join(', ')}`;
  if (mode === 'insert') return insert;
  const changes = others.map((name) => `${quoted(name)} = excluded.${quoted(name)}`).join(', ');
  return `${insert} on conflict (${key.map(quoted).join(', ')}) do ${changes === '' ? 'nothing' : `update set ${changes}`}`;
}

/** Makes the table with its columns and key; nothing when it is there. */
export function createStatement(
  database: SqlDatabase,
  { table, key }: WriteTarget,
  columns: Readonly<Record<string, ColumnType>>,
): string {
  const parts = Object.entries(columns).map(([name, type]) => `${quoted(name)} ${database.typeNames[type]}`);
  if (key.length > 0) parts.push(`primary key (${key.map(quoted).join(', ')})`);
  return `create table if not exists ${quotedTable(table)} (${parts.join(', ')})`;
}

// Owns the narrow door to a database that a pipeline reads or writes. Differences between databases are in sqlite.ts and postgres.ts.
/** A value as it goes to a database. */
export type SqlValue = string | number | boolean | null;

export type SqlRow = Readonly<Record<string, unknown>>;

/** Types of columns, in our words; what they are called is the database's. */
export type ColumnType = 'text' | 'integer' | 'number' | 'decimal' | 'boolean' | 'date' | 'timestamp' | 'json';

export interface SqlDatabase {
  /** Name of each type in this database. */
  readonly typeNames: Readonly<Record<ColumnType, string>>;
  /** Values that one statement takes at most. */
  readonly valuesMax: number;
  /** The text of the n-th value in a statement, from 1. */
  placeholder(place: number): string;
  /** Runs one statement. Throws a SqlFailure. */
  query(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Rows of a reading statement in batches, in bounded memory, with nothing changed. */
  read(text: string, values: readonly SqlValue[], batchRows: number): AsyncIterable<readonly SqlRow[]>;
  /** Runs `work` in one transaction that is durable when it resolves, and undone when it throws. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** The columns of a table; empty when there is none of that name. */
  columns(table: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A statement that the database refused. `isRow` tells that the row is at fault and others may go on. */
export class SqlFailure extends Error {
  readonly isRow: boolean;
  readonly reason: string;

  constructor(reason: string, isRow: boolean) {
    super(reason);
    this.name = 'SqlFailure';
    this.reason = reason;
    this.isRow = isRow;
  }
}

/** What an account of a database holds. */
export interface DatabaseAccount {
  /** `sqlite:PATH` or `postgres://USER@HOST:PORT/DATABASE`, without a password. */
  readonly url: string;
  readonly password: string | undefined;
}

/** A name as an identifier, whatever stands in it; "schema.table" is two. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quotedTable(name: string): string {
  return name.split('.').map(quoted).join('.');
}

// Owns the narrow door to a database that a pipeline reads or writes. Differences between databases are in sqlite.ts and postgres.ts.
/** A value as it goes to a database. */
export type SqlValue = string | number | boolean | null | SqlArray;

/** The elements of an array column, as the database's driver takes them. */
export type SqlArray = readonly SqlValue[];

/** How documents' values must be written for a column: as JSON text, as the elements of an array, or as they are. */
export type ColumnKind = 'json' | 'array' | 'plain';

export interface SqlColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

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
  columns(table: string): Promise<readonly SqlColumn[]>;
  /** Whether a column holds bytes: as text, which they travel as, they have another order. */
  holdsBytes(table: string, column: string): Promise<boolean>;
  close(): Promise<void>;
}

/** What a refusal is about: the row, and others may go on; the statement, which no repetition mends; or the database. */
export type FailureAbout = 'row' | 'statement' | 'database';

/** A statement that the database refused. */
export class SqlFailure extends Error {
  readonly about: FailureAbout;
  readonly reason: string;

  constructor(reason: string, about: FailureAbout) {
    super(reason);
    this.name = 'SqlFailure';
    this.about = about;
    this.reason = reason;
  }
}

/** A document has one member of a name: of two columns of one name, one would be lost. */
export function refuseTwice(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new SqlFailure(`two columns are named ${JSON.stringify(twice)}`, 'statement');
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

// What one database brings: its dialect, its capabilities as data, and the few duties that have no common SQL.
import type { Dialect, Kysely, RawBuilder, Transaction } from 'kysely';
import type { StoreFinding } from './contract.ts';
import { reconnecting } from './guard.ts';
import type { Tables } from './tables.ts';

/** How databases differ, as data: code asks for a capability, never for a database by name. */
export interface Capabilities {
  /** The database's clock in whole ms since the epoch. */
  readonly now: RawBuilder<number>;
  /** True where writers run side by side, so that a row read for a decision must be locked; false where one writer runs at a time. */
  readonly hasRowLocks: boolean;
  /** Keeps a second migration waiting until the first has ended; undefined where a writing transaction does so by itself. */
  readonly migrationLock: RawBuilder<unknown> | undefined;
  /** What is said around a transaction, or first in it, that need not survive a power cut: its commit then waits for no disk. */
  readonly light: {
    readonly before?: RawBuilder<unknown>;
    readonly first?: RawBuilder<unknown>;
    readonly after?: RawBuilder<unknown>;
  };
}

export interface StoreDatabase {
  readonly dialect: Dialect;
  readonly capabilities: Capabilities;
  inspect(db: Kysely<Tables>): Promise<readonly StoreFinding[]>;
  scrub(db: Kysely<Tables>): Promise<void>;
}

/** What every table class works with. */
export interface StoreContext {
  readonly db: Kysely<Tables>;
  readonly capabilities: Capabilities;
}

/** Inside a writing transaction. */
export interface WriteContext {
  readonly db: Transaction<Tables>;
  readonly capabilities: Capabilities;
}

export interface WriteOptions {
  /** The steps come to the same when they are done twice: also a lost answer to the commit may be followed by another attempt. */
  readonly isRepeatable?: boolean;
}

/** Runs the steps in one writing transaction: all of them or none. They run again when the connection was lost before the commit. */
export function write<T>(
  { db, capabilities }: StoreContext,
  steps: (context: WriteContext) => Promise<T>,
  { isRepeatable = false }: WriteOptions = {},
): Promise<T> {
  let isCommitting = false;
  const attempt = (): Promise<T> => {
    isCommitting = false;
    return db.transaction().execute(async (transaction) => {
      const result = await steps({ db: transaction, capabilities });
      isCommitting = true;
      return result;
    });
  };
  return reconnecting(attempt, () => isRepeatable || !isCommitting);
}

/** As `write`, for what must survive the death of this process and may be lost with the power of the machine. */
export function writeLightly<T>(
  { db, capabilities }: StoreContext,
  steps: (context: WriteContext) => Promise<T>,
): Promise<T> {
  const { before, first, after } = capabilities.light;
  return db.connection().execute(async (connection) => {
    await before?.execute(connection);
    try {
      return await connection.transaction().execute(async (transaction) => {
        await first?.execute(transaction);
        return await steps({ db: transaction, capabilities });
      });
    } finally {
      await after?.execute(connection);
    }
  });
}

/** Builds a finding of `inspect`: good when the value is the wanted one. */
export function finding(name: string, value: string, isGood: boolean, resolution: string): StoreFinding {
  return { name, value, isGood, resolution: isGood ? '' : resolution };
}

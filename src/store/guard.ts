// Wraps a driver so that every database error leaves as ours: a driver's error may quote values, so only its code and class are kept.
import { setTimeout as delay } from 'node:timers/promises';
import type { CompiledQuery, DatabaseConnection, Dialect, Driver } from 'kysely';
import { ExecutionError, SnapError } from '../errors.ts';

/** Reads the parts of a foreign error that name the fault and cannot hold a value. */
export type ErrorReader = (error: unknown) => {
  readonly reason: string;
  readonly isDiskFull: boolean;
  /** The connection was lost, or none could be had: the server restarts, say. What was not committed was not done. */
  readonly isConnectionLost?: boolean;
};

/** How long a server that restarts is waited for. */
const patienceMs = 5_000;
const retryMs = 200;

/** A failure of the connection, not of what was asked. */
export class ConnectionLost extends ExecutionError {}

/** Does it again while the connection is lost, for five seconds; `mayRepeat` tells whether the last attempt may have had an effect. */
export async function reconnecting<T>(work: () => Promise<T>, mayRepeat: () => boolean = () => true): Promise<T> {
  const endsAt = performance.now() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ConnectionLost) || !mayRepeat() || performance.now() > endsAt) throw error;
    }
    await delay(retryMs);
  }
}

/** Gives the dialect with its errors rebuilt as SNAP_STORE_UNAVAILABLE and SNAP_DISK_FULL. */
export function guardDialect(dialect: Dialect, read: ErrorReader): Dialect {
  return {
    createDriver: () => guardDriver(dialect.createDriver(), read),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  };
}

function guardDriver(driver: Driver, read: ErrorReader): Driver {
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw rebuild(error, read);
    }
  };
  const inner = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const outer = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const unwrap = (connection: DatabaseConnection): DatabaseConnection => inner.get(connection) ?? connection;
  const wrap = (connection: DatabaseConnection): DatabaseConnection => {
    const known = outer.get(connection);
    if (known !== undefined) return known;
    const wrapped: DatabaseConnection = {
      executeQuery: <R>(query: CompiledQuery, options?: Parameters<DatabaseConnection['executeQuery']>[1]) =>
        guard(() => connection.executeQuery<R>(query, options)),
      streamQuery: (query, chunkSize, options) => connection.streamQuery(query, chunkSize, options),
    };
    inner.set(wrapped, connection);
    outer.set(connection, wrapped);
    return wrapped;
  };
  return {
    init: (options) => guard(() => driver.init(options)),
    acquireConnection: (options) =>
      reconnecting(() => guard(async () => wrap(await driver.acquireConnection(options)))),
    beginTransaction: (connection, settings) => guard(() => driver.beginTransaction(unwrap(connection), settings)),
    commitTransaction: (connection) => guard(() => driver.commitTransaction(unwrap(connection))),
    rollbackTransaction: (connection) => guard(() => driver.rollbackTransaction(unwrap(connection))),
    releaseConnection: (connection, options) => guard(() => driver.releaseConnection(unwrap(connection), options)),
    destroy: (options) => guard(() => driver.destroy(options)),
  };
}

function rebuild(error: unknown, read: ErrorReader): SnapError {
  if (error instanceof SnapError) return error;
  const { reason, isDiskFull, isConnectionLost = false } = read(error);
  if (isDiskFull) {
    return new ExecutionError('SNAP_DISK_FULL', 'The store could not be written.', {
      reason,
      resolution: 'free some space, then run "snaps doctor"',
      retryable: true,
    });
  }
  const Failure = isConnectionLost ? ConnectionLost : ExecutionError;
  return new Failure('SNAP_STORE_UNAVAILABLE', 'The store could not be read or written.', {
    reason,
    resolution: 'run "snaps doctor"; it checks the database and says what to change',
    retryable: true,
  });
}

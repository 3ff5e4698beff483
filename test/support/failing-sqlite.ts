// Makes the SQLite statements of this process fail as a full, read-only or unreachable disk makes them fail, from the nth on.
import { StatementSync } from 'node:sqlite';

/** SQLite's own result codes (sqlite.org/rescode.html). */
export const sqliteFaults = {
  ENOSPC: { errcode: 13, errstr: 'database or disk is full' },
  EROFS: { errcode: 8, errstr: 'attempt to write a readonly database' },
  EACCES: { errcode: 14, errstr: 'unable to open database file' },
  EMFILE: { errcode: 14, errstr: 'unable to open database file' },
} as const;

export interface FailingSqlite {
  /** Statements that ran since the last call of `fail`. */
  readonly count: number;
  /** Lets every statement from the nth on fail; undefined lets all through. */
  fail(code: keyof typeof sqliteFaults, nth: number | undefined): void;
  close(): void;
}

type Run = (this: StatementSync, ...values: unknown[]) => unknown;

export function failingSqlite(): FailingSqlite {
  const prototype = StatementSync.prototype as unknown as Record<'run' | 'all', Run>;
  const originals = { run: prototype.run, all: prototype.all };
  let [count, from] = [0, Number.POSITIVE_INFINITY];
  let failure: { errcode: number; errstr: string } = sqliteFaults.ENOSPC;
  for (const method of ['run', 'all'] as const) {
    prototype[method] = function (...values) {
      count += 1;
      if (count >= from) throw Object.assign(new Error(failure.errstr), { code: 'ERR_SQLITE_ERROR', ...failure });
      return originals[method].apply(this, values);
    };
  }
  return {
    get count() {
      return count;
    },
    fail: (code, nth = Number.POSITIVE_INFINITY) => {
      [count, from, failure] = [0, nth, sqliteFaults[code]];
    },
    close: () => Object.assign(prototype, originals),
  };
}

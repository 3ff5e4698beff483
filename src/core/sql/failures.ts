// Owns how a database's refusal is told: about one row, or about the whole.
import { DataError, ExecutionError } from '../../errors.ts';
import type { SqlFailure } from './database.ts';

const shownCharactersMax = 300;

export function rowError({ reason }: SqlFailure, table: string): DataError {
  return new DataError('SNAP_ROW_REFUSED', `The table "${table}" does not take the row.`, {
    reason: reason.slice(0, shownCharactersMax),
    resolution: 'mend the document and replay it, or change the table',
  });
}

export function databaseError({ reason, about }: SqlFailure, doing: string): ExecutionError {
  const isLasting = about === 'statement';
  return new ExecutionError('SNAP_DATABASE_FAILED', `${doing} failed.`, {
    reason: reason.slice(0, shownCharactersMax),
    resolution: isLasting
      ? "correct the snap's settings or the tables that they name, then run again"
      : 'see to the database; then resume the run, and no row is written twice',
    retryable: !isLasting,
  });
}

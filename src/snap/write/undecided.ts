// Owns the words about writes of which nobody knows whether they took effect.
import { DataError, ExecutionError, type SnapError } from '../../errors.ts';

export interface UndecidedWrite {
  readonly sequence: number;
  readonly request: string;
  readonly key: string | null;
  readonly reason: string;
}

const namedMax = 20;

/** The error of one document whose write is undecided. */
export function undecidedError(write: UndecidedWrite, snapId: string): SnapError {
  return new ExecutionError('SNAP_WRITE_UNDECIDED', 'It is not known whether a write took effect.', {
    reason: describe(write),
    resolution: resolution(snapId),
  });
}

/** The error that ends a run with undecided writes; it names them. */
export function undecidedWrites(writes: readonly UndecidedWrite[], snapId: string): ExecutionError {
  const named = writes.slice(0, namedMax).map(describe).join('; ');
  const more = writes.length > namedMax ? `; and ${writes.length - namedMax} more` : '';
  const count = writes.length === 1 ? '1 write' : `${writes.length} writes`;
  return new ExecutionError('SNAP_WRITE_UNDECIDED', `It is not known whether ${count} of "${snapId}" took effect.`, {
    reason: `${named}${more}`,
    resolution: resolution(snapId),
  });
}

const describe = ({ sequence, request, key, reason }: UndecidedWrite) =>
  `write ${sequence}, ${request}${key === null ? '' : ` with the key ${key}`}: ${reason}`;

const resolution = (snapId: string) =>
  `look at the far side, then say what you found with "snaps runs decide RUN --snap ${snapId} --write N --done" or "--not-done", and resume the run`;

/** The error of a file that was not sent because nobody knows whether the record has it. */
export function unknownFiles(reason: string): DataError {
  return new DataError('SNAP_RECORD_AMBIGUOUS', 'It cannot be told whether the record has this file.', {
    reason,
    resolution: 'attach it in any case, or leave it out',
  });
}

/** The error that a refused write left in the journal. */
export function recordedRefusal(text: string): DataError {
  const { code, message, ...details } = JSON.parse(text) as ReturnType<SnapError['toJSON']>;
  return new DataError(code, message, details);
}

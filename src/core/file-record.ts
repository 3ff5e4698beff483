// Owns what a reader of a file hands on: the text of one record, or what is wrong with it.
import { DataError } from '../errors.ts';

/** A record's text, or what is wrong with it. `line` counts from 1 and names it in messages. */
export interface FileRecord {
  readonly json: string;
  readonly line: number;
  readonly fault?: string;
}

/** No record, line or cell of a file is longer. */
export const recordBytesMax = 16 * 1024 * 1024;

/** Thrown by a reader, which does not know the file's name, for a fault behind which it cannot go on. */
export class FileFault extends Error {
  readonly line: number;

  constructor(line: number, reason: string) {
    super(reason);
    this.line = line;
  }
}

export function badRecord(file: string, line: number, fault: string): DataError {
  return new DataError('SNAP_DOCUMENT_INVALID', `Line ${line} of ${file} is no document.`, {
    reason: fault,
    resolution: 'correct the file, or set the format that it is in',
  });
}

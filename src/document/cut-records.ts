// Owns cutting a page (a JSON array of objects) into the texts of its records without building objects.
// It checks the structure that it walks: brackets, strings, separators; what a record says is checked by who parses it.
import { isUtf8 } from 'node:buffer';
import { ExecutionError } from '../errors.ts';
import {
  asBuffer,
  backslash,
  closeBrace,
  closeBracket,
  comma,
  openBrace,
  openBracket,
  quote,
  skipSpace,
  textStart,
} from './json-bytes.ts';

/** Deeper nesting is refused: writing such a value again would overflow the stack. */
export const depthMax = 200;

/**
 * The texts of a page's records in UTF-8, in order, as they were written; parts of the page itself where that is bytes. Throws SNAP_ANSWER_MALFORMED, naming the offset in
 * bytes, when the page is not one JSON array of objects in UTF-8, is cut short, or nests deeper than `depthMax`.
 */
export function cutRecords(page: Uint8Array | string): Buffer[] {
  // A byte loop cuts twice as fast as one over a string, and what nobody looks inside never becomes one.
  const bytes = typeof page === 'string' ? Buffer.from(page) : asBuffer(page);
  if (!isUtf8(bytes)) throw malformed(bytes, 0, 'it is not UTF-8');
  const records: Buffer[] = [];
  let at = textStart(bytes);
  if (bytes[at] !== openBracket) throw malformed(bytes, at, 'it must begin with "["');
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === closeBracket) {
    expectEnd(bytes, at + 1);
    return records;
  }
  for (;;) {
    if (bytes[at] !== openBrace) throw malformed(bytes, at, 'a record must begin with "{"');
    const end = endOfObject(bytes, at);
    records.push(bytes.subarray(at, end));
    at = skipSpace(bytes, end);
    if (bytes[at] === closeBracket) break;
    if (bytes[at] !== comma) throw malformed(bytes, at, 'a record must be followed by "," or "]"');
    at = skipSpace(bytes, at + 1);
  }
  expectEnd(bytes, at + 1);
  return records;
}

/** The offset behind the object that begins at `start`. */
function endOfObject(bytes: Buffer, start: number): number {
  const closers = new Uint8Array(depthMax);
  const length = bytes.length;
  let depth = 0;
  for (let at = start; at < length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) {
      at = closingQuote(bytes, at);
    } else if (byte === openBrace || byte === openBracket) {
      if (depth === depthMax) throw malformed(bytes, at, `more than ${depthMax} levels are nested`);
      closers[depth] = byte + 2;
      depth += 1;
    } else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1;
      if (closers[depth] !== byte)
        throw malformed(bytes, at, `"${String.fromCharCode(byte)}" closes nothing that is open`);
      if (depth === 0) return at + 1;
    }
  }
  throw malformed(bytes, length, 'the text ends inside a record');
}

function closingQuote(bytes: Buffer, start: number): number {
  const length = bytes.length;
  for (let at = start + 1; at < length; at += 1) {
    const byte = bytes[at] as number;
    if (byte === quote) return at;
    if (byte === backslash) at += 1;
    else if (byte < 0x20) throw malformed(bytes, at, 'a control character stands inside a string');
  }
  throw malformed(bytes, length, 'the text ends inside a string');
}

function expectEnd(bytes: Buffer, at: number): void {
  const end = skipSpace(bytes, at);
  if (end < bytes.length) throw malformed(bytes, end, 'nothing may follow the array');
}

function malformed(bytes: Buffer, offset: number, why: string): ExecutionError {
  const found =
    offset < bytes.length
      ? `found ${JSON.stringify(bytes.toString('utf8', offset, offset + 20))}`
      : 'the text ends there';
  return new ExecutionError('SNAP_ANSWER_MALFORMED', 'A page of records is not a JSON array of objects.', {
    reason: `at offset ${offset}: ${why}; ${found}`,
    resolution: 'look at the answer of the far side; if it was cut short, run again',
  });
}

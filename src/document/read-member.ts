// Owns reading one top-level member of a record's text without parsing the rest (an id for paging, say).
import { DataError } from '../errors.ts';
import { parseExact } from './exact-json.ts';
import type { JsonValue } from './json.ts';
import {
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  isSpace,
  openBrace,
  openBracket,
  quote,
  skipSpace,
} from './json-bytes.ts';

/**
 * The value of a top-level member, or undefined when the record has none of that name. The first of doubled members
 * counts. Throws SNAP_DOCUMENT_INVALID when the text is not a JSON object up to the member.
 */
export function readMember(record: Buffer, name: string): JsonValue | undefined {
  const place = findMember(record, name);
  return place === undefined ? undefined : parsed(record.toString('utf8', place.at, place.end), place.at);
}

/** The text of a top-level member's value as it was written; otherwise like `readMember`. */
export function memberText(record: Buffer, name: string): Buffer | undefined {
  const place = findMember(record, name);
  return place === undefined ? undefined : record.subarray(place.at, place.end);
}

function findMember(bytes: Buffer, name: string): { readonly at: number; readonly end: number } | undefined {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== openBrace) throw invalid(at, 'a record must begin with "{"');
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === closeBrace) return undefined;
  for (;;) {
    if (bytes[at] !== quote) throw invalid(at, 'a member must begin with its name in quotes');
    const nameEnd = endOfString(bytes, at);
    const isWanted = nameOf(bytes, at, nameEnd) === name;
    at = skipSpace(bytes, nameEnd);
    if (bytes[at] !== colon) throw invalid(at, 'a name must be followed by ":"');
    at = skipSpace(bytes, at + 1);
    const end = endOfValue(bytes, at);
    if (isWanted) return { at, end };
    at = skipSpace(bytes, end);
    if (bytes[at] === closeBrace) return undefined;
    if (bytes[at] !== comma) throw invalid(at, 'a member must be followed by "," or "}"');
    at = skipSpace(bytes, at + 1);
  }
}

function nameOf(bytes: Buffer, start: number, end: number): string {
  const plain = bytes.toString('utf8', start + 1, end - 1);
  return plain.includes('\\') ? String(parsed(`"${plain}"`, start)) : plain;
}

function endOfValue(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first === quote) return endOfString(bytes, start);
  let at = start;
  if (first !== openBrace && first !== openBracket) {
    while (at < bytes.length && !isValueEnd(bytes[at])) at += 1;
    return at;
  }
  for (let depth = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) at = endOfString(bytes, at) - 1;
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) depth -= 1;
    if (depth === 0) return at + 1;
  }
  throw invalid(at, 'the text ends inside a value');
}

function endOfString(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) return at + 1;
    if (byte === backslash) at += 1;
  }
  throw invalid(bytes.length, 'the text ends inside a string');
}

const isValueEnd = (byte: number | undefined): boolean =>
  byte === comma || byte === closeBrace || byte === closeBracket || isSpace(byte);

function parsed(text: string, offset: number): JsonValue {
  try {
    return parseExact(text);
  } catch {
    throw invalid(offset, 'a value is not JSON');
  }
}

function invalid(offset: number, why: string): DataError {
  return new DataError('SNAP_DOCUMENT_INVALID', 'A record is not a JSON object.', {
    reason: `at offset ${offset} in bytes: ${why}`,
    resolution: 'look at the original; the far side wrote it so',
  });
}

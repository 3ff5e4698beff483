// Owns reading one top-level member of a record's text without parsing the rest (an id for paging, say).
import { DataError } from '../errors.ts';
import { parseExact } from './exact-json.ts';
import type { JsonValue } from './json.ts';

/**
 * The value of a top-level member, or undefined when the record has none of that name. The first of doubled members
 * counts. Throws SNAP_DOCUMENT_INVALID when the text is not a JSON object up to the member.
 */
export function readMember(json: string, name: string): JsonValue | undefined {
  const place = findMember(json, name);
  return place === undefined ? undefined : parsed(json.slice(place.at, place.end), place.at);
}

/** The text of a top-level member's value as it was written; otherwise like `readMember`. */
export function memberText(json: string, name: string): string | undefined {
  const place = findMember(json, name);
  return place === undefined ? undefined : json.slice(place.at, place.end);
}

function findMember(json: string, name: string): { readonly at: number; readonly end: number } | undefined {
  let at = skipSpace(json, 0);
  if (json[at] !== '{') throw invalid(at, 'a record must begin with "{"');
  at = skipSpace(json, at + 1);
  if (json[at] === '}') return undefined;
  for (;;) {
    if (json[at] !== '"') throw invalid(at, 'a member must begin with its name in quotes');
    const nameEnd = endOfString(json, at);
    const isWanted = nameOf(json, at, nameEnd) === name;
    at = skipSpace(json, nameEnd);
    if (json[at] !== ':') throw invalid(at, 'a name must be followed by ":"');
    at = skipSpace(json, at + 1);
    const end = endOfValue(json, at);
    if (isWanted) return { at, end };
    at = skipSpace(json, end);
    if (json[at] === '}') return undefined;
    if (json[at] !== ',') throw invalid(at, 'a member must be followed by "," or "}"');
    at = skipSpace(json, at + 1);
  }
}

function nameOf(json: string, start: number, end: number): string {
  const plain = json.slice(start + 1, end - 1);
  return plain.includes('\\') ? String(parsed(json.slice(start, end), start)) : plain;
}

function endOfValue(json: string, start: number): number {
  const first = json[start];
  if (first === '"') return endOfString(json, start);
  let at = start;
  if (first !== '{' && first !== '[') {
    while (at < json.length && !',}] \n\r\t'.includes(json[at] as string)) at += 1;
    return at;
  }
  for (let depth = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') at = endOfString(json, at) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0) return at + 1;
  }
  throw invalid(at, 'the text ends inside a value');
}

function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') return at + 1;
    if (character === '\\') at += 1;
  }
  throw invalid(json.length, 'the text ends inside a string');
}

function skipSpace(json: string, start: number): number {
  let at = start;
  while (at < json.length && ' \n\r\t'.includes(json[at] as string)) at += 1;
  return at;
}

function parsed(text: string, offset: number): JsonValue {
  try {
    return parseExact(text);
  } catch {
    throw invalid(offset, 'a value is not JSON');
  }
}

function invalid(offset: number, why: string): DataError {
  return new DataError('SNAP_DOCUMENT_INVALID', 'A record is not a JSON object.', {
    reason: `at offset ${offset}: ${why}`,
    resolution: 'look at the original; the far side wrote it so',
  });
}

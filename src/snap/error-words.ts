// Owns reading what the far side says in an error answer, in whatever shape it says it. Bounded, and safe to print.
import { XMLParser } from 'fast-xml-parser';
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { ErrorShape } from '../pack/index.ts';
import { valueAt } from '../schema/index.ts';

export interface ErrorWords {
  /** At most `wordsLengthMax` characters, without control characters. */
  readonly text: string;
  /** The field that it names first, as it is on the wire. */
  readonly field: string | undefined;
}

const wordsLengthMax = 500;
const bodyLengthMax = 65_536;

/** The words of an error body by the first shape that fits; a web page gives its title; else the body itself. */
export function readErrorWords(body: string, shapes: readonly ErrorShape[]): ErrorWords {
  const text = body.slice(0, bodyLengthMax).trim();
  if (text === '') return { text: 'nothing', field: undefined };
  if (isWebPage(text)) return { text: `a web page${titleOf(text)}`, field: undefined };
  const format = text.startsWith('<') ? 'xml' : 'json';
  const parsed = format === 'xml' ? parseXml(text) : parseJsonBody(text);
  for (const shape of shapes) {
    if (shape.format !== format || parsed === undefined) continue;
    const pointer = format === 'xml' ? `/${shape.at}` : shape.at;
    const words = wordsOf(valueAt(parsed, pointer));
    if (words !== undefined) return words;
  }
  return { text: printable(text), field: undefined };
}

/** Whether a text is HTML: a login page, or a proxy's own words. */
export function isWebPage(text: string): boolean {
  return /^\s*(<!doctype html|<html|<head|<body)/i.test(text);
}

/** A text of the far side made safe for a terminal: one line, no control characters, bounded. */
export function printable(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > wordsLengthMax ? `${line.slice(0, wordsLengthMax)}…` : line;
}

function wordsOf(value: JsonValue | undefined): ErrorWords | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'object') return { text: printable(String(value)), field: undefined };
  if (Array.isArray(value)) {
    const texts = flatten(value);
    return texts.length === 0 ? undefined : { text: printable(texts.join('; ')), field: undefined };
  }
  const entries = Object.entries(value as JsonObject).map(([field, inner]) => ({ field, texts: flatten(inner) }));
  const named = entries.filter(({ texts }) => texts.length > 0);
  if (named.length === 0) return undefined;
  return {
    text: printable(named.map(({ field, texts }) => `${field}: ${texts.join('; ')}`).join('. ')),
    field: named[0]?.field,
  };
}

function flatten(value: JsonValue): string[] {
  if (value === null || value === '') return [];
  if (Array.isArray(value)) return value.flatMap((each: JsonValue) => flatten(each));
  if (typeof value === 'object') {
    return Object.entries(value as JsonObject).map(([name, inner]) => `${name}: ${flatten(inner).join('; ')}`);
  }
  return [String(value)];
}

function parseJsonBody(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // Not JSON after all: the caller then gives the text as it is.
    return undefined;
  }
}

function parseXml(text: string): JsonValue | undefined {
  try {
    return new XMLParser({ ignoreAttributes: true, processEntities: false, parseTagValue: false }).parse(
      text,
    ) as JsonValue;
  } catch {
    return undefined;
  }
}

function titleOf(page: string): string {
  const title = /<title[^>]*>([^<]{1,200})/i.exec(page)?.[1];
  return title === undefined ? '' : ` titled "${printable(title)}"`;
}

// Owns parsing JSON without losing digits. Never changes what a number says when it is written again.
import type { JsonValue } from './json.ts';

/** A double keeps any number of fewer digits. */
const digitsKept = 15;
const hugeExponent = /\d[eE][+-]?\d{3}/;

interface ReviverContext {
  readonly source?: string;
}

/** TypeScript's library does not know JSON.rawJSON and the reviver's third parameter yet (ECMAScript 2026). */
const exactJson = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: ReviverContext) => unknown): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
};

/**
 * Parses a JSON text. A number that a double cannot hold becomes a raw number: it is written again with the same
 * digits, and is no number to expressions. Throws SyntaxError as JSON.parse does.
 */
export function parseExact(text: string): JsonValue {
  if (!mayLoseDigits(text)) return JSON.parse(text) as JsonValue;
  const keepDigits = (_key: string, value: unknown, context: ReviverContext): unknown =>
    typeof value === 'number' && context.source !== undefined && !holdsDigits(value, context.source)
      ? exactJson.rawJSON(context.source)
      : value;
  return exactJson.parse(text, keepDigits) as JsonValue;
}

/** Whether a text has a long run of digits or a huge exponent anywhere, be it in a string; most texts have none. */
function mayLoseDigits(text: string): boolean {
  // Every longer run covers one of these places, so the rest of the text is not looked at: a regex would cost as much as the parsing.
  const stride = digitsKept + 1;
  for (let at = digitsKept; at < text.length; at += stride) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let [start, end] = [at, at + 1];
    while (isDigit(text.charCodeAt(start - 1))) start -= 1;
    while (isDigit(text.charCodeAt(end))) end += 1;
    if (end - start > digitsKept) return true;
  }
  return hugeExponent.test(text);
}

/** A digit or the point among them; NaN, outside the text, is none. */
const isDigit = (code: number): boolean => (code >= 0x30 && code <= 0x39) || code === 0x2e;

/** True for a number that a double cannot hold, as `parseExact` makes it. */
export function isRawNumber(value: unknown): boolean {
  return exactJson.isRawJSON(value);
}

/** The digits of a raw number. */
export function rawDigits(value: unknown): string {
  return (value as { rawJSON: string }).rawJSON;
}

function holdsDigits(value: number, source: string): boolean {
  return Number.isFinite(value) && significantDigits(String(value)) === significantDigits(source);
}

/** Digits without sign, point, exponent and padding zeros: two spellings of one double agree in them. */
function significantDigits(number: string): string {
  return number
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
}

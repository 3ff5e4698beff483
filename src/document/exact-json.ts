// Owns parsing JSON without losing digits. Never changes what a number says when it is written again.
import type { JsonValue } from './json.ts';

/** Only a long run of digits or a huge exponent is more than a double keeps; most texts have none and parse the plain way. */
const manyDigits = /\d{16}|[\d.]{17}|\d[eE][+-]?\d{3}/;

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
  if (!manyDigits.test(text)) return JSON.parse(text) as JsonValue;
  const keepDigits = (_key: string, value: unknown, context: ReviverContext): unknown =>
    typeof value === 'number' && context.source !== undefined && !holdsDigits(value, context.source)
      ? exactJson.rawJSON(context.source)
      : value;
  return exactJson.parse(text, keepDigits) as JsonValue;
}

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

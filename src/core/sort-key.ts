// Owns the order and the equality of keys: values of an expression as bytes that compare the way the values do.

import { isRawNumber, rawDigits } from '../document/exact-json.ts';
import type { JsonValue } from '../document/json.ts';
import { parseDecimal } from './decimal.ts';

export type Direction = 'ascending' | 'descending';

/** How a value is compared: as it is, or text that holds a number as that number. */
export type Comparison = 'value' | 'number';

const kind = { nothing: 0, boolean: 1, number: 2, text: 3, structure: 4 } as const;
const mark = 0x00;
const marked = 0xff;

/**
 * The bytes of a key. Nothing and null come first, then false and true, numbers, text by its code points, and last
 * arrays and objects by their JSON text. Two keys have the same bytes only when they are the same value; 5 and "5" differ.
 */
export function encodeKey(values: readonly (JsonValue | undefined)[], directions: readonly Direction[] = []): Buffer {
  const parts = values.map((value, index) => {
    const part = encodeValue(value);
    if (directions[index] === 'descending') for (const [at, byte] of part.entries()) part[at] = 255 - byte;
    return part;
  });
  return Buffer.concat(parts);
}

/** The value that text with a number in it stands for, to be compared as one; undefined when it holds none. */
export function asNumber(value: JsonValue | undefined): JsonValue | undefined {
  if (value === undefined || value === null || typeof value === 'number' || isRawNumber(value)) return value ?? null;
  if (typeof value !== 'string' || parseDecimal(value) === undefined) return undefined;
  return Number(value);
}

/** Whether a part of the key is nothing or null. */
export function hasNothing(values: readonly (JsonValue | undefined)[]): boolean {
  return values.some((value) => value === undefined || value === null);
}

function encodeValue(value: JsonValue | undefined): Buffer {
  if (value === undefined || value === null) return Buffer.from([kind.nothing]);
  if (typeof value === 'boolean') return Buffer.from([kind.boolean, value ? 1 : 0]);
  if (typeof value === 'number') return encodeNumber(value, '');
  if (isRawNumber(value)) return encodeNumber(Number(rawDigits(value)), rawDigits(value));
  if (typeof value === 'string') return encodeText(kind.text, value);
  return encodeText(kind.structure, JSON.stringify(value));
}

/** Eight bytes of the double, turned so that they compare as it does; digits that it cannot hold follow. */
function encodeNumber(value: number, digits: string): Buffer {
  const double = Buffer.alloc(8);
  double.writeDoubleBE(value === 0 ? 0 : value);
  const isNegative = ((double[0] as number) & 0x80) !== 0;
  for (const [at, byte] of double.entries()) double[at] = isNegative ? 255 - byte : at === 0 ? byte ^ 0x80 : byte;
  return Buffer.concat([Buffer.from([kind.number]), double, encodeText(0, digits).subarray(1)]);
}

/** Text ends in two zero bytes, so that a shorter one comes first; a zero byte inside is marked. */
function encodeText(tag: number, text: string): Buffer {
  const bytes: number[] = [];
  const plain = Buffer.from(text);
  if (!plain.includes(mark)) return Buffer.concat([Buffer.from([tag]), plain, Buffer.from([mark, mark])]);
  for (const byte of plain) bytes.push(...(byte === mark ? [mark, marked] : [byte]));
  return Buffer.from([tag, ...bytes, mark, mark]);
}

// Owns what a filter compares with: the text of a query typed by the field it filters. A text that is not of the type is refused.
import type { FieldFact } from '../records/facts.ts';
import { problem } from './problem.ts';

/** Compares two values of one type; below 0 when the first is less. */
export type Compare<T> = (one: T, other: T) => number;

const isoInstant =
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?:T(?<time>\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(?<offset>Z|[+-]\d{2}:\d{2}))?$/u;

/**
 * Reads a strict ISO 8601 instant in milliseconds; a date without time is midnight UTC (API guide, "Querying Options").
 * Undefined for anything else, such as a time without offset or the 31st of June.
 */
export function readInstant(text: string): number | undefined {
  const found = isoInstant.exec(text)?.groups;
  if (!found) return undefined;
  const day = Date.parse(`${found.year}-${found.month}-${found.day}T00:00:00Z`);
  if (Number.isNaN(day) || new Date(day).getUTCDate() !== Number(found.day)) return undefined;
  const instant = found.time === undefined ? day : Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}

const decimalText = /^(?<sign>-?)(?<whole>\d{1,30})(?:\.(?<part>\d{1,30}))?$/u;

/** Compares two decimals exactly, whatever their number of digits. */
export function compareDecimals(one: string, other: string): number {
  // Up to fifteen digits a double is exact enough to order two decimals.
  if (one.length < 16 && other.length < 16) return Number(one) - Number(other);
  const [left, right] = [scaled(one), scaled(other)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const scaled = (text: string): bigint => {
  const { sign, whole, part } = decimalText.exec(text)?.groups ?? {};
  return BigInt(`${sign ?? ''}${whole ?? '0'}${(part ?? '').padEnd(30, '0')}`);
};

/** Gives the operand of a filter on a field, typed; refuses with status 400 what is not of the field's type. */
export function readOperand(fact: FieldFact, text: string): string | number | boolean {
  const refuse = (what: string): never => {
    throw problem(400, `${JSON.stringify(text)} is not ${what}`, fact.name);
  };
  switch (fact.kind) {
    case 'integer':
      return /^-?\d{1,15}$/u.test(text) ? Number(text) : refuse('an integer');
    case 'number':
      return decimalText.test(text) ? Number(text) : refuse('a number');
    case 'decimal':
      return decimalText.test(text) ? text : refuse('a decimal');
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : refuse('true or false');
    case 'date':
    case 'date-time':
      return readInstant(text) ?? refuse('an ISO 8601 date-time with offset');
    default:
      return text;
  }
}

// Owns the functions of an aggregate: each takes the values of one group one by one and gives one result.
import { isRawNumber, rawDigits } from '../document/exact-json.ts';
import type { JsonValue } from '../document/json.ts';
import { DataError } from '../errors.ts';
import { addDecimals, compareDecimals, type Decimal, decimalText, meanOf, parseDecimal, zero } from './decimal.ts';
import { encodeKey } from './sort-key.ts';

export type FoldName = 'count' | 'sum' | 'mean' | 'min' | 'max' | 'first' | 'last' | 'collect';

/** Nothing and null count for nothing, as in SQL. */
export interface Fold {
  add(value: JsonValue): void;
  /** Undefined when there was no value. */
  result(): JsonValue | undefined;
}

/** Values that one "collect" holds. */
const collectedMax = 100_000;

export function startFold(name: FoldName): Fold {
  return folds[name]();
}

/** The exact number of a value: a number, or text that holds one. */
export function numberOf(value: JsonValue): Decimal | undefined {
  if (typeof value === 'number') return parseDecimal(String(value));
  if (isRawNumber(value)) return parseDecimal(rawDigits(value));
  return typeof value === 'string' ? parseDecimal(value) : undefined;
}

const folds: Readonly<Record<FoldName, () => Fold>> = {
  count: () => {
    let count = 0;
    return ignoringNothing(
      () => {
        count += 1;
      },
      () => count,
    );
  },
  sum: () => adding((sum) => sum),
  mean: () => adding(meanOf),
  min: () => choosing((comparison) => comparison < 0),
  max: () => choosing((comparison) => comparison > 0),
  first: () => {
    let first: JsonValue | undefined;
    return ignoringNothing(
      (value) => {
        first ??= value;
      },
      () => first,
    );
  },
  last: () => {
    let last: JsonValue | undefined;
    return ignoringNothing(
      (value) => {
        last = value;
      },
      () => last,
    );
  },
  collect: () => {
    const all: JsonValue[] = [];
    return ignoringNothing(
      (value) => {
        if (all.length === collectedMax) throw tooMany();
        all.push(value);
      },
      () => all,
    );
  },
};

function ignoringNothing(add: (value: JsonValue) => void, result: Fold['result']): Fold {
  return {
    add: (value) => {
      if (value !== null) add(value);
    },
    result,
  };
}

/** Text stays text, with every digit; numbers alone give a number. */
function adding(finish: (sum: Decimal, count: number) => Decimal): Fold {
  let sum = zero;
  let count = 0;
  let isText = false;
  return ignoringNothing(
    (value) => {
      sum = addDecimals(sum, numberOf(value) ?? zero);
      isText ||= typeof value === 'string';
      count += 1;
    },
    () => {
      if (count === 0) return undefined;
      const text = decimalText(finish(sum, count));
      return isText ? text : Number(text);
    },
  );
}

/** Two values that hold numbers are compared as numbers, others in the order of sort keys. */
function choosing(isBetter: (comparison: number) => boolean): Fold {
  let chosen: JsonValue | undefined;
  return ignoringNothing(
    (value) => {
      if (chosen === undefined || isBetter(compare(value, chosen))) chosen = value;
    },
    () => chosen,
  );
}

function compare(left: JsonValue, right: JsonValue): number {
  const [one, other] = [numberOf(left), numberOf(right)];
  if (one !== undefined && other !== undefined) return compareDecimals(one, other);
  return Buffer.compare(encodeKey([left]), encodeKey([right]));
}

function tooMany(): DataError {
  return new DataError('SNAP_LIMIT_REACHED', 'A group of the aggregate is too large to be collected.', {
    reason: `it has more than ${collectedMax} values`,
    resolution: 'group by more fields, or count instead of collecting',
  });
}

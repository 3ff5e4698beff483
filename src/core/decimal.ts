// Owns sums of money: decimal text added without losing a digit. A double would.

/** An exact decimal: `units` divided by ten to the power of `scale`. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

const shape = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/u;
/** Digits that a decimal may have: text from outside must not make endless numbers. */
const digitsMax = 1_000;
/** Digits that a mean has more than the finest of its values. */
const meanDigits = 6;

export const zero: Decimal = { units: 0n, scale: 0 };

/** Reads "12.50", "-3" or "1e3"; undefined for anything else. */
export function parseDecimal(text: string): Decimal | undefined {
  if (text.length > digitsMax) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = shape.exec(text.trim()) ?? [];
  if (sign === undefined) return undefined;
  const scale = fraction.length - Number(exponent);
  const units = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 };
}

export function addDecimals(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale);
  return { units: rescale(left, scale) + rescale(right, scale), scale };
}

/** Negative, zero or positive, as a sort wants it. */
export function compareDecimals(left: Decimal, right: Decimal): number {
  const scale = Math.max(left.scale, right.scale);
  const difference = rescale(left, scale) - rescale(right, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The mean of `count` values that add up to `sum`, six digits finer than they are, halves rounded to even. */
export function meanOf(sum: Decimal, count: number): Decimal {
  const scale = sum.scale + meanDigits;
  const units = rescale(sum, scale);
  const by = BigInt(count);
  const magnitude = units < 0n ? -units : units;
  const whole = magnitude / by;
  const rest = (magnitude % by) * 2n;
  const isUp = rest > by || (rest === by && whole % 2n === 1n);
  const rounded = isUp ? whole + 1n : whole;
  return { units: units < 0n ? -rounded : rounded, scale };
}

/** Writes it with all its digits: "12.50" stays "12.50". */
export function decimalText({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const sign = units < 0n ? '-' : '';
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function rescale({ units, scale }: Decimal, to: number): bigint {
  return units * 10n ** BigInt(to - scale);
}

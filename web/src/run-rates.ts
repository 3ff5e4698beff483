// Owns what plots of runs show: rates out of the totals at each point.
import type { RunPoint } from '../../src/host/host.ts';

/** Rates are taken over this time, so that a page of records does not look like a peak. */
const windowSeconds = 1;

export interface Rates {
  readonly times: readonly number[];
  readonly read: readonly number[];
  readonly written: readonly number[];
  /** Seconds that requests waited for the rate limit in each second, all together. */
  readonly waited: readonly number[];
}

/** Differences over the window before each point. The first point has none: it begins as high as the next one is. */
export function ratesOf(points: readonly RunPoint[]): Rates {
  let from = 0;
  const spans = points.map((point, index) => {
    while (from < index - 1 && (points[from]?.seconds ?? 0) < point.seconds - windowSeconds) from += 1;
    const before = points[from] ?? point;
    return index === 0 ? { before, after: points[1] ?? point } : { before, after: point };
  });
  const rate = (of: (point: RunPoint) => number): readonly number[] =>
    spans.map(({ before, after }) => (of(after) - of(before)) / Math.max(0.001, after.seconds - before.seconds));
  return {
    times: points.map(({ seconds }) => seconds),
    read: rate(({ read }) => read),
    written: rate(({ written }) => written),
    waited: rate(({ throttledMs }) => throttledMs / 1000),
  };
}

interface Line {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** Lines with points at other times over one axis; a line has nothing where only others have a point. */
export function overOneAxis(lines: readonly Line[]): {
  readonly times: readonly number[];
  readonly values: readonly (readonly (number | null)[])[];
} {
  const times = [...new Set(lines.flatMap((line) => line.times))].sort((left, right) => left - right);
  return {
    times,
    values: lines.map((line) => {
      const byTime = new Map(line.times.map((time, at) => [time, line.values[at] ?? null]));
      return times.map((time) => byTime.get(time) ?? null);
    }),
  };
}

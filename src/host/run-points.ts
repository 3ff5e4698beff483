// Owns which points of a run's plots are kept: few for any length of run, the first and the last always.
import type { RunPoint } from '../store/contract.ts';

/** Points kept of one run. */
export const runPointsMax = 240;
/** How far apart points are at the beginning; it doubles whenever there are too many. */
const intervalSecondsMin = 0.25;

export type RunTotals = Omit<RunPoint, 'seconds'>;

/**
 * The points that a run goes on from, beginning with its first: those behind its checkpoint go, as its error documents do,
 * because the work behind it is done again. So time and totals only ever grow.
 */
export function pointsUpTo(totals: RunTotals, points: readonly RunPoint[]): readonly RunPoint[] {
  const names = Object.keys(totals) as (keyof RunTotals)[];
  const kept = points.filter((point) => names.every((name) => point[name] <= totals[name]));
  return kept.length > 0 ? kept : [{ seconds: 0, ...totals }];
}

/** The points with one more, or the very same ones while it is too near to the last. */
export function withPoint(points: readonly RunPoint[], point: RunPoint): readonly RunPoint[] {
  return isNear(points, point) ? points : thinned([...points, point]);
}

/** The points with the one at the run's end, which stands for one that is too near to it. */
export function withLastPoint(points: readonly RunPoint[], point: RunPoint): readonly RunPoint[] {
  const before = points.length > 1 && isNear(points, point) ? points.slice(0, -1) : points;
  return thinned([...before, point]);
}

function isNear(points: readonly RunPoint[], { seconds }: RunPoint): boolean {
  return seconds - (points.at(-1)?.seconds ?? Number.NEGATIVE_INFINITY) < intervalSecondsOf(seconds);
}

/** What is between two points of a run that has worked this long: it follows from the time alone, so nothing else is stored. */
function intervalSecondsOf(seconds: number): number {
  const doublings = Math.ceil(Math.log2(seconds / (intervalSecondsMin * runPointsMax)));
  return intervalSecondsMin * 2 ** Math.max(0, doublings);
}

function thinned(points: readonly RunPoint[]): readonly RunPoint[] {
  if (points.length <= runPointsMax) return points;
  return points.filter((_, at) => at % 2 === 0 || at === points.length - 1);
}

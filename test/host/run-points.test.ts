import { describe, expect, it } from 'vitest';
import type { RunPoint } from '../../src/host/host.ts';
import { pointsUpTo, type RunTotals, runPointsMax, withLastPoint, withPoint } from '../../src/host/run-points.ts';

const nothing: RunTotals = { read: 0, written: 0, errors: 0, requests: 0, throttledMs: 0 };

/** Numbers from 0 to 1 that follow from a seed. */
function drawing(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** What progress tells of a run: steps of a tenth of a second, or far longer ones of a busy machine, and totals that grow. */
function progressOf(seed: number, steps: number): readonly RunPoint[] {
  const draw = drawing(seed);
  let point: RunPoint = { seconds: 0, ...nothing };
  return Array.from({ length: steps }, () => {
    const more = (most: number): number => Math.floor(draw() * most);
    point = {
      seconds: point.seconds + (draw() < 0.01 ? 20 * draw() : 0.1),
      read: point.read + more(500),
      written: point.written + more(500),
      errors: point.errors + more(2),
      requests: point.requests + more(9),
      throttledMs: point.throttledMs + more(300),
    };
    return point;
  });
}

const expectGrowing = (points: readonly RunPoint[]): void => {
  for (const name of ['seconds', 'read', 'written', 'errors', 'requests', 'throttledMs'] as const) {
    const values = points.map((point) => point[name]);
    expect(values).toEqual(values.toSorted((left, right) => left - right));
  }
};

describe('the points of a run', () => {
  it.each([0, 1, 2, 7, 500, 2_401, 30_000])(
    'are few, growing, and whole from zero to the end, after %i reports',
    (steps) => {
      for (const seed of [1, 2, 3]) {
        const told = progressOf(seed, steps);
        const longest = Math.max(0, ...told.map(({ seconds }, at) => seconds - (told[at - 1]?.seconds ?? 0)));
        const begun = pointsUpTo(nothing, []);
        const during = told.reduce(withPoint, begun);
        const end = told.at(-1) ?? { seconds: 0.08, ...nothing, read: 3 };
        const points = withLastPoint(during, end);
        expect(points[0]).toEqual({ seconds: 0, ...nothing });
        expect(points.at(-1)).toEqual(end);
        expect(points.length).toBeGreaterThanOrEqual(2);
        expect(points.length).toBeLessThanOrEqual(runPointsMax);
        expect(during.length).toBeLessThanOrEqual(runPointsMax);
        expectGrowing(points);
        // No stretch is left out: gaps are as long as even ones would be, the longest silence aside.
        const gap = Math.max(...points.slice(1).map(({ seconds }, at) => seconds - (points[at]?.seconds ?? 0)));
        expect(gap).toBeLessThanOrEqual(Math.max(1, (4 * end.seconds) / runPointsMax) + 2 * longest);
      }
    },
  );

  it('stay the same object while nothing is added, so that nothing is written', () => {
    const points = withPoint(pointsUpTo(nothing, []), { seconds: 1, ...nothing });
    expect(withPoint(points, { seconds: 1.1, ...nothing })).toBe(points);
  });

  it('go on from the checkpoint of a resumed run: what lies behind it is done again, and shown once', () => {
    const told = progressOf(4, 200);
    const points = told.reduce(withPoint, pointsUpTo(nothing, []));
    const { seconds, ...checkpoint } = told[100] ?? { seconds: 0, ...nothing };
    const kept = pointsUpTo(checkpoint, points);
    expect(kept).toEqual(points.filter((point) => point.seconds <= seconds));
    expect(kept.length).toBeGreaterThan(2);
    expect(kept.length).toBeLessThan(points.length);
    expect(pointsUpTo(nothing, points)).toEqual([points[0]]);
    expect(pointsUpTo(checkpoint, [])).toEqual([{ seconds: 0, ...checkpoint }]);
  });
});

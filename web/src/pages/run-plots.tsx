// Owns the two plots of a run: documents a second, and the share of time that the rate limit made it wait.
import { type ReactElement, useMemo, useState } from 'react';
import { Plot } from '../components/plot.tsx';
import { formatRate } from '../format.ts';
import type { Point } from '../use-run.ts';

/** Rates are taken over this time, so that a page of records does not look like a peak. */
const windowSeconds = 1;

export function RunPlots({
  points,
  isWorking,
}: {
  readonly points: readonly Point[];
  readonly isWorking: boolean;
}): ReactElement {
  const rates = useMemo(() => ratesOf(points), [points]);
  // The place of the plots is kept from the beginning: what stands below must not move when they come.
  const [isPlaceKept] = useState(isWorking);
  if (points.length < 2) {
    return (
      <p className={`plots-absent card muted ${isPlaceKept ? 'plots-awaited' : ''}`}>
        {isWorking
          ? 'The plots begin with the first documents.'
          : 'There are no plots: this run was too short, or nobody watched it while it worked.'}
      </p>
    );
  }
  return (
    <div className="plots">
      <section className="card">
        <Plot
          label="Throughput"
          times={rates.times}
          format={formatRate}
          series={[
            { title: 'read', colour: '--series-1', values: rates.read },
            { title: 'written', colour: '--series-3', values: rates.written },
          ]}
        />
      </section>
      <section className="card">
        <Plot
          label="Waiting for the rate limit"
          times={rates.times}
          format={(value) => `${value.toFixed(1)} s/s`}
          series={[
            { title: 'waited in each second, all requests together', colour: '--series-2', values: rates.waited },
          ]}
        />
      </section>
    </div>
  );
}

interface Rates {
  readonly times: readonly number[];
  readonly read: readonly number[];
  readonly written: readonly number[];
  readonly waited: readonly number[];
}

/** Differences over the window before each point. */
export function ratesOf(points: readonly Point[]): Rates {
  let from = 0;
  const rows = points.map((point, index) => {
    while (from < index - 1 && (points[from]?.seconds ?? 0) < point.seconds - windowSeconds) from += 1;
    const before = index === 0 ? undefined : points[from];
    const seconds = Math.max(0.05, point.seconds - (before?.seconds ?? 0));
    return {
      time: point.seconds,
      read: (point.read - (before?.read ?? 0)) / seconds,
      written: (point.written - (before?.written ?? 0)) / seconds,
      waited: (point.throttledMs - (before?.throttledMs ?? 0)) / 1000 / seconds,
    };
  });
  return {
    times: rows.map(({ time }) => time),
    read: rows.map(({ read }) => read),
    written: rows.map(({ written }) => written),
    waited: rows.map(({ waited }) => waited),
  };
}

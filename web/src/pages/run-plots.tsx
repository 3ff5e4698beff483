// Owns the two plots of a run: documents a second, and the share of time that the rate limit made it wait.
import { type ReactElement, useMemo } from 'react';
import { api } from '../api.ts';
import { Plot } from '../components/plot.tsx';
import { Failed } from '../components/states.tsx';
import { formatRate } from '../format.ts';
import { ratesOf } from '../run-rates.ts';
import { useData } from '../use-data.ts';

/** As often as a run writes them. */
const refreshMs = 500;

interface RunPlotsProps {
  readonly runId: string;
  readonly isWorking: boolean;
}

/** The plots stand from the beginning, empty at first: what stands below them must not move when points come. */
export function RunPlots({ runId, isWorking }: RunPlotsProps): ReactElement {
  const loaded = useData(() => api.runPoints(runId), `points ${runId}`, isWorking ? refreshMs : undefined);
  const { data: points, problem, reload } = loaded;
  const rates = useMemo(() => ratesOf(points ?? []), [points]);
  if (points === undefined && problem !== undefined) return <Failed problem={problem} retry={reload} />;
  if (points?.length === 0 && !isWorking) {
    return <p className="card muted">There are no plots: this run never began, or is older than they are.</p>;
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

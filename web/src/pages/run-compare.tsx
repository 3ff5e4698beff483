// Owns comparing a run with another one of its pipeline: what stands out in words, then the figures of each snap side by side.
import { type ReactElement, useId, useMemo, useState } from 'react';
import type { RunReport, RunSummary } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { Plot } from '../components/plot.tsx';
import { LoadedView } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { formatBytes, formatCount, formatDuration, formatMoment, formatRate } from '../format.ts';
import { Link } from '../router.tsx';
import {
  changeText,
  type Figure,
  figureText,
  notableWords,
  type SnapDifference,
  snapDifferences,
} from '../run-difference.ts';
import { overOneAxis, ratesOf } from '../run-rates.ts';
import { useData } from '../use-data.ts';

/** Earlier runs that can be chosen. */
const earlierMax = 20;

export function RunCompare({ report }: { readonly report: RunReport }): ReactElement {
  const { pipeline, runId } = report;
  const earlier = useData(() => api.runs({ pipeline, before: runId, limit: earlierMax }), `earlier ${runId}`);
  return (
    <LoadedView loaded={earlier}>
      {({ runs }) =>
        runs.length === 0 ? (
          <p className="muted">This is the first run of this pipeline.</p>
        ) : (
          <Comparison report={report} runs={runs} />
        )
      }
    </LoadedView>
  );
}

interface ComparisonProps {
  readonly report: RunReport;
  readonly runs: readonly RunSummary[];
}

/** Against the run before, or another one that is chosen: a failed night is best compared with the last good one. */
function Comparison({ report, runs }: ComparisonProps): ReactElement {
  const id = useId();
  const [chosen, choose] = useState(runs[0]?.runId ?? '');
  const other = useData(() => api.run(chosen), `compared ${chosen}`);
  return (
    <div className="compare">
      <div className="filters">
        <div className="field">
          <label className="field-label" htmlFor={id}>
            Compare with
          </label>
          <select id={id} className="input" value={chosen} onChange={(event) => choose(event.target.value)}>
            {runs.map(({ runId, startedAt, state }, at) => (
              <option key={runId} value={runId}>
                {at === 0 ? 'the run before: ' : ''}
                {formatMoment(startedAt)}, {state}
              </option>
            ))}
          </select>
        </div>
        <Link to={['runs', chosen]}>Open that run</Link>
      </div>
      <LoadedView loaded={other} lines={8}>
        {(before) => (
          <>
            <Notable now={report} before={before} />
            <Throughputs now={report} before={before} />
            <SnapDifferences now={report} before={before} />
            <WholeDifferences now={report} before={before} />
          </>
        )}
      </LoadedView>
    </div>
  );
}

interface Pair {
  readonly now: RunReport;
  readonly before: RunReport;
}

function Notable({ now, before }: Pair): ReactElement {
  const words = notableWords(now, before);
  if (words.length === 0) return <p className="note note-good">Nothing stands out: the two runs are alike.</p>;
  return (
    <div className="note note-warn">
      <p>What stands out:</p>
      <ul className="compare-words">
        {words.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </div>
  );
}

/** Both runs from their beginnings, over one axis. */
function Throughputs({ now, before }: Pair): ReactElement {
  const both = useData(
    () => Promise.all([api.runPoints(now.runId), api.runPoints(before.runId)]),
    `points ${now.runId} ${now.state} ${before.runId}`,
  );
  return (
    <LoadedView loaded={both} lines={6}>
      {(points) => {
        if (points.some(({ length }) => length === 0)) return null;
        const { times, values } = overOneAxis(points.map(ratesOf).map(({ times, read }) => ({ times, values: read })));
        return (
          <Plot
            label="Throughput"
            times={times}
            format={formatRate}
            series={[
              { title: 'read in this run', colour: '--series-1', values: values[0] ?? [] },
              { title: 'in the other one', colour: '--series-2', values: values[1] ?? [] },
            ]}
          />
        );
      }}
    </LoadedView>
  );
}

type FigureName = keyof typeof figureText;

const figures: readonly (readonly [FigureName, string])[] = [
  ['documents', 'Documents'],
  ['errors', 'Errors'],
  ['tookMs', 'Took'],
  ['rate', 'Rate'],
];

const columns: readonly Column<SnapDifference>[] = [
  { title: 'Snap', cell: ({ id }) => id },
  ...figures.map(
    ([name, title]): Column<SnapDifference> => ({
      title,
      isNumber: true,
      isExtra: name === 'rate',
      cell: (row) => <FigureCell name={name} figure={row[name]} />,
    }),
  ),
];

function FigureCell({ name, figure }: { readonly name: FigureName; readonly figure: Figure }): ReactElement {
  const text = (value: number | undefined): string => (value === undefined ? '—' : figureText[name](value));
  return (
    <span className={figure.isNotable ? 'compare-figure is-notable' : 'compare-figure'}>
      <span>{text(figure.now)}</span>{' '}
      <span className="muted">
        <span className="visually-hidden">before: </span>
        {text(figure.before)}
      </span>{' '}
      <span className="compare-change">{changeText(figure)}</span>
    </span>
  );
}

function SnapDifferences({ now, before }: Pair): ReactElement {
  const rows = useMemo(() => snapDifferences(now, before), [now, before]);
  return (
    <>
      <p className="muted">Each snap: this run, the other one, and the difference.</p>
      <Table caption="Snaps of both runs" columns={columns} rows={rows} keyOf={({ id }) => id} />
    </>
  );
}

interface Whole {
  readonly title: string;
  readonly now: string;
  readonly before: string;
}

function WholeDifferences({ now, before }: Pair): ReactElement {
  return (
    <Table
      caption="Both runs as a whole"
      columns={[
        { title: 'The whole run', cell: (row: Whole) => row.title },
        { title: 'This run', cell: (row) => row.now, isNumber: true },
        { title: 'The other', cell: (row) => row.before, isNumber: true },
      ]}
      rows={wholeRows(now, before)}
      keyOf={({ title }) => title}
    />
  );
}

function wholeRows(now: RunReport, before: RunReport): readonly Whole[] {
  const sum = ({ snaps }: RunReport, key: string): number =>
    snaps.reduce((total, row) => total + Number(row[key] ?? 0), 0);
  const took = ({ startedAt, finishedAt }: RunReport): number =>
    startedAt === null || finishedAt === null ? 0 : Date.parse(finishedAt) - Date.parse(startedAt);
  const both = (title: string, of: (report: RunReport) => string): Whole => ({
    title,
    now: of(now),
    before: of(before),
  });
  return [
    both('State', ({ state }) => state),
    both('Took', (report) => formatDuration(took(report))),
    both('Requests', (report) => formatCount(sum(report, 'requests'))),
    both('Retries', (report) => formatCount(sum(report, 'retries'))),
    both('Received', (report) => formatBytes(sum(report, 'bytesIn'))),
    both('Waited for the rate limit', (report) => formatDuration(sum(report, 'throttledMs'))),
  ];
}

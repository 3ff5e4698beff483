// Owns the tables of a run: what each snap did, and how that compares with the run before.
import type { ReactElement } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import type { RunReport } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { Badge, type Tone } from '../components/badge.tsx';
import { LoadedView } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { formatBytes, formatCount, formatDuration, formatMoment } from '../format.ts';
import { Link } from '../router.tsx';
import { useData } from '../use-data.ts';

const tones: Readonly<Record<string, Tone>> = {
  running: 'busy',
  completed: 'good',
  failed: 'bad',
  stopped: 'warn',
};

const number = (row: JsonObject, key: string): number => Number(row[key] ?? 0);

const columns: readonly Column<JsonObject>[] = [
  {
    title: 'Snap',
    cell: (row) => (
      <>
        {String(row.id)} <span className="muted">{String(row.snap)}</span>
      </>
    ),
  },
  { title: 'State', cell: (row) => <Badge tone={tones[String(row.state)] ?? 'calm'}>{String(row.state)}</Badge> },
  { title: 'In', cell: (row) => formatCount(number(row, 'input')), isNumber: true },
  { title: 'Out', cell: (row) => formatCount(number(row, 'output')), isNumber: true },
  { title: 'Errors', cell: (row) => formatCount(number(row, 'errors')), isNumber: true },
  { title: 'Requests', cell: (row) => formatCount(number(row, 'requests')), isNumber: true, isExtra: true },
  { title: 'Retries', cell: (row) => formatCount(number(row, 'retries')), isNumber: true, isExtra: true },
  { title: 'Received', cell: (row) => formatBytes(number(row, 'bytesIn')), isNumber: true, isExtra: true },
  { title: 'Worked', cell: (row) => formatDuration(number(row, 'busyMs')), isNumber: true, isExtra: true },
  { title: 'Waited', cell: (row) => formatDuration(number(row, 'waitMs')), isNumber: true, isExtra: true },
];

export function SnapTable({ snaps }: { readonly snaps: readonly JsonObject[] }): ReactElement {
  if (snaps.length === 0) return <p className="muted">No snap has begun yet.</p>;
  return <Table caption="Snaps of the run" columns={columns} rows={snaps} keyOf={(row) => String(row.id)} />;
}

interface Comparison {
  readonly title: string;
  readonly now: string;
  readonly before: string;
}

/** The run of the same pipeline right before this one, side by side. */
export function PreviousRun({ report }: { readonly report: RunReport }): ReactElement {
  const previous = useData(async () => {
    const { runs } = await api.runs({ pipeline: report.pipeline, before: report.runId, limit: 1 });
    const [run] = runs;
    return run === undefined ? null : await api.run(run.runId);
  }, `previous ${report.runId}`);
  return (
    <LoadedView loaded={previous}>
      {(before) =>
        before === null ? (
          <p className="muted">This is the first run of this pipeline.</p>
        ) : (
          <>
            <p className="muted">
              Compared with <Link to={['runs', before.runId]}>the run of {formatMoment(before.startedAt)}</Link>.
            </p>
            <Table
              caption="This run and the one before"
              columns={[
                { title: '', cell: (row: Comparison) => row.title },
                { title: 'This run', cell: (row) => row.now, isNumber: true },
                { title: 'Before', cell: (row) => row.before, isNumber: true },
              ]}
              rows={compare(report, before)}
              keyOf={({ title }) => title}
            />
          </>
        )
      }
    </LoadedView>
  );
}

function compare(now: RunReport, before: RunReport): readonly Comparison[] {
  const sum = ({ snaps }: RunReport, key: string): number => snaps.reduce((total, row) => total + number(row, key), 0);
  const read = ({ snaps }: RunReport): number =>
    snaps.filter(({ input }) => input === 0).reduce((total, row) => total + number(row, 'output'), 0);
  const took = ({ startedAt, finishedAt }: RunReport): number =>
    startedAt === null || finishedAt === null ? 0 : Date.parse(finishedAt) - Date.parse(startedAt);
  const both = (title: string, of: (report: RunReport) => string): Comparison => ({
    title,
    now: of(now),
    before: of(before),
  });
  return [
    both('State', ({ state }) => state),
    both('Took', (report) => formatDuration(took(report))),
    both('Documents read', (report) => formatCount(read(report))),
    both('Errors', (report) => formatCount(sum(report, 'errors'))),
    both('Requests', (report) => formatCount(sum(report, 'requests'))),
    both('Retries', (report) => formatCount(sum(report, 'retries'))),
    both('Received', (report) => formatBytes(sum(report, 'bytesIn'))),
    both('Waited for the rate limit', (report) => formatDuration(sum(report, 'throttledMs'))),
  ];
}

import type { ReactElement } from 'react';
import type { RunSummary } from '../../../src/host/host.ts';
import { formatCount, formatDistance, formatDuration, formatMoment } from '../format.ts';
import { Link } from '../router.tsx';
import { RunBadge } from './badge.tsx';
import { type Column, Table } from './table.tsx';

const columns: readonly Column<RunSummary>[] = [
  {
    title: 'Pipeline',
    cell: ({ failure, ...run }) => (
      <>
        <Link to={['runs', run.runId]}>{run.pipeline}</Link> <span className="muted">{reasonOf(run)}</span>
        {failure === null ? null : <p className="run-failure">{failure}</p>}
      </>
    ),
  },
  { title: 'State', cell: ({ state }) => <RunBadge state={state} />, width: '8.5rem' },
  {
    title: 'Started',
    width: '10.5rem',
    cell: ({ startedAt }) =>
      startedAt === null ? (
        'not yet'
      ) : (
        <time dateTime={startedAt} title={formatMoment(startedAt)}>
          {formatDistance(startedAt)}
        </time>
      ),
  },
  { title: 'Took', cell: tookOf, isNumber: true, isExtra: true, width: '9rem' },
  { title: 'Read', cell: ({ read }) => formatCount(read), isNumber: true, width: '6.5rem' },
  { title: 'Errors', cell: ({ errors }) => formatCount(errors), isNumber: true, isExtra: true, width: '6rem' },
];

interface RunsTableProps {
  readonly runs: readonly RunSummary[];
  readonly caption?: string;
  readonly isSteady?: boolean;
}

export function RunsTable({ runs, caption = 'Runs', isSteady = false }: RunsTableProps): ReactElement {
  return <Table caption={caption} columns={columns} rows={runs} keyOf={({ runId }) => runId} isSteady={isSteady} />;
}

/** Why there is a run that nobody started afresh. */
function reasonOf({ parent, parentSnap, replayOf }: Pick<RunSummary, 'parent' | 'parentSnap' | 'replayOf'>): string {
  if (parentSnap !== null) return `for the snap ${parentSnap}`;
  if (parent !== null) return 'error pipeline';
  return replayOf === null ? '' : 'documents sent back in';
}

function tookOf({ startedAt, finishedAt }: RunSummary): string {
  if (startedAt === null) return '—';
  return formatDuration((finishedAt === null ? Date.now() : Date.parse(finishedAt)) - Date.parse(startedAt));
}

// Owns the page of one run: how far it is, how fast, what went wrong and why, what it made.
import { type ReactElement, useState } from 'react';
import type { RunReport } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { RunBadge } from '../components/badge.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { Page } from '../components/page.tsx';
import { Loading } from '../components/states.tsx';
import { Tabs } from '../components/tabs.tsx';
import { formatCount, formatDuration, formatMoment } from '../format.ts';
import { type FollowedRun, isWorking as isUnderWay, useRun } from '../use-run.ts';
import { RunActions } from './run-actions.tsx';
import { RunCompare } from './run-compare.tsx';
import { RunErrors } from './run-errors.tsx';
import { followersOf, RunFollowers } from './run-followers.tsx';
import { RunLog } from './run-log.tsx';
import { RunOrigin } from './run-origin.tsx';
import { RunOutputs } from './run-outputs.tsx';
import { RunPlots } from './run-plots.tsx';
import { SnapTable } from './run-snaps.tsx';
import { RunUndecided } from './run-undecided.tsx';

export function RunPage({ runId }: { readonly runId: string }): ReactElement {
  // A resumed run is followed anew: its stream had ended.
  const [attempt, setAttempt] = useState(0);
  return <FollowedRunPage key={attempt} runId={runId} onResumed={() => setAttempt(attempt + 1)} />;
}

interface FollowedRunPageProps {
  readonly runId: string;
  readonly onResumed: () => void;
}

function FollowedRunPage({ runId, onResumed }: FollowedRunPageProps): ReactElement {
  const run = useRun(runId, api.run);
  const { report, problem } = run;
  if (report === undefined) {
    return <Page title="Run">{problem === undefined ? <Loading lines={10} /> : <ErrorCard problem={problem} />}</Page>;
  }
  return (
    <Page
      title={report.pipeline}
      description={`Run ${report.runId}`}
      actions={<RunActions report={report} onResumed={onResumed} />}
    >
      <RunOrigin report={report} />
      {problem === undefined ? null : <ErrorCard problem={problem} />}
      {report.error === undefined ? null : <ErrorCard problem={report.error} />}
      <Progress run={run} report={report} />
      <RunPlots runId={report.runId} isWorking={isUnderWay(report.state)} />
      <section className="card">
        <Details run={run} report={report} />
      </section>
    </Page>
  );
}

function Progress({ run, report }: { readonly run: FollowedRun; readonly report: RunReport }): ReactElement {
  const isWorking = isUnderWay(report.state);
  const snaps = isWorking ? (run.progress?.snaps ?? report.snaps) : report.snaps;
  const sum = (key: string): number => snaps.reduce((total, snap) => total + Number(snap[key] ?? 0), 0);
  const read = snaps.filter(({ input }) => input === 0).reduce((total, { output }) => total + Number(output), 0);
  const expected = run.progress?.expected ?? null;
  const startedAt = report.startedAt === null ? null : Date.parse(report.startedAt);
  const endedAt = report.finishedAt === null ? Date.now() : Date.parse(report.finishedAt);
  const figures: readonly (readonly [string, string])[] = [
    ['Read', formatCount(read)],
    ['Errors', formatCount(sum('errors'))],
    ['Requests', formatCount(sum('requests'))],
    ['Waited for the rate limit', formatDuration(sum('throttledMs'))],
    ['Took', startedAt === null ? '—' : formatDuration(Math.max(0, endedAt - startedAt))],
  ];
  return (
    <section className="card" aria-label="Progress">
      <div className="card-head">
        <p className="run-state">
          <RunBadge state={report.state} />
          <span className="muted">
            {report.startedAt === null ? 'waiting to start' : `started ${formatMoment(report.startedAt)}`}
            {report.attempt > 1 ? `, attempt ${report.attempt}` : ''}
            {report.heldBy === undefined ? '' : `, on ${report.heldBy}`}
          </span>
        </p>
        <span className="muted" role="status">
          {run.isConnected ? '' : 'The connection was lost; trying again.'}
        </span>
      </div>
      <progress
        className={`run-progress is-${report.state}`}
        aria-label="Documents read"
        max={1}
        {...(isWorking && expected === null
          ? {}
          : { value: isWorking ? Math.min(1, read / Math.max(1, expected ?? 1)) : 1 })}
      />
      <dl className="figures figures-small">
        {figures.map(([title, value]) => (
          <div key={title} className="figure">
            <dt>{title}</dt>
            <dd className="number">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Details({ run, report }: { readonly run: FollowedRun; readonly report: RunReport }): ReactElement {
  const snaps = isUnderWay(report.state) ? (run.progress?.snaps ?? report.snaps) : report.snaps;
  const errors = snaps.reduce((total, snap) => total + Number(snap.errors ?? 0), 0);
  return (
    <Tabs
      label="Details of the run"
      tabs={[
        { title: 'Snaps', note: String(snaps.length), content: () => <SnapTable snaps={snaps} /> },
        {
          title: 'Errors',
          note: formatCount(errors),
          content: () => <RunErrors runId={report.runId} errors={errors} isWorking={isUnderWay(report.state)} />,
        },
        {
          title: 'Outputs',
          note: String(report.outputs.length),
          content: () => (
            <RunOutputs runId={report.runId} outputs={report.outputs} isWorking={isUnderWay(report.state)} />
          ),
        },
        ...(followersOf(report) === 0
          ? []
          : [
              {
                title: 'Further runs',
                note: formatCount(followersOf(report)),
                content: () => <RunFollowers report={report} />,
              },
            ]),
        { title: 'Undecided writes', content: () => <RunUndecided runId={report.runId} /> },
        { title: 'Log', content: () => <RunLog runId={report.runId} isWorking={isUnderWay(report.state)} /> },
        { title: 'Compare', content: () => <RunCompare report={report} /> },
      ]}
    />
  );
}

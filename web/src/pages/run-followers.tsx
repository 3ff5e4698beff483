// Owns what followed from a run: the runs that its snaps and its error pipeline started, and those that sent its error documents back in.
import { type ReactElement, useId } from 'react';
import type { RunReport } from '../../../src/host/host.ts';
import { MoreRuns } from '../components/more-runs.tsx';
import { RunsTable } from '../components/runs-table.tsx';
import { Failed, Loading } from '../components/states.tsx';
import { type RunFilter, useRunHistory } from '../use-run-history.ts';

/** How many runs followed from a run. */
export function followersOf({ children = 0, replays = 0 }: RunReport): number {
  return children + replays;
}

export function RunFollowers({ report }: { readonly report: RunReport }): ReactElement {
  const { runId, children, replays } = report;
  return (
    <>
      {replays === undefined ? null : <Followers title="Error documents sent back in" filter={{ replayOf: runId }} />}
      {children === undefined ? null : <Followers title="Started by this run" filter={{ parent: runId }} />}
    </>
  );
}

function Followers({ title, filter }: { readonly title: string; readonly filter: RunFilter }): ReactElement {
  const id = useId();
  const { loadMore, retry, ...history } = useRunHistory(filter);
  const { runs, problem } = history;
  return (
    <section className="followers" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {problem === undefined ? null : <Failed problem={problem} retry={retry} />}
      {runs === undefined ? (
        <Loading lines={3} />
      ) : (
        <>
          <RunsTable runs={runs} caption={title} />
          <MoreRuns history={history} onMore={loadMore} />
        </>
      )}
    </section>
  );
}

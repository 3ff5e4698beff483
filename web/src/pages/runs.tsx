// Owns the history of runs: live at the top, narrowed by pipeline, state and time, older runs as the eye comes to them.
import { type ReactElement, useMemo } from 'react';
import { MoreRuns } from '../components/more-runs.tsx';
import { Page } from '../components/page.tsx';
import { RunsTable } from '../components/runs-table.tsx';
import { Empty, Failed, Loading } from '../components/states.tsx';
import { Link, useRoute } from '../router.tsx';
import { useRunHistory } from '../use-run-history.ts';
import { RunPage } from './run.tsx';
import { filterOf, RunFilters } from './run-filters.tsx';

export default function RunsPage({ path }: { readonly path: readonly string[] }): ReactElement {
  const [runId] = path;
  return runId === undefined ? <RunList /> : <RunPage key={runId} runId={runId} />;
}

function RunList(): ReactElement {
  const { query } = useRoute();
  const text = query.toString();
  const filter = useMemo(() => filterOf(new URLSearchParams(text), Date.now()), [text]);
  const { loadMore, retry, ...history } = useRunHistory(filter);
  const { runs, problem } = history;
  return (
    <Page title="Runs" description="Every run of this host, newest first. The list refreshes by itself.">
      <section className="card">
        <RunFilters query={query} />
        {problem === undefined ? null : <Failed problem={problem} retry={retry} />}
        {runs === undefined ? problem === undefined ? <Loading lines={10} /> : null : null}
        {runs === undefined ? null : runs.length === 0 ? (
          <NoRuns isFiltered={text !== ''} />
        ) : (
          <>
            <RunsTable runs={runs} isSteady />
            <MoreRuns history={history} onMore={loadMore} />
          </>
        )}
      </section>
    </Page>
  );
}

function NoRuns({ isFiltered }: { readonly isFiltered: boolean }): ReactElement {
  if (isFiltered) {
    return (
      <Empty icon="search" title="No run fits.">
        <p>
          <Link to={['runs']}>Show all runs</Link>
        </p>
      </Empty>
    );
  }
  return (
    <Empty icon="runs" title="Nothing has run yet.">
      <p>
        Open a pipeline in <Link to={['designer']}>the designer</Link> and press Run, or have one run by itself with{' '}
        <Link to={['schedules']}>a schedule</Link>.
      </p>
    </Empty>
  );
}

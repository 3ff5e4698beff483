// Owns the history of runs: live at the top, narrowed by pipeline, state and time, older runs as the eye comes to them.
import { type ReactElement, useEffect, useMemo, useRef } from 'react';
import { Button } from '../components/button.tsx';
import { Page } from '../components/page.tsx';
import { RunsTable } from '../components/runs-table.tsx';
import { Empty, Failed, Loading } from '../components/states.tsx';
import { formatCount } from '../format.ts';
import { Link, useRoute } from '../router.tsx';
import { type RunHistory, useRunHistory } from '../use-run-history.ts';
import { RunPage } from './run.tsx';
import { filterOf, RunFilters } from './run-filters.tsx';

/** Older runs are asked for this long before the end of the list comes into sight. */
const aheadMargin = '800px 0px';

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
            <More history={history} onMore={loadMore} />
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
        Runs of <Link to={['designer']}>the designer</Link> and of <code>snaps run</code> on this store appear here.
      </p>
    </Empty>
  );
}

/** The end of the list: it asks for older runs when it comes near, and on a press of its button. */
function More({ history, onMore }: { readonly history: RunHistory; readonly onMore: () => void }): ReactElement {
  const { runs = [], hasMore, isLoadingMore, problem } = history;
  const place = useRef<HTMLDivElement>(null);
  const isWanted = hasMore && !isLoadingMore && problem === undefined;
  // Observed anew after each page: when its end is in sight too, the next one is asked for at once.
  useEffect(() => {
    const element = place.current;
    if (element === null || !isWanted) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onMore(), {
      rootMargin: aheadMargin,
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [isWanted, onMore]);
  return (
    <div ref={place} className="runs-end">
      <span className="muted" role="status">
        {formatCount(runs.length)} {runs.length === 1 ? 'run' : 'runs'}
        {hasMore ? ' so far' : ''}
      </span>
      {hasMore ? (
        <Button disabled={isLoadingMore} onClick={onMore}>
          Show older runs
        </Button>
      ) : null}
    </div>
  );
}

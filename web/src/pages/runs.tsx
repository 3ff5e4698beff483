// Owns the history of runs: live at the top, older pages on request.
import { type ReactElement, useState } from 'react';
import type { RunSummary } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { Button } from '../components/button.tsx';
import { Page } from '../components/page.tsx';
import { RunsTable } from '../components/runs-table.tsx';
import { Empty, Failed, LoadedView } from '../components/states.tsx';
import { type Problem, problemOf } from '../problem.ts';
import { Link } from '../router.tsx';
import { useData } from '../use-data.ts';
import { RunPage } from './run.tsx';

const refreshMs = 3_000;
const pageSize = 50;

export default function RunsPage({ path }: { readonly path: readonly string[] }): ReactElement {
  const [runId] = path;
  return runId === undefined ? <RunList /> : <RunPage key={runId} runId={runId} />;
}

function RunList(): ReactElement {
  const newest = useData(() => api.runs({ limit: pageSize }), 'runs', refreshMs);
  const [older, setOlder] = useState<{ readonly runs: readonly RunSummary[]; readonly next: string | null }>();
  const [problem, setProblem] = useState<Problem>();
  const next = older === undefined ? (newest.data?.next ?? null) : older.next;
  const loadOlder = async (): Promise<void> => {
    if (next === null) return;
    try {
      const page = await api.runs({ limit: pageSize, before: next });
      setOlder({ runs: [...(older?.runs ?? []), ...page.runs], next: page.next });
      setProblem(undefined);
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
  };
  return (
    <Page title="Runs" description="Every run of this host, newest first. The list refreshes by itself.">
      <section className="card">
        <LoadedView loaded={newest} lines={10}>
          {({ runs }) =>
            runs.length === 0 ? (
              <Empty icon="runs" title="Nothing has run yet.">
                <p>
                  Runs of <Link to={['designer']}>the designer</Link> and of <code>snaps run</code> on this store appear
                  here.
                </p>
              </Empty>
            ) : (
              <RunsTable runs={withoutRepeats([...runs, ...(older?.runs ?? [])])} />
            )
          }
        </LoadedView>
        {problem === undefined ? null : <Failed problem={problem} />}
        {next === null ? null : (
          <p>
            <Button onClick={loadOlder}>Show older runs</Button>
          </p>
        )}
      </section>
    </Page>
  );
}

/** New runs push older ones over the edge of the first page, where the second one has them already. */
function withoutRepeats(runs: readonly RunSummary[]): readonly RunSummary[] {
  return [...new Map(runs.toReversed().map((run) => [run.runId, run])).values()].toReversed();
}

// Owns the home page: what ran, what failed, which account needs a person. At a glance, with the next step beside it.
import type { ReactElement } from 'react';
import type { AccountView, RunSummary } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { AccountBadge } from '../components/badge.tsx';
import { Guided } from '../components/guided.tsx';
import { Icon } from '../components/icon.tsx';
import { Page } from '../components/page.tsx';
import { RunsTable } from '../components/runs-table.tsx';
import { Empty, LoadedView } from '../components/states.tsx';
import { formatCount, formatDistance, sentence } from '../format.ts';
import { Link } from '../router.tsx';
import { useData } from '../use-data.ts';

const refreshMs = 5_000;
const dayMs = 86_400_000;
const runsShownMax = 8;

export function HomePage(): ReactElement {
  const runs = useData(() => api.runs({ limit: 100 }), 'runs', refreshMs);
  const accounts = useData(api.accounts, 'accounts', refreshMs);
  if (accounts.data?.length === 0 && runs.data?.runs.length === 0) {
    return (
      <Page title="Home" description="What ran, what failed, and what needs you.">
        <section className="card">
          <FirstSteps accounts={accounts.data} />
        </section>
      </Page>
    );
  }
  return (
    <Page title="Home" description="What ran, what failed, and what needs you.">
      <LoadedView loaded={accounts} lines={1}>
        {(list) => <NeedsYou accounts={list} runs={runs.data?.runs ?? []} />}
      </LoadedView>
      <LoadedView loaded={runs} lines={3}>
        {({ runs: list }) => <LastDay runs={list} />}
      </LoadedView>
      <section className="card" aria-labelledby="latest-runs">
        <div className="card-head">
          <h2 id="latest-runs">Latest runs</h2>
          <Link to={['runs']}>All runs</Link>
        </div>
        <LoadedView loaded={runs} lines={6}>
          {({ runs: list }) =>
            list.length === 0 ? (
              <FirstSteps accounts={accounts.data ?? []} />
            ) : (
              <RunsTable runs={list.slice(0, runsShownMax)} />
            )
          }
        </LoadedView>
      </section>
    </Page>
  );
}

interface NeedsYouProps {
  readonly accounts: readonly AccountView[];
  readonly runs: readonly RunSummary[];
}

function NeedsYou({ accounts, runs }: NeedsYouProps): ReactElement {
  const waiting = accounts.filter(({ state, warnings }) => state !== 'authorized' || warnings.length > 0);
  const failed = newestFailures(runs);
  if (waiting.length === 0 && failed.length === 0) {
    return (
      <p className="note note-good all-well">
        <Icon name="check" />
        Nothing needs you.
      </p>
    );
  }
  return (
    <section className="card" aria-labelledby="needs-you">
      <h2 id="needs-you">Needs you</h2>
      <ul className="needs">
        {waiting.map((account) => (
          <li key={account.name} className="need">
            <Icon name="key" />
            <div>
              <Link to={['accounts', account.name]}>{account.name}</Link> <AccountBadge account={account} />
              <p className="muted">
                <Guided
                  text={sentence(account.stateReason || account.warnings[0] || 'authorize it for pipelines to use it')}
                />
              </p>
            </div>
          </li>
        ))}
        {failed.map((run) => (
          <li key={run.runId} className="need">
            <Icon name="alert" />
            <div>
              <Link to={['runs', run.runId]}>{run.pipeline}</Link> failed{' '}
              {run.finishedAt === null ? '' : formatDistance(run.finishedAt)}
              <p className="muted">{run.failure}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Pipelines whose newest run failed: one that has run well since needs nobody. */
function newestFailures(runs: readonly RunSummary[]): readonly RunSummary[] {
  const newest = new Map<string, RunSummary>();
  for (const run of runs) if (!newest.has(run.pipeline)) newest.set(run.pipeline, run);
  return [...newest.values()].filter(({ state }) => state === 'failed');
}

function LastDay({ runs }: { readonly runs: readonly RunSummary[] }): ReactElement {
  const since = Date.now() - dayMs;
  const recent = runs.filter(({ startedAt }) => startedAt !== null && Date.parse(startedAt) >= since);
  const of = (...states: readonly string[]): number => recent.filter(({ state }) => states.includes(state)).length;
  const figures: readonly (readonly [string, number])[] = [
    ['Running now', runs.filter(({ state }) => state === 'running' || state === 'stopping').length],
    ['Completed in 24 hours', of('completed')],
    ['Failed in 24 hours', of('failed')],
    ['Documents read in 24 hours', recent.reduce((sum, { read }) => sum + read, 0)],
  ];
  return (
    <dl className="figures">
      {figures.map(([title, value]) => (
        <div key={title} className="figure">
          <dt>{title}</dt>
          <dd className="number">{formatCount(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function FirstSteps({ accounts }: { readonly accounts: readonly AccountView[] }): ReactElement {
  return (
    <Empty icon="runs" title="Nothing has run yet.">
      <p>
        {accounts.length === 0 ? (
          <>
            First <Link to={['add-account']}>add an account</Link>, then <Link to={['designer']}>build a pipeline</Link>
            .
          </>
        ) : (
          <>
            <Link to={['designer']}>Build a pipeline</Link> and run it.
          </>
        )}
      </p>
    </Empty>
  );
}

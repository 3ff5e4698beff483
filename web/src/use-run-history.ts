// Owns the history of runs as the page holds it: the newest refresh by themselves, older ones come when they are asked for.
import { useCallback, useEffect, useReducer, useRef } from 'react';
import type { RunListing, RunSummary } from '../../src/host/host.ts';
import type { RunPage } from '../../src/server/contract.ts';
import { api } from './api.ts';
import { type Problem, problemOf } from './problem.ts';

export type RunFilter = Omit<RunListing, 'limit' | 'before'>;

export interface RunHistory {
  /** Newest first; undefined before the first answer. */
  readonly runs: readonly RunSummary[] | undefined;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly problem: Problem | undefined;
}

const refreshMs = 3_000;
const pageSize = 100;
const nothing: RunHistory = { runs: undefined, hasMore: false, isLoadingMore: false, problem: undefined };

type Action =
  | { readonly type: 'begin' }
  | { readonly type: 'newest' | 'older'; readonly page: RunPage }
  | { readonly type: 'loading' }
  | { readonly type: 'failed'; readonly problem: Problem };

/** The history that fits a filter, with what asks for older runs and what asks again after a failure. */
export function useRunHistory(
  filter: RunFilter,
): RunHistory & { readonly loadMore: () => void; readonly retry: () => Promise<void> } {
  const [history, dispatch] = useReducer(reduce, nothing);
  const key = JSON.stringify(filter);
  const latest = useRef({ key, history });
  latest.current = { key, history };
  const ask = useCallback(
    async (type: 'newest' | 'older', before?: string): Promise<void> => {
      try {
        const page = await api.runs({
          ...(JSON.parse(key) as RunFilter),
          limit: pageSize,
          ...(before === undefined ? {} : { before }),
        });
        if (latest.current.key === key) dispatch({ type, page });
      } catch (thrown) {
        if (latest.current.key === key) dispatch({ type: 'failed', problem: problemOf(thrown) });
      }
    },
    [key],
  );
  useEffect(() => {
    dispatch({ type: 'begin' });
    void ask('newest');
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void ask('newest');
    }, refreshMs);
    return () => clearInterval(timer);
  }, [ask]);
  const loadMore = useCallback((): void => {
    const { runs, hasMore, isLoadingMore } = latest.current.history;
    const last = runs?.at(-1);
    if (!hasMore || isLoadingMore || last === undefined) return;
    dispatch({ type: 'loading' });
    void ask('older', last.runId);
  }, [ask]);
  return { ...history, loadMore, retry: () => ask('newest') };
}

function reduce(history: RunHistory, action: Action): RunHistory {
  switch (action.type) {
    case 'begin':
      return nothing;
    case 'loading':
      return { ...history, isLoadingMore: true, problem: undefined };
    case 'failed':
      return { ...history, isLoadingMore: false, problem: action.problem };
    case 'older': {
      const known = new Set(history.runs?.map(({ runId }) => runId));
      const fresh = action.page.runs.filter(({ runId }) => !known.has(runId));
      const runs = [...(history.runs ?? []), ...fresh];
      return { runs, hasMore: action.page.next !== null, isLoadingMore: false, problem: undefined };
    }
    case 'newest':
      return { ...history, ...withNewest(history, action.page), problem: undefined };
  }
}

/**
 * The newest page in front of the older runs that are known. When nothing joins the two, runs in between are missing, and the
 * list begins anew.
 */
export function withNewest(
  { runs: known = [], hasMore }: Pick<RunHistory, 'runs' | 'hasMore'>,
  { runs: newest, next }: RunPage,
): Pick<RunHistory, 'runs' | 'hasMore'> {
  const places = new Map(known.map(({ runId }, at) => [runId, at]));
  const joint = newest.findLast(({ runId }) => places.has(runId));
  const before = new Map(known.map((run) => [run.runId, run]));
  // A run that says the same stays the same object, so that its rows are not drawn again.
  const front = newest.map((run) => {
    const old = before.get(run.runId);
    return old !== undefined && JSON.stringify(old) === JSON.stringify(run) ? old : run;
  });
  if (joint === undefined || next === null) return { runs: front, hasMore: next !== null };
  const inFront = new Set(newest.map(({ runId }) => runId));
  const older = known.slice((places.get(joint.runId) ?? 0) + 1).filter(({ runId }) => !inFront.has(runId));
  return older.length === 0 ? { runs: front, hasMore: true } : { runs: [...front, ...older], hasMore };
}

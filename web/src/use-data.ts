// Owns loading data into a component: what came last stays visible while it is asked for again.
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Problem, problemOf } from './problem.ts';

export interface Loaded<T> {
  readonly data: T | undefined;
  readonly problem: Problem | undefined;
  readonly isLoading: boolean;
  /** Asks again; resolves when the answer is there. */
  readonly reload: () => Promise<void>;
}

/** Loads when `key` changes, and again every `refreshMs` while the page is visible. */
export function useData<T>(load: () => Promise<T>, key: string, refreshMs?: number): Loaded<T> {
  const [state, setState] = useState<{ key: string; data?: T; problem?: Problem }>({ key: '' });
  const latest = useRef(load);
  latest.current = load;
  const current = useRef(key);
  current.current = key;
  const reload = useCallback(async () => {
    try {
      const data = await latest.current();
      if (current.current === key) setState({ key, data });
    } catch (thrown) {
      // What was shown before stays: a hiccup must not blank the page.
      if (current.current === key) {
        setState((before) => ({ ...(before.key === key ? before : { key }), problem: problemOf(thrown) }));
      }
    }
  }, [key]);
  useEffect(() => {
    void reload();
    if (refreshMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void reload();
    }, refreshMs);
    return () => clearInterval(timer);
  }, [reload, refreshMs]);
  const isCurrent = state.key === key;
  return {
    data: isCurrent ? state.data : undefined,
    problem: isCurrent ? state.problem : undefined,
    isLoading: !isCurrent,
    reload,
  };
}

// Owns following one run: its report, and its progress as it comes.
import { useEffect, useReducer } from 'react';
import type { RunReport } from '../../src/host/host.ts';
import type { RunProgressData } from '../../src/server/contract.ts';
import { followEvents, type StreamEvent } from './event-stream.ts';
import { type Problem, problemOf } from './problem.ts';

const statesUnderWay: readonly string[] = ['queued', 'running', 'stopping'];

/** Whether a run in this state will change by itself. */
export const isWorking = (state: string): boolean => statesUnderWay.includes(state);

export interface FollowedRun {
  readonly report: RunReport | undefined;
  readonly progress: RunProgressData | undefined;
  readonly isConnected: boolean;
  readonly problem: Problem | undefined;
}

type Action =
  | { readonly type: 'event'; readonly event: StreamEvent }
  | { readonly type: 'report'; readonly report: RunReport }
  | { readonly type: 'connection'; readonly isConnected: boolean }
  | { readonly type: 'failed'; readonly problem: Problem };

const nothing: FollowedRun = {
  report: undefined,
  progress: undefined,
  isConnected: true,
  problem: undefined,
};

/** Follows a run from its first event to its end, over lost connections. */
export function useRun(runId: string, load: (runId: string) => Promise<RunReport>): FollowedRun {
  const [state, dispatch] = useReducer(reduce, nothing);
  useEffect(() => {
    const abort = new AbortController();
    const follow = async (): Promise<void> => {
      dispatch({ type: 'report', report: await load(runId) });
      await followEvents(
        `/api/runs/${encodeURIComponent(runId)}/events`,
        {
          onEvent: (event) => dispatch({ type: 'event', event }),
          onConnection: (isConnected) => dispatch({ type: 'connection', isConnected }),
        },
        abort.signal,
      );
    };
    follow().catch((thrown: unknown) => {
      if (!abort.signal.aborted) dispatch({ type: 'failed', problem: problemOf(thrown) });
    });
    return () => abort.abort();
  }, [runId, load]);
  return state;
}

function reduce(state: FollowedRun, action: Action): FollowedRun {
  switch (action.type) {
    case 'report':
      return { ...state, report: action.report };
    case 'connection':
      return { ...state, isConnected: action.isConnected };
    case 'failed':
      return { ...state, problem: action.problem };
    case 'event':
      return withEvent(state, action.event);
  }
}

function withEvent(state: FollowedRun, { type, data }: StreamEvent): FollowedRun {
  const value: unknown = JSON.parse(data);
  if (type === 'report') return { ...state, report: value as RunReport };
  return type === 'progress' ? { ...state, progress: value as RunProgressData } : state;
}

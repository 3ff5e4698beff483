// Owns following one run: its report, its progress as it comes, and the points of its plots.
import { useEffect, useReducer } from 'react';
import type { RunReport } from '../../src/host/host.ts';
import type { RunProgressData } from '../../src/server/contract.ts';
import { followEvents, type StreamEvent } from './event-stream.ts';
import { type Problem, problemOf } from './problem.ts';

const pointsMax = 1_000;

/** One point of the plots: seconds since the start and the totals at that moment. */
export interface Point {
  readonly seconds: number;
  readonly read: number;
  readonly written: number;
  readonly errors: number;
  readonly throttledMs: number;
  readonly requests: number;
}

const statesUnderWay: readonly string[] = ['queued', 'running', 'stopping'];

/** Whether a run in this state will change by itself. */
export const isWorking = (state: string): boolean => statesUnderWay.includes(state);

export interface FollowedRun {
  readonly report: RunReport | undefined;
  readonly progress: RunProgressData | undefined;
  readonly points: readonly Point[];
  readonly isConnected: boolean;
  readonly isEnded: boolean;
  readonly problem: Problem | undefined;
}

type Action =
  | { readonly type: 'event'; readonly event: StreamEvent }
  | { readonly type: 'report'; readonly report: RunReport }
  | { readonly type: 'connection'; readonly isConnected: boolean }
  | { readonly type: 'end' }
  | { readonly type: 'failed'; readonly problem: Problem };

const nothing: FollowedRun = {
  report: undefined,
  progress: undefined,
  points: [],
  isConnected: true,
  isEnded: false,
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
      if (!abort.signal.aborted) dispatch({ type: 'end' });
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
    case 'end':
      return { ...state, isEnded: true };
    case 'failed':
      return { ...state, problem: action.problem };
    case 'event':
      return withEvent(state, action.event);
  }
}

function withEvent(state: FollowedRun, { type, data }: StreamEvent): FollowedRun {
  const value: unknown = JSON.parse(data);
  if (type === 'report') return { ...state, report: value as RunReport };
  if (type !== 'progress') return state;
  const progress = value as RunProgressData;
  const points = state.points.length === 0 ? [begun] : state.points;
  return { ...state, progress, points: thinned([...points, pointOf(progress)]) };
}

/** Where every run begins: one that took no longer than its first event has two points all the same. */
const begun: Point = { seconds: 0, read: 0, written: 0, errors: 0, throttledMs: 0, requests: 0 };

function pointOf({ elapsedMs, read, written, errors, snaps }: RunProgressData): Point {
  const sum = (key: string): number => snaps.reduce((total, snap) => total + Number(snap[key] ?? 0), 0);
  return {
    seconds: elapsedMs / 1000,
    read,
    written,
    errors,
    throttledMs: sum('throttledMs'),
    requests: sum('requests'),
  };
}

/** A long run keeps its whole length with half the points. */
function thinned(points: readonly Point[]): readonly Point[] {
  return points.length <= pointsMax ? points : points.filter((_, index) => index % 2 === 0);
}

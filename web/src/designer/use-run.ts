// Owns what happened on the canvas's behalf at the host: check, preview, run. One at a time; a newer one replaces the last.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import type { RunReport } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { type GivenParameters, sentParameters } from '../components/parameter-inputs.tsx';
import { followEvents } from '../event-stream.ts';
import { type Problem, problemOf } from '../problem.ts';
import { isWorking } from '../use-run.ts';
import { noFaults, type PlacedFaults, placeFaults } from './model/faults.ts';
import { countsOf, type RunCounts } from './model/nodes.ts';
import { asJson, type Pipeline } from './model/pipeline.ts';

type Samples = Readonly<Record<string, readonly JsonObject[]>>;

export interface Activity {
  readonly kind: 'none' | 'check' | 'preview' | 'run';
  readonly isBusy: boolean;
  readonly problem: Problem | undefined;
  readonly faults: PlacedFaults;
  readonly counts: RunCounts;
  /** Previewed documents by the snap that gave them. */
  readonly samples: Samples;
  /** The same by the view that they left by, as SNAP.VIEW; failed ones by SNAP.error. */
  readonly views: Samples;
  readonly runId: string | undefined;
  readonly state: string;
}

const noCounts: RunCounts = new Map();
const idle: Activity = {
  kind: 'none',
  isBusy: false,
  problem: undefined,
  faults: noFaults,
  counts: noCounts,
  samples: {},
  views: {},
  runId: undefined,
  state: '',
};
const recheckQuietMs = 400;

export interface Actions {
  readonly check: () => Promise<void>;
  readonly preview: (given: GivenParameters) => Promise<void>;
  readonly run: (given: GivenParameters) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export function useActivity(pipeline: Pipeline): { readonly activity: Activity; readonly actions: Actions } {
  const [activity, setActivity] = useState(idle);
  const latest = useRef(pipeline);
  latest.current = pipeline;
  const following = useRef<AbortController>(undefined);
  const patch = useCallback((change: Partial<Activity>) => setActivity((before) => ({ ...before, ...change })), []);
  const fail = useCallback(
    (thrown: unknown, checked: Pipeline) => {
      const problem = problemOf(thrown);
      patch({ isBusy: false, problem, state: 'failed', faults: placeFaults(problem.faults ?? [], checked) });
    },
    [patch],
  );
  useEffect(() => () => following.current?.abort(), []);
  useRecheck(pipeline, activity.faults.count > 0 && !activity.isBusy, patch);
  const begin = (kind: Activity['kind']): Pipeline => {
    following.current?.abort();
    patch({ kind, isBusy: true, problem: undefined, counts: noCounts, runId: undefined, state: '' });
    return latest.current;
  };
  const check = async (): Promise<void> => {
    const checked = begin('check');
    try {
      const { faults } = await api.checkPipeline(asJson(checked));
      patch({ isBusy: false, faults: placeFaults(faults, checked), state: 'checked' });
    } catch (thrown) {
      fail(thrown, checked);
    }
  };
  const preview = async (given: GivenParameters): Promise<void> => {
    const shown = begin('preview');
    try {
      const { report, samples, views } = await api.preview({
        pipeline: asJson(shown),
        parameters: sentParameters(shown.parameters, given),
      });
      const { error } = report;
      patch({
        isBusy: false,
        faults: noFaults,
        samples,
        views,
        counts: countsOf(report.snaps, noCounts, 0),
        state: report.state,
        problem: error === undefined ? undefined : problemOfReport(error),
      });
    } catch (thrown) {
      fail(thrown, shown);
    }
  };
  const run = async (given: GivenParameters): Promise<void> => {
    const started = begin('run');
    try {
      const parameters = sentParameters(started.parameters, given);
      const { runId } = await api.startRun({ pipeline: asJson(started), parameters }, crypto.randomUUID());
      patch({ runId, state: 'running', faults: noFaults });
      following.current = new AbortController();
      void follow(runId, following.current.signal, setActivity).catch((thrown: unknown) => fail(thrown, started));
    } catch (thrown) {
      fail(thrown, started);
    }
  };
  const stop = async (): Promise<void> => {
    if (activity.runId === undefined) return;
    await api.cancelRun(activity.runId).catch((thrown: unknown) => patch({ problem: problemOf(thrown) }));
  };
  return { activity, actions: { check, preview, run, stop } };
}

/** Faults that stand on the canvas vanish when they are mended: the check is asked again after each change. */
function useRecheck(pipeline: Pipeline, isWanted: boolean, patch: (change: Partial<Activity>) => void): void {
  const checked = useRef(pipeline);
  useEffect(() => {
    if (!isWanted) {
      checked.current = pipeline;
      return undefined;
    }
    if (checked.current === pipeline) return undefined;
    const gone = new AbortController();
    const timer = setTimeout(() => {
      api.checkPipeline(asJson(pipeline), gone.signal).then(
        ({ faults }) => {
          checked.current = pipeline;
          patch({ faults: placeFaults(faults, pipeline), ...(faults.length === 0 ? { problem: undefined } : {}) });
        },
        () => undefined,
      );
    }, recheckQuietMs);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [pipeline, isWanted, patch]);
}

async function follow(
  runId: string,
  signal: AbortSignal,
  setActivity: (change: (before: Activity) => Activity) => void,
): Promise<void> {
  let toldAt = performance.now();
  await followEvents(
    `/api/runs/${encodeURIComponent(runId)}/events`,
    {
      onEvent: ({ type, data }) => {
        if (type !== 'progress' && type !== 'report') return;
        const now = performance.now();
        const elapsedMs = now - toldAt;
        toldAt = now;
        const told = JSON.parse(data) as Pick<RunReport, 'state' | 'snaps' | 'error'>;
        setActivity((before) => ({
          ...before,
          state: told.state,
          isBusy: isWorking(told.state),
          counts: countsOf(told.snaps, before.counts, type === 'report' ? 0 : elapsedMs),
          problem: told.error === undefined ? before.problem : problemOfReport(told.error),
        }));
      },
    },
    signal,
  );
}

function problemOfReport(error: NonNullable<RunReport['error']>): Problem {
  const { code, message, reason, resolution, snap, original } = error;
  return {
    code,
    message,
    reason,
    resolution,
    ...(snap === undefined ? {} : { snap }),
    ...(original === undefined ? {} : { original }),
  };
}

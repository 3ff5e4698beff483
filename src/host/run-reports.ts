// Reads runs from the store in the words of the host's contract.
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError, type ErrorBody, ExecutionError } from '../errors.ts';
import { errorPipelineSnap, type ListedRun, type RunRow, type Store, statesUnderWay } from '../store/contract.ts';
import type { OutputFile, RunReport, RunSummary, Runs } from './host.ts';
import { stopAbandoned } from './run-journal.ts';
import { runLogEntry } from './run-log.ts';
import { holderName } from './run-owner.ts';
import { decideWrite, undecidedWrites } from './write-decisions.ts';

/** Runs of one run that are under way at once. */
const childrenStoppedMax = 500;

/** The history over a store that is opened when first asked; `stopHere` stops a run of this process at once. */
export function createRuns(openStore: () => Promise<Store>, stopHere: (runId: string) => boolean): Runs {
  return {
    list: async ({ before, ...listing }) => {
      const store = await openStore();
      const last = before === undefined ? undefined : await findRun(store, before);
      const rows = await store.runs.list({
        ...listing,
        ...(last === undefined ? {} : { before: { createdAt: last.createdAt, runId: last.runId } }),
      });
      return rows.map(runSummary);
    },
    pipelines: async () => await (await openStore()).runs.pipelines(),
    stop: async (runId) => {
      const store = await openStore();
      const state = await store.runs.requestStop(runId);
      if (state === undefined) throw runNotFound(runId);
      if (stopHere(runId) || state !== 'stopping') return state;
      if (!(await stopAbandoned(store, runId))) return state;
      await stopChildren(store, runId);
      return 'stopped';
    },
    output: async (runId, index) => await outputFile(await findRun(await openStore(), runId), index),
    definition: async (runId) => {
      const { pipeline, file, accounts, parameters } = (await findRun(await openStore(), runId)).definition;
      return {
        pipeline: (pipeline ?? null) as JsonObject | null,
        file: (file ?? null) as string | null,
        accounts: (accounts ?? {}) as Readonly<Record<string, string>>,
        parameters: (parameters ?? {}) as Readonly<Record<string, string>>,
      };
    },
    points: async (runId) => {
      const points = await (await openStore()).runs.points(runId);
      if (points === undefined) throw runNotFound(runId);
      return points;
    },
    show: async (runId) => await reportOf(await openStore(), runId),
    undecided: async (runId) => {
      const store = await openStore();
      await findRun(store, runId);
      return await undecidedWrites(store, runId);
    },
    decide: async (runId, decision) => {
      const store = await openStore();
      await findRun(store, runId);
      await decideWrite(store, runId, decision);
    },
    log: async (runId, page) => {
      const store = await openStore();
      await findRun(store, runId);
      const first = await store.runLog.first(runId);
      const entries = await store.runLog.list(runId, page);
      return { entries: entries.map(runLogEntry), leftOut: (first ?? 1) - 1 };
    },
    errors: async (runId, page) => {
      const store = await openStore();
      await findRun(store, runId);
      const errors = await store.errorDocuments.list(runId, page);
      return errors.map(({ sequence, document }): JsonObject => ({ id: sequence, ...document }));
    },
  };
}

/** Runs whose process is gone with that of the run that started them. */
async function stopChildren(store: Store, parent: string): Promise<void> {
  for (const state of statesUnderWay) {
    for (const { runId } of await store.runs.list({ parent, state, limit: childrenStoppedMax })) {
      const now = await store.runs.requestStop(runId);
      if (now === 'stopping' && (await stopAbandoned(store, runId))) await stopChildren(store, runId);
    }
  }
}

/** The row of a run. Throws SNAP_RUN_NOT_FOUND. */
export async function findRun(store: Store, runId: string): Promise<RunRow> {
  const row = await store.runs.find(runId);
  if (row !== undefined) return row;
  throw runNotFound(runId);
}

function runNotFound(runId: string): ConfigurationError {
  return new ConfigurationError('SNAP_RUN_NOT_FOUND', `There is no run ${runId}.`, {
    reason: 'the store has no run of that id',
    resolution: 'see "snaps runs list"; a run of another data directory needs --data-directory',
  });
}

function runSummary({
  runId,
  pipeline,
  state,
  startedAt,
  finishedAt,
  snaps,
  error,
  ...related
}: ListedRun): RunSummary {
  const sum = (rows: readonly JsonObject[], key: string): number =>
    rows.reduce((total, row) => total + Number(row[key] ?? 0), 0);
  return {
    id: runId,
    runId,
    pipeline,
    state,
    startedAt,
    finishedAt,
    read: sum(
      snaps.filter(({ input }) => input === 0),
      'output',
    ),
    errors: sum(snaps, 'errors'),
    failure: error === null ? null : String(error.message),
    parent: related.parent?.runId ?? null,
    parentSnap: snapOf(related.parent),
    children: related.children,
    replayOf: related.replayOf,
    heldBy: heldBy(state, related.holder),
  };
}

/** A run that has ended is let go of a moment later. */
function heldBy(state: RunRow['state'], holder: string | null): string | null {
  return holder !== null && ['running', 'stopping'].includes(state) ? holderName(holder) : null;
}

async function outputFile(row: RunRow, index: number): Promise<OutputFile> {
  const file = row.outputs[index]?.path;
  const found = typeof file === 'string' ? await lstat(file).catch(() => undefined) : undefined;
  if (typeof file === 'string' && found?.isFile()) return { path: file, name: path.basename(file), bytes: found.size };
  throw new ExecutionError('SNAP_FILE_FAILED', `The output ${index} of run ${row.runId} cannot be read.`, {
    reason: found === undefined ? 'it is no file, or was moved since' : 'its name belongs to something else now',
    resolution: 'run the pipeline again',
  });
}

/** The report of a stored run, with the run of its error pipeline. Throws SNAP_RUN_NOT_FOUND. */
export async function reportOf(store: Store, runId: string): Promise<RunReport> {
  const report = runReport(await findRun(store, runId));
  const last = (await store.runs.children(runId, errorPipelineSnap, 0)).at(-1);
  return last === undefined ? report : { ...report, errorRun: { runId: last.runId, state: last.state } };
}

/** The report of a stored run. */
export function runReport(row: RunRow): RunReport {
  const { error, parent, children, replayOf, replays } = row;
  const parentSnap = snapOf(parent);
  const holder = heldBy(row.state, row.holder);
  return {
    runId: row.runId,
    pipeline: row.pipeline,
    state: row.state,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    attempt: row.attempt,
    parameters: row.parameters,
    snaps: row.snaps,
    outputs: row.outputs,
    ...(error === null ? {} : { error: error as unknown as ErrorBody }),
    ...(parent === null ? {} : { parent: parent.runId }),
    ...(parentSnap === null ? {} : { parentSnap }),
    ...(children === 0 ? {} : { children }),
    ...(replayOf === null ? {} : { replayOf }),
    ...(replays === 0 ? {} : { replays }),
    ...(holder === null ? {} : { heldBy: holder }),
  };
}

/** The snap that started a run; null also for the run of an error pipeline, which no snap starts. */
function snapOf(parent: RunRow['parent']): string | null {
  return parent === null || parent.snapId === errorPipelineSnap ? null : parent.snapId;
}

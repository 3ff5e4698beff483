// Owns starting and resuming runs: the row before the first request, the engine in between, the report at the end.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { JsonObject } from '../document/json.ts';
import { ExecutionError, type SnapError } from '../errors.ts';
import { expectSamePipeline } from '../pipeline/fingerprint.ts';
import type { AfterCrash, PipelinePlan } from '../pipeline/plan.ts';
import { planReplay, type Replay, type ReplayedDocument } from '../pipeline/replay.ts';
import type { RunOptions } from '../pipeline/run-pipeline.ts';
import type { RunRow, Store } from '../store/contract.ts';
import type { Activity } from './activity.ts';
import type { ExecutorSource } from './executors.ts';
import type { ReplayRequest, RunHandle, RunReport, RunRequest } from './host.ts';
import { type Log, runLines } from './log.ts';
import type { Notifications } from './notifications.ts';
import type { Pipelines } from './pipelines.ts';
import { keptErrors, replayedDocuments } from './replay-documents.ts';
import { RunJournal } from './run-journal.ts';
import { RunLog } from './run-log.ts';
import { findRun, runReport } from './run-reports.ts';
import { runUnderJournal } from './run-under-journal.ts';

export interface RunServiceOptions {
  readonly pipelines: Pipelines;
  readonly executors: ExecutorSource;
  readonly openStore: () => Promise<Store>;
  readonly notifications: Notifications;
  readonly log: Log;
  readonly activity: Activity;
  readonly limits?: RunOptions['limits'];
}

/** How long a run is tried for whose process died: another host may have it by now. */
const takeOverMs = 1_000;

/** What a resume needs to run the same thing again. */
interface Definition {
  readonly file?: string;
  readonly pipeline?: JsonObject;
  readonly accounts: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputDirectory: string;
  readonly allowPaths: boolean;
  readonly afterCrash?: AfterCrash;
  /** Of a replay: the run that the documents failed in, and the documents. */
  readonly replay?: { readonly of: string; readonly documents: readonly ReplayedDocument[] };
}

export class RunService {
  readonly #options: RunServiceOptions;
  readonly #active = new Map<string, { readonly stop: AbortController; readonly finished: Promise<RunReport> }>();

  constructor(options: RunServiceOptions) {
    this.#options = options;
  }

  async start(request: RunRequest, { replay, crashed }: StartedFor = {}): Promise<RunHandle> {
    const store = await this.#options.openStore();
    const resumed = request.resume === undefined ? undefined : await findRun(store, request.resume);
    if (resumed?.state === 'completed') return finishedHandle(resumed);
    const definition = { ...definitionOf(request, resumed), ...(replay === undefined ? {} : { replay }) };
    const whole = await this.#options.pipelines.plan(definition, definition);
    const replayed = definition.replay === undefined ? undefined : planReplay(whole, definition.replay.documents);
    const plan = replayed?.plan ?? whole;
    const runId = resumed?.runId ?? request.runId ?? randomUUID();
    if (resumed === undefined) await insertRun(store, { runId, plan, definition });
    else expectSamePipeline(fingerprintOf(resumed), plan.fingerprint);
    const journal = await RunJournal.take(store, runId, crashed === undefined ? undefined : takeOverMs);
    // Whoever had the run until now may have gone on with it meanwhile.
    const row = await findRun(store, runId);
    if (row.state === 'completed' || (crashed !== undefined && row.attempt !== crashed.attempt)) {
      await journal.close();
      return finishedHandle(row);
    }
    const stop = new AbortController();
    const crashes = crashed === undefined ? 0 : crashed.crashes + 1;
    const finished = this.#run(plan, { request, definition, journal, stop, store, replayed, crashes });
    this.#active.set(runId, { stop, finished });
    // Whoever started the run awaits `finished`; until then a rejection must not end the process.
    finished.catch(() => undefined).finally(() => this.#active.delete(runId));
    return { runId, finished, stop: () => stop.abort() };
  }

  /** Sends documents back in where they failed, in a run of their own. Throws SNAP_USAGE, SNAP_PIPELINE_INVALID. */
  async replay(request: ReplayRequest): Promise<RunHandle> {
    const store = await this.#options.openStore();
    const { definition, runId: of } = await findRun(store, request.runId);
    const before = definition as unknown as Definition;
    const documents = replayedDocuments(request.documents ?? (await keptErrors(store, of)));
    const runId = request.replayId ?? randomUUID();
    const { replay: _, ...again } = before;
    return await this.start(
      {
        ...again,
        ...request,
        runId,
        // What the first run wrote is whole: the replayed part goes into a folder of its own.
        outputDirectory: request.outputDirectory ?? path.join(before.outputDirectory, `replay-${runId}`),
      },
      { replay: { of, documents } },
    );
  }

  /** Goes on with a run whose process died, as it was found. Throws what `start` throws, SNAP_LEASE_LOST when another host has it. */
  async takeOver(found: RunRow): Promise<RunHandle> {
    return await this.start({ resume: found.runId, outputDirectory: '.' }, { crashed: found });
  }

  /** Ends a run as failed whose process died. Throws SNAP_LEASE_LOST when another host has it. */
  async setAside(found: RunRow, error: SnapError): Promise<void> {
    const store = await this.#options.openStore();
    const journal = await RunJournal.take(store, found.runId, takeOverMs);
    try {
      const { attempt } = await findRun(store, found.runId);
      if (attempt !== found.attempt) return;
      const finishedAt = new Date().toISOString();
      const body = error.toJSON() as unknown as JsonObject;
      await journal.update({ state: 'failed', finishedAt, error: body, crashes: found.crashes + 1 });
      await this.#tell(runReport(await findRun(store, found.runId)), store);
    } finally {
      await journal.close();
    }
  }

  /** Stops a run of this process at its last checkpoint; false when it runs elsewhere or not at all. */
  stop(runId: string): boolean {
    const active = this.#active.get(runId);
    active?.stop.abort();
    return active !== undefined;
  }

  /** Stops what is running, each at its last checkpoint, and waits for it. */
  async close(): Promise<void> {
    const active = [...this.#active.values()];
    for (const { stop } of active) stop.abort();
    await Promise.allSettled(active.map(({ finished }) => finished));
  }

  /** Says in the log, and to whom the operator named, how the run ended. */
  async #tell(report: RunReport, store: Store): Promise<void> {
    const { log, notifications } = this.#options;
    const { runId, pipeline, state, error } = report;
    log.info(
      { runId, pipeline, state, ...(error === undefined ? {} : { code: error.code, snap: error.snap }) },
      'the run ended',
    );
    if (notifications.isEmpty) return;
    const [, before] = await store.runs.list({ limit: 2, pipeline });
    await notifications.tell(report, before?.state);
  }

  async #run(plan: PipelinePlan, work: RunWork): Promise<RunReport> {
    const { request, definition, journal, stop, store, replayed, crashes } = work;
    const { executors, activity, limits } = this.#options;
    const write = runLines(this.#options.log, journal.runId, plan);
    const log = new RunLog((entries) => {
      write(entries);
      return journal.appendLog(entries);
    });
    const names = new Set(plan.snaps.map(({ account }) => account));
    const unlisten = activity.onRenewal((account, error) => {
      if (names.has(account)) log.renewal(account, error);
    });
    try {
      const accounts = new Map((await store.accounts.list()).map(({ name, settings }) => [name, settings]));
      const row = await findRun(store, journal.runId);
      const sayLine = (line: string): void => {
        log.tell({ level: 'info', event: 'line', message: line });
        request.onLog?.(line);
      };
      const executor = executors.forRun(
        { ...definition, log: sayLine },
        { writes: (snapId) => journal.writes(snapId), observe: (snapId, event) => log.request(snapId, event) },
      );
      await runUnderJournal(plan, {
        journal,
        log,
        startedAt: row.startedAt ?? new Date().toISOString(),
        attempt: row.attempt + 1,
        crashes,
        executor: (planned) => replayed?.executor(planned) ?? executor(planned),
        accountSettings: ({ account }) => (account === undefined ? undefined : accounts.get(account)),
        signal: AbortSignal.any([stop.signal, journal.signal]),
        stop: () => stop.abort(),
        onProgress: request.onProgress,
        ...(limits === undefined ? {} : { limits }),
      });
      const report = runReport(await findRun(store, journal.runId));
      await this.#tell(report, store);
      return report;
    } finally {
      unlisten();
      await log.close();
      await journal.close();
    }
  }
}

interface RunWork {
  readonly request: RunRequest;
  readonly definition: Definition;
  readonly journal: RunJournal;
  readonly stop: AbortController;
  readonly store: Store;
  readonly replayed: Replay | undefined;
  readonly crashes: number;
}

/** What a run is started for beside its request. */
interface StartedFor {
  readonly replay?: Definition['replay'];
  /** The run as it was found when its process had died. */
  readonly crashed?: RunRow;
}

/** A resumed run keeps its files, accounts and parameters where nothing else is said; where its output is cannot change. */
function definitionOf(request: RunRequest, resumed: RunRow | undefined): Definition {
  const before = resumed?.definition as Definition | undefined;
  const afterCrash = request.afterCrash ?? before?.afterCrash;
  return {
    ...sourceOf(request, before),
    accounts: { ...before?.accounts, ...request.accounts },
    parameters: { ...before?.parameters, ...request.parameters },
    outputDirectory: before?.outputDirectory ?? path.resolve(request.outputDirectory),
    allowPaths: before?.allowPaths ?? request.allowPaths ?? false,
    ...(afterCrash === undefined ? {} : { afterCrash }),
    ...(before?.replay === undefined ? {} : { replay: before.replay }),
  };
}

/** A file may have been mended since; a pipeline that was handed in is kept as it was. */
function sourceOf(request: RunRequest, before: Definition | undefined): Pick<Definition, 'file' | 'pipeline'> {
  if (request.file !== undefined) return { file: path.resolve(request.file) };
  if (request.pipeline !== undefined) return { pipeline: request.pipeline };
  if (before?.pipeline !== undefined) return { pipeline: before.pipeline };
  return before?.file === undefined ? {} : { file: before.file };
}

async function insertRun(
  store: Store,
  { runId, plan, definition }: { runId: string; plan: PipelinePlan; definition: Definition },
): Promise<void> {
  const isNew = await store.runs.insert({
    runId,
    pipeline: plan.name,
    parameters: plan.parameters,
    definition: {
      ...(plan.afterCrash === undefined ? {} : { afterCrash: plan.afterCrash }),
      ...definition,
      fingerprint: plan.fingerprint,
    } as unknown as JsonObject,
  });
  if (isNew) return;
  throw new ExecutionError('SNAP_LEASE_LOST', `The run ${runId} was not started.`, {
    reason: 'it was started already, under this very id',
    resolution: `see "snaps runs show ${runId}"`,
  });
}

/** What the pipeline was when the run was first started: a run that has no checkpoint yet is held to it too. */
function fingerprintOf(row: RunRow): Readonly<Record<string, string>> {
  return row.definition.fingerprint as Readonly<Record<string, string>>;
}

function finishedHandle(row: RunRow): RunHandle {
  return { runId: row.runId, finished: Promise.resolve(runReport(row)), stop: () => undefined };
}

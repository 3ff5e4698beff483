// Owns starting and resuming runs: the row before the first request, the engine in between, the report at the end.
import { createHash, randomUUID } from 'node:crypto';
import path from 'node:path';
import type { JsonObject } from '../document/json.ts';
import { asSnapError, type SnapError } from '../errors.ts';
import { type Enclosed, enclose } from '../pipeline/enclose.ts';
import { EvaluatorPool } from '../pipeline/evaluator-pool.ts';
import { expectSamePipeline } from '../pipeline/fingerprint.ts';
import type { PipelinePlan } from '../pipeline/plan.ts';
import { planReplay, type Replay } from '../pipeline/replay.ts';
import type { RunOptions } from '../pipeline/run-pipeline.ts';
import { errorPipelineSnap, type RunRow, type Store } from '../store/contract.ts';
import type { Activity } from './activity.ts';
import { CarefulRuns } from './careful-runs.ts';
import { ChildRuns, endSparedChildren, type PreparedChild } from './child-runs.ts';
import { errorRun } from './error-pipeline.ts';
import type { ExecutorSource } from './executors.ts';
import type { ReplayRequest, RunHandle, RunReport, RunRequest } from './host.ts';
import { type Log, runLines } from './log.ts';
import type { Notifications } from './notifications.ts';
import type { Pipelines } from './pipelines.ts';
import { keptErrors, replayedDocuments } from './replay-documents.ts';
import { type Care, careAfter } from './run-deaths.ts';
import { type Definition, definitionOf, fingerprintOfRow } from './run-definition.ts';
import { RunHandover } from './run-handover.ts';
import { RunJournal } from './run-journal.ts';
import { RunLog } from './run-log.ts';
import { findRun, reportOf, runReport } from './run-reports.ts';
import { insertRun, isChanged, refuseChild } from './run-rows.ts';
import { runUnderJournal } from './run-under-journal.ts';

/** Longer values of a child's parameters stand in the name of its cursors as a digest. */
const cursorNameCharactersMax = 200;

export interface RunServiceOptions {
  readonly pipelines: Pipelines;
  readonly executors: ExecutorSource;
  readonly openStore: () => Promise<Store>;
  readonly notifications: Notifications;
  readonly log: Log;
  readonly activity: Activity;
  /** Set where runs are handed to workers instead of being run here. */
  readonly handover?: RunHandover | undefined;
  readonly limits?: RunOptions['limits'];
}

/** How long a run is tried for whose process died: another host may have it by now. */
const takeOverMs = 1_000;

export class RunService {
  readonly #options: RunServiceOptions;
  readonly #active = new Map<string, { readonly stop: StopSwitch; readonly finished: Promise<RunReport> }>();
  readonly #careful = new CarefulRuns();

  constructor(options: RunServiceOptions) {
    this.#options = options;
  }

  async start(request: RunRequest, { found, isHere = false, ...more }: StartedFor = {}): Promise<RunHandle> {
    const handover = isHere ? undefined : this.#options.handover;
    const store = await this.#options.openStore();
    const resumed = request.resume === undefined ? undefined : await findRun(store, request.resume);
    if (resumed !== undefined) refuseChild(resumed);
    if (resumed?.state === 'completed') return await this.#finished(store, resumed.runId);
    if (resumed !== undefined && handover === undefined) await this.#follow(store, resumed.runId);
    const stated = { ...definitionOf(request, resumed), ...more };
    const definition = handover === undefined ? stated : RunHandover.definitionOf(stated);
    const options = { ...definition, isErrorPipeline: definition.texts !== undefined };
    // A pipeline that leaves its file is checked with its lock first, and then as the worker will find it.
    if (definition.file !== stated.file) await this.#options.pipelines.plan(stated, options);
    const whole = await this.#options.pipelines.plan(definition, options);
    const own = hostParts(whole, definition);
    const plan = own?.plan ?? whole;
    const runId = resumed?.runId ?? request.runId ?? randomUUID();
    const insert = (lane?: string) => insertRun(store, { runId, plan, definition, lane });
    if (resumed !== undefined) expectSamePipeline(fingerprintOfRow(resumed), plan.fingerprint);
    if (handover !== undefined) return await handover.put({ store, runId, plan, definition, insert, resumed });
    if (resumed === undefined) await insert();
    const journal = await RunJournal.take(store, runId, found === undefined ? undefined : takeOverMs);
    const taken = await journal.orGiveBack(async () => {
      const row = await findRun(store, runId);
      // Whoever had the run until now may have gone on with it meanwhile.
      if (row.state === 'completed' || (found !== undefined && isChanged(row, found))) return undefined;
      const how = { isTakenOver: found !== undefined, wasOutlived: this.#careful.hasLost(runId) };
      const { deaths: crashes, care } = await careAfter(journal, { row, plan, ...how });
      return { crashes, care, lane: row.lane };
    });
    if (taken === undefined) {
      await journal.close();
      return await this.#finished(store, runId);
    }
    const stop = new StopSwitch();
    const evaluators = new EvaluatorPool();
    const family = { told: request, evaluators, targets: new Set<string>() };
    const work = { ...family, ...taken, definition, journal, stop, store, own };
    const finished = this.#run(plan, work).finally(() => evaluators.close());
    this.#active.set(runId, { stop, finished });
    // Whoever started the run awaits `finished`; until then a rejection must not end the process.
    finished.catch(() => this.#careful.lose(runId)).finally(() => this.#active.delete(runId));
    return { runId, isQueued: false, finished, stop: () => stop.abort() };
  }

  /** A run that has completed: only its error pipeline may be left to run. */
  async #finished(store: Store, runId: string): Promise<RunHandle> {
    const stop = new AbortController();
    const finished = this.#follow(store, runId, { signal: stop.signal }).then(() => reportOf(store, runId));
    finished.catch(() => undefined);
    return { runId, isQueued: false, finished, stop: () => stop.abort() };
  }

  /** Sends documents back in where they failed, in a run of their own. Throws SNAP_USAGE, SNAP_PIPELINE_INVALID. */
  async replay(request: ReplayRequest): Promise<RunHandle> {
    const store = await this.#options.openStore();
    const { definition, runId: of } = await findRun(store, request.runId);
    const before = definition as unknown as Definition;
    const documents = replayedDocuments(request.documents ?? (await keptErrors(store, of)));
    const runId = request.replayId ?? randomUUID();
    const { isChild = false, file, pipeline, accounts, parameters, allowPaths } = before;
    return await this.start(
      {
        ...(file === undefined ? {} : { file }),
        ...(pipeline === undefined ? {} : { pipeline }),
        ...{ accounts, allowPaths, parameters: parameters as Readonly<Record<string, string>> },
        ...request,
        runId,
        // What the first run wrote is whole: the replayed part goes into a folder of its own.
        outputDirectory: request.outputDirectory ?? path.join(before.outputDirectory, `replay-${runId}`),
      },
      { replay: { of, documents }, ...(isChild ? { isChild } : {}) },
    );
  }

  /** Goes on here with a run that nobody holds, as it was found. Throws what `start` throws, SNAP_LEASE_LOST when another host has it. */
  async takeOver(found: RunRow): Promise<RunHandle> {
    // Before anything is waited for: whoever asks next whether a run is careful must hear of this one.
    if (found.state === 'running') this.#careful.enter(found.runId);
    try {
      const handle = await this.start({ resume: found.runId, outputDirectory: '.' }, { found, isHere: true });
      handle.finished.catch(() => undefined).finally(() => this.#careful.end(found.runId));
      return handle;
    } catch (thrown) {
      this.#careful.end(found.runId);
      throw thrown;
    }
  }

  /** Ends a run as failed whose process died. Throws SNAP_LEASE_LOST when another host has it. */
  async setAside(found: RunRow, error: SnapError): Promise<void> {
    const store = await this.#options.openStore();
    await RunJournal.holding(store, { runId: found.runId, patienceMs: takeOverMs }, async (journal) => {
      const { attempt } = await findRun(store, found.runId);
      if (attempt !== found.attempt) return;
      const finishedAt = new Date().toISOString();
      const body = error.toJSON() as unknown as JsonObject;
      await journal.update({ state: 'failed', finishedAt, error: body, crashes: found.crashes + 1 });
      const row = await findRun(store, found.runId);
      await this.#tell(runReport(row), row, store);
    });
  }

  /** Whether a run of this process goes on carefully after a death. */
  get isCareful(): boolean {
    return this.#careful.isAny;
  }

  /** Stops a run of this process at its last checkpoint; false when it runs elsewhere or not at all. */
  stop(runId: string): boolean {
    const active = this.#active.get(runId);
    active?.stop.abort();
    return active !== undefined;
  }

  /** Stops a run of this process at its last checkpoint, so that it waits for another worker. */
  giveBack(runId: string): void {
    const stop = this.#active.get(runId)?.stop;
    if (stop === undefined) return;
    stop.isGivingBack = true;
    stop.abort();
  }

  /** Stops what is running, each at its last checkpoint, and waits for it. */
  async close(): Promise<void> {
    const active = [...this.#active.values()];
    for (const { stop } of active) stop.abort();
    await Promise.allSettled(active.map(({ finished }) => finished));
  }

  /** Says in the log, and to whom the operator named, how the run ended. */
  async #tell(report: RunReport, { parent }: RunRow, store: Store): Promise<void> {
    const { log, notifications } = this.#options;
    const { runId, pipeline, state, error } = report;
    log.info(
      { runId, pipeline, state, ...(error === undefined ? {} : { code: error.code, snap: error.snap }) },
      'the run ended',
    );
    // The run that started it tells how it went; an error pipeline has nobody else to tell.
    if (notifications.isEmpty || (parent !== null && parent.snapId !== errorPipelineSnap)) return;
    const [, before] = await store.runs.list({ limit: 2, pipeline });
    await notifications.tell(report, before?.state);
  }

  async #run(plan: PipelinePlan, work: RunWork): Promise<RunReport> {
    const { definition, journal, stop, store, told, own, crashes, care } = work;
    const { executors, activity, limits } = this.#options;
    const write = runLines(this.#options.log, journal.runId, plan);
    const log = new RunLog((entries) => {
      write(entries);
      return journal.appendLog(entries);
    }, told.onLog);
    const names = new Set(plan.snaps.map(({ account }) => account));
    const unlisten = activity.onRenewal((account, error) => {
      if (names.has(account)) log.renewal(account, error);
    });
    try {
      const accounts = new Map((await store.accounts.list()).map(({ name, settings }) => [name, settings]));
      const row = await findRun(store, journal.runId);
      const attempt = row.attempt + 1;
      const startedAt = row.startedAt ?? new Date().toISOString();
      const runChild = (child: PreparedChild) => this.#runChild(child, work);
      const core: RunCore = {
        ...definition,
        log: (line) => {
          log.tell({ level: 'info', event: 'line', message: line });
          told.onLog?.(line);
        },
        children: new ChildRuns({ store, journal, log, plan, definition, targets: work.targets, runChild }),
        ...{ targets: work.targets, permit: () => journal.confirm(stop.signal) },
      };
      const executor = executors.forRun(core, {
        writes: (snapId) => journal.writes(snapId),
        observe: (snapId, event, account) => log.request(snapId, event, account),
      });
      const { state } = await runUnderJournal(plan, {
        ...{ journal, log, attempt, cursorsOf: cursorsOf(plan, definition) },
        startedAt,
        crashes,
        evaluators: work.evaluators,
        executor: (planned) => own?.executor(planned) ?? executor(planned),
        accountSettings: ({ account }) => (account === undefined ? undefined : accounts.get(account)),
        signal: AbortSignal.any([stop.signal, journal.signal]),
        runLimits: { ...plan.limits, ...definition.limits },
        isGivenBack: () => stop.isGivingBack,
        ...(care === undefined ? {} : { careful: this.#careful.begin(care, journal) }),
        stop: () => stop.abort(),
        ...(limits === undefined ? {} : { limits }),
        onProgress: told.onProgress,
        follower: async (result) =>
          await errorRun({ store, journal, plan, definition, startedAt, attempt, result, lane: work.lane }).catch(
            (thrown: unknown) => {
              // However it is with the error pipeline, the run has ended.
              const { message, reason } = asSnapError(thrown, 'The error pipeline');
              log.tell({
                level: 'error',
                event: 'child',
                message: `the error pipeline cannot run: ${message} ${reason}`,
              });
              return undefined;
            },
          ),
      });
      if (state === 'completed' && care !== undefined && care.setAside.length > 0) {
        await endSparedChildren(store, journal.runId, plan);
      }
      return await this.#end(work, log);
    } finally {
      this.#careful.end(journal.runId);
      unlisten();
      await log.close();
      await journal.close();
    }
  }

  /** Tells how a run ended, and runs what follows from it. */
  async #end(work: RunWork, log: RunLog): Promise<RunReport> {
    const { journal, store, stop } = work;
    const row = await findRun(store, journal.runId);
    await this.#tell(runReport(row), row, store);
    await this.#follow(store, journal.runId, {
      signal: stop.signal,
      onEnd: ({ runId, state }) => {
        const level = state === 'completed' ? 'info' : 'error';
        const message = `the run ${runId} of the error pipeline is ${state}`;
        log.tell({ level, event: 'child', message, details: { runId, state } });
      },
    });
    return await reportOf(store, journal.runId);
  }

  /** Runs what a snap asks for: under a lease of its own, stopped with the run that asks. */
  async #runChild({ runId, definition, enclosed, signal }: PreparedChild, parent: RunWork): Promise<void> {
    const { store, targets, evaluators, told } = parent;
    const journal = await RunJournal.take(store, runId);
    const stop = new StopSwitch();
    const stopWithParent = () => stop.abort();
    signal.addEventListener('abort', stopWithParent, { once: true });
    if (signal.aborted) stop.abort();
    const onLog = told.onLog === undefined ? {} : { onLog: told.onLog };
    const finished = this.#run(enclosed.plan, {
      ...{ definition, journal, stop, store, targets, evaluators, own: enclosed, told: onLog },
      ...{ crashes: 0, care: undefined, lane: null },
    });
    this.#active.set(runId, { stop, finished });
    try {
      await finished;
    } finally {
      this.#active.delete(runId);
      signal.removeEventListener('abort', stopWithParent);
    }
  }

  /** Runs the error pipeline of a run that has ended: what was added with its end and has not ended itself. A failure there goes no further. */
  async #follow(
    store: Store,
    runId: string,
    { signal, onEnd }: { readonly signal?: AbortSignal; readonly onEnd?: (report: RunReport) => void } = {},
  ): Promise<void> {
    for (const { runId: follower, state } of await store.runs.children(runId, errorPipelineSnap, 0)) {
      if (state === 'completed' || state === 'failed') continue;
      try {
        const handle = await this.start({ resume: follower, outputDirectory: '' }, { isHere: true });
        const stop = () => handle.stop();
        signal?.addEventListener('abort', stop, { once: true });
        const report = await handle.finished.finally(() => signal?.removeEventListener('abort', stop));
        onEnd?.(report);
      } catch (thrown) {
        const { code, message, reason } = asSnapError(thrown, 'The error pipeline');
        this.#options.log.warn(
          { runId, follower, code, reason: `${message} ${reason}` },
          'the error pipeline did not run',
        );
      }
    }
  }
}

/** Stops a run; its end is then *stopped*, or *queued* when it is given back. */
class StopSwitch extends AbortController {
  isGivingBack = false;
}

type RunCore = Parameters<ExecutorSource['forRun']>[0];

interface RunWork {
  readonly told: Pick<RunRequest, 'onProgress' | 'onLog'>;
  readonly definition: Definition;
  readonly journal: RunJournal;
  readonly stop: StopSwitch;
  readonly store: Store;
  /** The snaps that the host itself put into the plan. */
  readonly own: Replay | Enclosed | undefined;
  readonly crashes: number;
  readonly lane: string | null;
  /** Undefined for a run whose process has not died. */
  readonly care: Care | undefined;
  /** Files that this run, and those that belong to it, write: each has one writer. */
  readonly targets: Set<string>;
  /** Lends the expression process that they share. */
  readonly evaluators: EvaluatorPool;
}

/** What a run is started for beside its request. */
interface StartedFor extends Pick<Definition, 'replay' | 'isChild'> {
  /** The run as it was found when nobody held it. */
  readonly found?: RunRow;
  /** It is not handed to workers, for one has it or this host began what it belongs to. */
  readonly isHere?: boolean;
}

/** What the host puts into a plan: documents to send back in, or those that an error pipeline gets. */
function hostParts(plan: PipelinePlan, { replay, texts }: Definition): Replay | Enclosed | undefined {
  if (replay !== undefined) return planReplay(plan, replay.documents);
  return texts === undefined ? undefined : enclose(plan, { texts });
}

/** Runs of a child with other parameters read other things: each set of values follows its own. */
function cursorsOf({ name, parameters }: PipelinePlan, { isChild = false, texts }: Definition): string {
  if (!isChild || texts !== undefined) return name;
  const values = JSON.stringify(parameters);
  const isLong = values.length > cursorNameCharactersMax;
  return `${name} ${isLong ? createHash('sha256').update(values).digest('hex') : values}`;
}

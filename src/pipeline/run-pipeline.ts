// Owns a run: joins the snaps of a plan, lets them work, and ends them together. Where checkpoints go is handed in.
import { setTimeout as delay } from 'node:timers/promises';
import type { Document } from '../document/document.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { asSnapError, ExecutionError, SnapError } from '../errors.ts';
import { compileExpression, type EvaluatorOptions, ExpressionEvaluator } from '../expression/index.ts';
import type { BoundExpression, SnapExecutor, SnapOutput } from '../snap/executor.ts';
import { type CarefulRun, CarefulTurn } from './careful-turn.ts';
import {
  type Checkpoint,
  Checkpointer,
  type CheckpointLimits,
  checkpointLimitsDefault,
  type SaveCheckpoint,
} from './checkpoint.ts';
import { countsFault, emptyCounts, type SnapReport } from './counts.ts';
import type { EngineEvent } from './engine-event.ts';
import type { EvaluatorPool, LentEvaluator } from './evaluator-pool.ts';
import { expectSamePipeline } from './fingerprint.ts';
import type { PipelinePlan, PlannedSnap, RunLimits } from './plan.ts';
import { PreviewSample } from './preview-sample.ts';
import { RunBounds } from './run-bounds.ts';
import { RunningSnap } from './running-snap.ts';
import { type ParametersOf, resolveScopes } from './scopes.ts';
import { type ViewLimits, viewLimitsDefault } from './view.ts';
import { keepYoungGeneration } from './young-generation.ts';

/** What a run tells while it is under way. */
export interface PipelineProgress {
  readonly snaps: readonly SnapReport[];
  /** Documents that the sources expect in all; undefined while one of them does not know. */
  readonly expected: number | undefined;
}

export interface RunOptions {
  readonly runId: string;
  /** When the run was first started, ISO 8601; a resumed run keeps it, so that $now() stands still. */
  readonly startedAt: string;
  /** Makes the executor of one snap, for this run alone. */
  readonly executor: (planned: PlannedSnap) => SnapExecutor;
  /** The public settings of a snap's account, for expressions; never a secret. */
  readonly accountSettings?: (planned: PlannedSnap) => JsonObject | undefined;
  /** Ends the run: it is then `stopped` and can be resumed. */
  readonly signal?: AbortSignal;
  /** A checkpoint that `saveCheckpoint` was given, to go on from. */
  readonly checkpoint?: JsonObject;
  /** For a run whose process has died before. */
  readonly careful?: CarefulRun;
  /** What the last completed run of this pipeline left for its snaps, by their ids. */
  readonly cursors?: Readonly<Record<string, JsonValue>>;
  /** Without it no checkpoint is made. A rejection fails the run. */
  readonly saveCheckpoint?: SaveCheckpoint;
  /** Called at most ten times a second, and once at the end. */
  readonly onProgress?: (progress: PipelineProgress) => void;
  /** Told what happens; must not throw. */
  readonly onEvent?: (event: EngineEvent) => void;
  /** Bounds of this run; passing one fails it. */
  readonly runLimits?: RunLimits;
  /** Runs a bounded sample with nothing changed outside: this many documents of each snap at most. */
  readonly previewDocumentsMax?: number;
  readonly limits?: Partial<ViewLimits & CheckpointLimits>;
  readonly evaluator?: EvaluatorOptions;
  /** Lends the expression process in place of one of the run's own. */
  readonly evaluators?: Pick<EvaluatorPool, 'lend'>;
}

export interface RunResult {
  readonly state: 'completed' | 'failed' | 'stopped';
  readonly error?: SnapError;
  /** The snap that failed. */
  readonly failedSnap?: string;
  /** The document that it failed on, where one is to blame. */
  readonly failedDocument?: Document;
  readonly snaps: readonly SnapReport[];
  readonly outputs: readonly SnapOutput[];
  /** Error documents of unlinked error views that no checkpoint has stored; a resume makes them again. */
  readonly errors: readonly JsonObject[];
  /** What each snap leaves for the next run, by its id; to be kept only when the run has completed. */
  readonly cursors: Readonly<Record<string, JsonValue>>;
  /** The first documents that each snap gave, on a preview. */
  readonly samples?: Readonly<Record<string, readonly JsonObject[]>>;
  /** The same by the view that they left by, as SNAP.VIEW, and in SNAP.error those that failed. */
  readonly sampledViews?: Readonly<Record<string, readonly JsonObject[]>>;
}

const progressMs = 100;
/** A snap that does not end when it is told to is left behind after this. */
const stopMsMax = 1_500;

/**
 * Runs a plan once. States: running until every snap has ended, then completed; failed when a snap throws or a
 * checkpoint cannot be saved; stopped when the signal aborts. However it ends, every executor's `close` is called: with
 * true only after the last checkpoint is durable, so that a kill before, between or after the renames can be resumed.
 * Throws SNAP_PIPELINE_INVALID when the checkpoint is of another pipeline; everything else is in the result.
 */
export async function runPipeline(plan: PipelinePlan, options: RunOptions): Promise<RunResult> {
  const checkpoint = options.checkpoint as unknown as Checkpoint | undefined;
  if (checkpoint !== undefined) expectSamePipeline(checkpoint.fingerprint, plan.fingerprint);
  keepYoungGeneration();
  const { evaluator, release } = options.evaluators?.lend() ?? ownEvaluator(options.evaluator);
  try {
    const run = { id: options.runId, startedAt: options.startedAt };
    const parametersOf = await resolveScopes(plan, (source, parameters) => {
      const scope = { hasDocument: false, parameters: Object.keys(parameters), hasAccount: false };
      return evaluator.bind(compileExpression(source, scope), { parameters, run });
    }).catch((thrown: unknown) => asSnapError(thrown, 'Reading the parameters'));
    if (parametersOf instanceof SnapError) return failedBefore(plan, parametersOf);
    return await new PipelineRun(plan, options, { checkpoint, evaluator, parametersOf }).run();
  } finally {
    release();
  }
}

function ownEvaluator(options: EvaluatorOptions | undefined): LentEvaluator {
  const evaluator = new ExpressionEvaluator(options);
  return { evaluator, release: () => evaluator.close() };
}

/** What is made before the snaps of a run are. */
interface Prepared {
  readonly checkpoint: Checkpoint | undefined;
  readonly evaluator: ExpressionEvaluator;
  readonly parametersOf: ParametersOf;
}

class PipelineRun {
  readonly #plan: PipelinePlan;
  readonly #options: RunOptions;
  readonly #prepared: Prepared;
  readonly #bounds: RunBounds;
  readonly #abort = new AbortController();
  readonly #checkpointer: Checkpointer;
  readonly #careful: CarefulTurn | undefined;
  readonly #samples = new Map<string, PreviewSample>();
  readonly #snaps: RunningSnap[] = [];
  readonly #executors: SnapExecutor[] = [];
  #failure: { error: SnapError; snap: string | undefined } | undefined;

  constructor(plan: PipelinePlan, options: RunOptions, prepared: Prepared) {
    this.#plan = plan;
    this.#options = options;
    this.#prepared = prepared;
    this.#bounds = new RunBounds(options.runLimits);
    const active = plan.snaps.filter((planned) => planned.execution !== 'disabled');
    this.#checkpointer = new Checkpointer({
      snapIds: active.map((planned) => planned.id),
      fingerprint: plan.fingerprint,
      limits: { ...checkpointLimitsDefault, ...options.limits },
      save: this.#isPreview ? undefined : this.#saving(options.saveCheckpoint),
      onError: (thrown) => this.#fail(thrown, undefined),
    });
    const given = () => Object.fromEntries(this.#sources.map((snap) => [snap.planned.id, snap.report().output]));
    this.#careful = options.careful && new CarefulTurn(options.careful, { given, signal: this.#abort.signal });
    for (const planned of active) this.#add(planned);
    this.#join();
  }

  get #sources(): readonly RunningSnap[] {
    return this.#snaps.filter((snap) => !snap.inbox.isLinked);
  }

  /** Tells of each checkpoint when it is durable. */
  #saving(save: SaveCheckpoint | undefined): SaveCheckpoint | undefined {
    if (save === undefined) return undefined;
    return async (checkpoint, errors) => {
      await save(checkpoint, errors);
      const rows = (checkpoint as unknown as Checkpoint).snaps;
      const documents = this.#sources.reduce((sum, { planned }) => sum + (rows[planned.id]?.counts.output ?? 0), 0);
      this.#tell({ kind: 'checkpoint', documents });
    };
  }

  /** Refuses documents of a source beyond the bound of the run. */
  #admit(documents: number): void {
    this.#bounds.admit(documents, () => this.#sources.reduce((sum, snap) => sum + snap.report().output, 0));
  }

  #tell(event: EngineEvent): void {
    this.#options.onEvent?.(event);
  }

  async run(): Promise<RunResult> {
    const { signal, onProgress } = this.#options;
    const stop = () => this.#abort.abort(stopped());
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    const deadline = this.#bounds.startDeadline((error) => this.#fail(error, undefined));
    const timer = onProgress === undefined ? undefined : setInterval(() => onProgress(this.#progress()), progressMs);
    try {
      await this.#work();
      if (this.#failure === undefined && !this.#abort.signal.aborted) await this.#commit();
      else await this.#withdraw();
    } finally {
      clearInterval(timer);
      clearTimeout(deadline);
      signal?.removeEventListener('abort', stop);
    }
    onProgress?.(this.#progress());
    return this.#result();
  }

  get #isPreview(): boolean {
    return this.#options.previewDocumentsMax !== undefined;
  }

  #add(planned: PlannedSnap): void {
    const { checkpoint, evaluator, parametersOf } = this.#prepared;
    const parameters = parametersOf(planned);
    const { runId, startedAt, limits, previewDocumentsMax, accountSettings } = this.#options;
    const sample = previewDocumentsMax === undefined ? undefined : new PreviewSample(previewDocumentsMax);
    if (sample !== undefined) this.#samples.set(planned.id, sample);
    const account = planned.account === undefined ? undefined : (accountSettings?.(planned) ?? {});
    const bindings = {
      parameters,
      run: { id: runId, startedAt },
      ...(account === undefined ? {} : { account }),
    };
    const scope = {
      hasDocument: this.#plan.links.some((link) => link.to === planned.id),
      parameters: Object.keys(parameters),
      hasAccount: account !== undefined,
    };
    const bind = (source: string): BoundExpression => evaluator.bind(compileExpression(source, scope), bindings);
    const executor = this.#options.executor(planned);
    this.#executors.push(executor);
    this.#snaps.push(
      new RunningSnap({
        planned,
        executor,
        runId,
        limits: { ...viewLimitsDefault, ...limits },
        signal: this.#abort.signal,
        checkpointer: this.#checkpointer,
        restored: checkpoint?.snaps[planned.id],
        cursor: this.#options.cursors?.[planned.id],
        sample,
        careful: this.#careful,
        bind,
        admit: (documents) => this.#admit(documents),
        onEvent: (event) => this.#tell(event),
        giveUp: (checkpoint) => {
          if (!this.#checkpointer.giveUp(checkpoint)) return;
          for (const snap of this.#snaps) snap.inbox.giveUp(checkpoint);
        },
      }),
    );
  }

  #join(): void {
    const byId = new Map(this.#snaps.map((snap) => [snap.planned.id, snap]));
    for (const { from, fromView, to, toView } of this.#plan.links) {
      const target = byId.get(to);
      if (target !== undefined) byId.get(from)?.link(fromView, target.inbox.addLink(toView));
    }
  }

  /** Lets every snap work until all have ended, or one has failed and the others had their time to stop. */
  async #work(): Promise<void> {
    const all = this.#snaps.map(async (snap) => {
      const isSkipped = this.#isPreview && snap.planned.execution === 'execute-only';
      const { id } = snap.planned;
      this.#tell({ kind: 'snap', snap: id, state: isSkipped ? 'skipped' : 'running', counts: snap.report() });
      try {
        await snap.run({ isSkipped });
      } catch (thrown) {
        snap.state = this.#abort.signal.aborted ? 'stopped' : 'failed';
        if (!this.#abort.signal.aborted) this.#fail(thrown, id);
      }
      if (!isSkipped) this.#tell({ kind: 'snap', snap: id, state: snap.state, counts: snap.report() });
    });
    await Promise.race([Promise.all(all), this.#afterAbort()]);
  }

  async #afterAbort(): Promise<void> {
    const { signal } = this.#abort;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await delay(stopMsMax, undefined, { ref: false });
  }

  async #commit(): Promise<void> {
    try {
      await this.#careful?.end();
      for (const snap of this.#snaps) {
        // A snap without an input made its documents itself.
        const isHeld = !this.#isPreview && snap.inbox.isLinked;
        const fault = isHeld ? countsFault(snap.planned, snap.report()) : undefined;
        if (fault !== undefined) throw lostDocuments(fault);
      }
      await this.#checkpointer.complete();
      for (const executor of this.#executors) await executor.close?.(true);
      if (!this.#isPreview) for (const snap of this.#snaps) await this.#tellArrived(snap);
    } catch (thrown) {
      // A stop while the far side is told is a stop: what is left is told when the run is resumed.
      if (!this.#abort.signal.aborted) this.#fail(thrown, undefined);
      await this.#withdraw();
    }
  }

  async #tellArrived(snap: RunningSnap): Promise<void> {
    try {
      await snap.arrived();
    } catch (thrown) {
      if (!this.#abort.signal.aborted) this.#fail(thrown, snap.planned.id);
      throw thrown;
    }
  }

  async #withdraw(): Promise<void> {
    const closing = Promise.allSettled([
      this.#checkpointer.settle(),
      ...this.#executors.map((executor) => executor.close?.(false)),
    ]);
    await Promise.race([closing, delay(stopMsMax, undefined, { ref: false })]);
    for (const snap of this.#snaps) if (snap.state === 'running' || snap.state === 'waiting') snap.state = 'stopped';
  }

  #fail(thrown: unknown, snap: string | undefined): void {
    const error = asSnapError(thrown, snap === undefined ? 'The run' : `The snap "${snap}"`);
    this.#failure ??= { error, snap };
    this.#abort.abort(error);
  }

  #progress(): PipelineProgress {
    const sources = this.#sources;
    const isKnown = sources.length > 0 && sources.every((snap) => snap.expected !== undefined);
    return {
      snaps: this.#reports(),
      expected: isKnown ? sources.reduce((sum, snap) => sum + (snap.expected ?? 0), 0) : undefined,
    };
  }

  #reports(): SnapReport[] {
    const running = new Map(this.#snaps.map((snap) => [snap.planned.id, snap.report()]));
    return this.#plan.snaps.map((planned) => running.get(planned.id) ?? emptyReport(planned, 'disabled'));
  }

  #cursors(): Record<string, JsonValue> {
    return Object.fromEntries(
      this.#snaps.flatMap(({ planned, cursor }) => (cursor === undefined ? [] : [[planned.id, cursor]])),
    );
  }

  #result(): RunResult {
    const failure = this.#failure;
    const failed = this.#snaps.find(({ planned }) => planned.id === failure?.snap)?.failedDocument;
    return {
      state: failure !== undefined ? 'failed' : this.#abort.signal.aborted ? 'stopped' : 'completed',
      ...(failure === undefined ? {} : { error: failure.error }),
      ...(failure?.snap === undefined ? {} : { failedSnap: failure.snap }),
      ...(failed === undefined ? {} : { failedDocument: failed }),
      snaps: this.#reports(),
      outputs: this.#snaps.flatMap((snap) => snap.outputs),
      cursors: this.#isPreview ? {} : this.#cursors(),
      errors: [...this.#checkpointer.unsavedErrors, ...this.#snaps.flatMap((snap) => snap.unsavedErrors)],
      ...(this.#isPreview
        ? {
            samples: Object.fromEntries([...this.#samples].map(([id, sample]) => [id, sample.documents])),
            sampledViews: Object.fromEntries(
              [...this.#samples].flatMap(([id, { views }]) =>
                views.map(([view, documents]) => [`${id}.${view}`, documents] as const),
              ),
            ),
          }
        : {}),
    };
  }
}

function emptyReport({ id, snap }: PlannedSnap, state: SnapReport['state']): SnapReport {
  return { id, snap: snap.id, state, ...emptyCounts() };
}

/** The result of a run that failed before its snaps began. */
function failedBefore({ snaps }: PipelinePlan, error: SnapError): RunResult {
  const rows = snaps.map((planned) => emptyReport(planned, 'stopped'));
  return { state: 'failed', error, snaps: rows, outputs: [], errors: [], cursors: {} };
}

function stopped(): ExecutionError {
  return new ExecutionError('SNAP_RUN_INTERRUPTED', 'The run was stopped.', {
    reason: 'somebody asked for it',
    resolution: 'resume it with "snaps run FILE --resume RUN"',
  });
}

function lostDocuments(reason: string): ExecutionError {
  return new ExecutionError('SNAP_INTERNAL', 'The documents of a snap do not add up.', {
    reason,
    resolution: 'report the fault with this text; the run can be resumed',
  });
}

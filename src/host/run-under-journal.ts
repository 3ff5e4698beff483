// Runs a plan with the engine and keeps its row in the store true: state, counts as they grow, checkpoints, the outcome.
import type { JsonObject } from '../document/json.ts';
import type { Checkpoint } from '../pipeline/checkpoint.ts';
import type { PipelinePlan } from '../pipeline/plan.ts';
import { type PipelineProgress, type RunOptions, type RunResult, runPipeline } from '../pipeline/run-pipeline.ts';
import type { RunInsert, RunPoint } from '../store/contract.ts';
import type { RunProgress } from './host.ts';
import type { RunJournal } from './run-journal.ts';
import type { RunLog } from './run-log.ts';
import { pointsUpTo, type RunTotals, withLastPoint, withPoint } from './run-points.ts';

/** How often the row is written while a run is under way, and a request to stop is looked for. */
const reportMs = 500;

export interface JournaledRun
  extends Pick<
    RunOptions,
    'executor' | 'accountSettings' | 'startedAt' | 'limits' | 'runLimits' | 'evaluators' | 'careful'
  > {
  readonly journal: RunJournal;
  readonly log: RunLog;
  readonly attempt: number;
  /** How often its process died until now. */
  readonly crashes: number;
  /** Under which name the snaps keep what they leave for the next run; runs of one name follow one another. */
  readonly cursorsOf: string;
  /** The run that follows from this one, if any; asked when its error documents are kept. */
  readonly follower: (result: RunResult) => Promise<RunInsert | undefined>;
  readonly signal: AbortSignal;
  /** Whether a run that is stopped was not meant to end: it waits for another worker then. */
  readonly isGivenBack: () => boolean;
  /** Stops the run: somebody asked for it through the store. */
  readonly stop: () => void;
  readonly onProgress: ((progress: RunProgress) => void) | undefined;
}

/** Runs a plan to its end; the outcome is in the store then. Throws SNAP_LEASE_LOST when another process took the run over. */
export async function runUnderJournal(plan: PipelinePlan, run: JournaledRun): Promise<RunResult> {
  const { journal, startedAt, attempt, crashes, log } = run;
  const checkpoint = await journal.restore();
  const reporter = new Reporter(plan, run);
  const points = reporter.begin(await journal.readPoints(), checkpoint);
  await journal.update({ state: 'running', startedAt, attempt, crashes, error: null, points });
  const kept = new Map((await journal.readCursors(run.cursorsOf)).map((row) => [row.snapId, row]));
  const anew = attempt === 1 ? 'began' : 'begins anew: it had no checkpoint yet';
  const begun = checkpoint === undefined ? anew : 'goes on from its last checkpoint';
  log.tell({ level: 'info', event: 'state', message: `the run ${begun}`, details: { state: 'running', attempt } });
  if (run.careful !== undefined) {
    const message = 'its process has died: documents go one by one until it is past where it was';
    log.tell({ level: 'warning', event: 'state', message, details: { state: 'running', attempt } });
  }
  const result = await runPipeline(plan, {
    runId: journal.runId,
    startedAt,
    executor: run.executor,
    ...(run.evaluators === undefined ? {} : { evaluators: run.evaluators }),
    ...(run.careful === undefined ? {} : { careful: run.careful }),
    ...(run.runLimits === undefined ? {} : { runLimits: run.runLimits }),
    signal: run.signal,
    onProgress: (progress) => reporter.take(progress),
    onEvent: (event) => log.engine(event),
    ...(run.limits === undefined ? {} : { limits: run.limits }),
    ...(run.accountSettings === undefined ? {} : { accountSettings: run.accountSettings }),
    saveCheckpoint: (saved, errors) => journal.saveCheckpoint(saved, errors),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    cursors: Object.fromEntries([...kept].map(([snapId, { value }]) => [snapId, value])),
  });
  await reporter.settle();
  tellEnd(log, result);
  await journal.keepErrors(result.errors);
  const follower = await run.follower(result);
  const cursors = Object.entries(result.cursors).map(([snapId, value]) => ({
    snapId,
    value,
    fromVersion: kept.get(snapId)?.version ?? 0,
  }));
  const waits = result.state === 'stopped' && run.isGivenBack() && !(await journal.isStopRequested());
  await journal.update({
    ...(result.state === 'completed' && cursors.length > 0 ? { cursors: { pipeline: run.cursorsOf, cursors } } : {}),
    ...(follower === undefined ? {} : { follower }),
    state: waits ? 'queued' : result.state,
    finishedAt: waits ? null : new Date().toISOString(),
    snaps: result.snaps as unknown as readonly JsonObject[],
    points: reporter.end(result),
    outputs: result.outputs as unknown as readonly JsonObject[],
    error: waits ? null : errorOf(result),
  });
  return result;
}

function tellEnd(log: RunLog, { state, error, failedSnap }: RunResult): void {
  const why = error === undefined ? '' : `: ${error.message} ${error.reason}`;
  log.settle();
  log.tell({
    level: state === 'failed' ? 'error' : 'info',
    event: 'state',
    ...(failedSnap === undefined ? {} : { snap: failedSnap }),
    message: `the run is ${state}${why}`,
    details: { state, ...(error === undefined ? {} : { code: error.code }) },
  });
}

/** A failed document beyond this is not kept with the run's error. */
const originalCharactersMax = 65_536;

/** The error of a run with the snap that failed and the document that it failed on; null when there is none. */
export function errorOf({ error, failedSnap, failedDocument }: RunResult): JsonObject | null {
  if (error === undefined) return null;
  const body = error.toJSON() as unknown as JsonObject;
  const isKept = failedDocument !== undefined && failedDocument.json.length <= originalCharactersMax;
  return {
    ...body,
    ...(failedSnap === undefined ? {} : { snap: failedSnap }),
    ...(isKept ? { original: failedDocument.value } : {}),
  };
}

/** The counts of one snap, wherever they come from. */
type CountRow = { readonly id: string } & Readonly<Record<string, unknown>>;

/** Tells progress on, and writes it with the points of the plots to the store now and then. */
class Reporter {
  readonly #run: JournaledRun;
  readonly #sources: ReadonlySet<string>;
  readonly #destinations: ReadonlySet<string>;
  readonly #startedAt = performance.now();
  #reportedAt = performance.now();
  /** One at a time: while the store is away they would pile up, and each would wait for it. */
  #reporting: Promise<void> | undefined;
  /** What earlier attempts had worked until the checkpoint that this one goes on from. */
  #secondsBefore = 0;
  #points: readonly RunPoint[] = [];
  #pointsWritten: readonly RunPoint[] = [];

  constructor(plan: PipelinePlan, run: JournaledRun) {
    this.#run = run;
    const ids = plan.snaps.map(({ id }) => id);
    this.#sources = new Set(ids.filter((id) => !plan.links.some((link) => link.to === id)));
    this.#destinations = new Set(ids.filter((id) => !plan.links.some((link) => link.from === id)));
  }

  /** Goes on from the points of a checkpoint, or begins at zero, and gives what to store. */
  begin(points: readonly RunPoint[], checkpoint: JsonObject | undefined): readonly RunPoint[] {
    const { snaps = {} } = (checkpoint ?? {}) as Partial<Checkpoint>;
    const rows = Object.entries(snaps).map(([id, { counts }]) => ({ ...counts, id }));
    this.#points = pointsUpTo(this.#totals(rows), points);
    this.#pointsWritten = this.#points;
    this.#secondsBefore = this.#points.at(-1)?.seconds ?? 0;
    return this.#points;
  }

  take({ snaps, expected }: PipelineProgress): void {
    const now = performance.now();
    const rows = snaps as unknown as readonly (CountRow & JsonObject)[];
    const totals = this.#totals(rows);
    this.#points = withPoint(this.#points, this.#point(totals));
    const { read, written, errors } = totals;
    this.#run.onProgress?.({
      runId: this.#run.journal.runId,
      ...{ read, written, errors, expected },
      elapsedMs: now - this.#startedAt,
      snaps: rows,
    });
    if (now - this.#reportedAt < reportMs || this.#reporting !== undefined) return;
    this.#reportedAt = now;
    this.#reporting = this.#report(rows).finally(() => {
      this.#reporting = undefined;
    });
  }

  /** The points of a run that has ended. */
  end({ snaps }: RunResult): readonly RunPoint[] {
    return withLastPoint(this.#points, this.#point(this.#totals(snaps as unknown as readonly CountRow[])));
  }

  #point(totals: RunTotals): RunPoint {
    const ms = Math.round(performance.now() - this.#startedAt);
    return { seconds: Math.round(this.#secondsBefore * 1000 + ms) / 1000, ...totals };
  }

  #totals(rows: readonly CountRow[]): RunTotals {
    const sum = (key: string, ids?: ReadonlySet<string>): number =>
      rows.reduce((total, row) => total + (ids?.has(row.id) === false ? 0 : Number(row[key] ?? 0)), 0);
    return {
      read: sum('output', this.#sources),
      written: sum('input', this.#destinations),
      errors: sum('errors'),
      requests: sum('requests'),
      throttledMs: Math.round(sum('throttledMs')),
    };
  }

  async settle(): Promise<void> {
    await this.#reporting;
  }

  /** A lost lease or an absent store shows itself at the checkpoint or at the end; it is no business of the counts. */
  async #report(snaps: readonly JsonObject[]): Promise<void> {
    try {
      if (await this.#run.journal.isStopRequested()) this.#run.stop();
      const points = this.#points;
      await this.#run.journal.update({ snaps, ...(points === this.#pointsWritten ? {} : { points }) });
      this.#pointsWritten = points;
    } catch {
      // The journal's own signal stops the run when the lease is gone.
    }
  }
}

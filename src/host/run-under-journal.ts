// Runs a plan with the engine and keeps its row in the store true: state, counts as they grow, checkpoints, the outcome.
import type { JsonObject } from '../document/json.ts';
import type { PipelinePlan } from '../pipeline/plan.ts';
import { type PipelineProgress, type RunOptions, type RunResult, runPipeline } from '../pipeline/run-pipeline.ts';
import type { RunInsert } from '../store/contract.ts';
import type { RunProgress } from './host.ts';
import type { RunJournal } from './run-journal.ts';
import type { RunLog } from './run-log.ts';

/** How often the row is written while a run is under way, and a request to stop is looked for. */
const reportMs = 500;

export interface JournaledRun
  extends Pick<RunOptions, 'executor' | 'accountSettings' | 'startedAt' | 'limits' | 'runLimits' | 'evaluators'> {
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
  await journal.update({ state: 'running', startedAt, attempt, crashes, error: null });
  const checkpoint = await journal.restore();
  const kept = new Map((await journal.readCursors(run.cursorsOf)).map((row) => [row.snapId, row]));
  const anew = attempt === 1 ? 'began' : 'begins anew: it had no checkpoint yet';
  const begun = checkpoint === undefined ? anew : 'goes on from its last checkpoint';
  log.tell({ level: 'info', event: 'state', message: `the run ${begun}`, details: { state: 'running', attempt } });
  const reporter = new Reporter(plan, run);
  const result = await runPipeline(plan, {
    runId: journal.runId,
    startedAt,
    executor: run.executor,
    ...(run.evaluators === undefined ? {} : { evaluators: run.evaluators }),
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

/** Tells progress on, and writes it to the store now and then. */
class Reporter {
  readonly #run: JournaledRun;
  readonly #sources: ReadonlySet<string>;
  readonly #destinations: ReadonlySet<string>;
  readonly #startedAt = performance.now();
  #reportedAt = performance.now();
  #reporting: Promise<void> = Promise.resolve();

  constructor(plan: PipelinePlan, run: JournaledRun) {
    this.#run = run;
    const ids = plan.snaps.map(({ id }) => id);
    this.#sources = new Set(ids.filter((id) => !plan.links.some((link) => link.to === id)));
    this.#destinations = new Set(ids.filter((id) => !plan.links.some((link) => link.from === id)));
  }

  take({ snaps, expected }: PipelineProgress): void {
    const now = performance.now();
    const sum = (chosen: readonly { readonly [key: string]: unknown }[], key: string): number =>
      chosen.reduce((total, row) => total + Number(row[key]), 0);
    const rows = snaps as unknown as readonly { readonly id: string; readonly [key: string]: unknown }[];
    this.#run.onProgress?.({
      runId: this.#run.journal.runId,
      read: sum(
        rows.filter(({ id }) => this.#sources.has(id)),
        'output',
      ),
      written: sum(
        rows.filter(({ id }) => this.#destinations.has(id)),
        'input',
      ),
      errors: sum(rows, 'errors'),
      expected,
      elapsedMs: now - this.#startedAt,
      snaps: rows as unknown as readonly JsonObject[],
    });
    if (now - this.#reportedAt < reportMs) return;
    this.#reportedAt = now;
    this.#reporting = this.#reporting.then(() => this.#report(rows as unknown as readonly JsonObject[]));
  }

  async settle(): Promise<void> {
    await this.#reporting;
  }

  /** A lost lease or an absent store shows itself at the checkpoint or at the end; it is no business of the counts. */
  async #report(snaps: readonly JsonObject[]): Promise<void> {
    try {
      if (await this.#run.journal.isStopRequested()) this.#run.stop();
      await this.#run.journal.update({ snaps });
    } catch {
      // The journal's own signal stops the run when the lease is gone.
    }
  }
}

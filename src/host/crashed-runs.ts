// Owns going on with runs whose process died, where the pipeline, its schedule or the host asks for it. Runs none itself.
import { ExecutionError, SnapError } from '../errors.ts';
import type { AfterCrash } from '../pipeline/plan.ts';
import { type RunRow, type RunState, runLeaseName, type Store } from '../store/contract.ts';
import type { Log } from './log.ts';
import { stopAbandoned } from './run-journal.ts';
import { isOwnerGone } from './run-owner.ts';
import type { RunService } from './run-service.ts';

const lookMs = 5_000;
/** A run that ended its process this often is left to a person: it would end the next one too. */
export const crashesMax = 3;
/** A run waits this long for its first lease at most while whoever queued it lives. */
const queuedMsMax = 60_000;
/** Runs of one state that are looked at in one go. */
const lookedAtMax = 500;

export interface CrashedRunsOptions {
  readonly runs: Pick<RunService, 'takeOver' | 'setAside'>;
  readonly openStore: () => Promise<Store>;
  /** What becomes of runs whose pipeline and schedule say nothing. */
  readonly afterCrash: AfterCrash;
  readonly log: Log;
}

/**
 * A run is left behind when its row says that it is under way and nobody holds its lease. One that somebody had asked to stop
 * is stopped then. One that is to be resumed is resumed, in the state of its last checkpoint, until its third crash: then
 * it has failed (SNAP_RUN_SET_ASIDE). So has one that cannot be started any more; a store or a lease that is away for the
 * moment changes nothing. Of many hosts on one store the first one that gets the lease has the run.
 */
export class CrashedRuns {
  readonly #options: CrashedRunsOptions;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: CrashedRunsOptions) {
    this.#options = options;
  }

  /** Looks now and then every five seconds, until it is closed. Resolves after the first look. */
  async start(): Promise<void> {
    this.#looking = this.look().catch(() => undefined);
    await this.#looking;
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.start(), lookMs);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  /** Looks once at every run that is said to be under way. */
  async look(): Promise<void> {
    const store = await this.#options.openStore();
    const now = await store.now();
    for (const state of ['stopping', 'running', 'queued'] satisfies RunState[]) {
      const started = await store.runs.list({ limit: lookedAtMax, state });
      // Runs that a snap started go on with the run that it belongs to; an error pipeline's run is on its own.
      const following = await store.runs.list({ limit: lookedAtMax, state, isErrorRun: true });
      for (const { runId, createdAt } of [...started, ...following]) {
        if (this.#isClosed) return;
        if (state === 'queued' && now - Date.parse(createdAt) < queuedMsMax) continue;
        if (!(await this.#isLeftBehind(store, runId))) continue;
        const row = await store.runs.find(runId);
        if (row?.state === state) await this.#goOn(store, row);
      }
    }
  }

  /** Whether a run that nobody runs now is going to be resumed: its schedule then waits for it. */
  async isAwaited(runId: string): Promise<boolean> {
    const row = await (await this.#options.openStore()).runs.find(runId);
    return row?.state === 'running' && this.#wants(row);
  }

  async #isLeftBehind(store: Store, runId: string): Promise<boolean> {
    const holder = await store.leases.holder(runLeaseName(runId));
    return holder === undefined || isOwnerGone(holder.owner);
  }

  /** A run of an error pipeline is begun once and ends, whatever its pipeline says. */
  #wants({ definition, parent }: RunRow): boolean {
    return parent !== null || (definition.afterCrash ?? this.#options.afterCrash) === 'resume';
  }

  async #goOn(store: Store, row: RunRow): Promise<void> {
    const { runs, log } = this.#options;
    const { runId, pipeline, crashes } = row;
    if (row.state === 'stopping') {
      await stopAbandoned(store, runId);
      return;
    }
    if (!this.#wants(row)) return;
    try {
      if (crashes + 1 >= crashesMax) await runs.setAside(row, setAside(row));
      else await runs.takeOver(row);
      log.info({ runId, pipeline, crashes: crashes + 1 }, 'the process of the run died');
    } catch (thrown) {
      if (!(thrown instanceof SnapError)) throw thrown;
      log.warn({ runId, pipeline, code: thrown.code, reason: thrown.reason }, 'the run was not resumed');
      const mayWorkLater = thrown.retryable || thrown.code === 'SNAP_LEASE_LOST';
      if (!mayWorkLater) await runs.setAside(row, thrown);
    }
  }
}

function setAside({ runId, crashes }: RunRow): ExecutionError {
  return new ExecutionError('SNAP_RUN_SET_ASIDE', 'The run was set aside.', {
    reason: `its process died ${crashes + 1} times while it ran; a document that no process has the memory for does that`,
    resolution: `see "snaps runs show ${runId}" for how far it came; with the cause mended: snaps run FILE --resume ${runId}`,
  });
}

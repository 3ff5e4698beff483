// Owns going on with runs whose process died, where the pipeline, its schedule or the host asks for it. Runs none itself.
import type { AfterCrash } from '../pipeline/plan.ts';
import { type RunRow, type RunState, type Store, statesUnderWay } from '../store/contract.ts';
import { type GoingOn, goOn } from './going-on.ts';
import { isLeft } from './run-owner.ts';

const lookMs = 5_000;
/** A run waits this long for its first lease at most while whoever queued it lives. */
const queuedMsMax = 60_000;
/** Runs of one state that are looked at in one go. */
const lookedAtMax = 500;

export interface CrashedRunsOptions extends GoingOn {
  readonly openStore: () => Promise<Store>;
  /** What becomes of runs whose pipeline and schedule say nothing. */
  readonly afterCrash: AfterCrash;
}

/**
 * A run is left behind when its row says that it is under way and nobody holds its lease. One that somebody had asked to stop
 * is stopped then. One that is to be resumed is resumed, in the state of its last checkpoint, until its third death that
 * no document explains: then it has failed (SNAP_RUN_SET_ASIDE). So has one that cannot be started any more; a store or a lease that is away for the
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

  /** Looks once at every run that is said to be under way here or on another host; those of workers are theirs. */
  async look(): Promise<void> {
    const store = await this.#options.openStore();
    const now = await store.now();
    for (const state of ['stopping', 'running', 'queued'] satisfies RunState[]) {
      const own = { limit: lookedAtMax, state, isHandedOver: false };
      const started = await store.runs.list(own);
      // Runs that a snap started go on with the run that it belongs to; an error pipeline's run is on its own.
      const following = await store.runs.list({ ...own, isErrorRun: true });
      for (const { runId, createdAt, holder } of [...started, ...following]) {
        if (this.#isClosed) return;
        if (state === 'queued' && now - Date.parse(createdAt) < queuedMsMax) continue;
        if (!isLeft(holder)) continue;
        const row = await store.runs.find(runId);
        if (row?.state !== state) continue;
        if (state === 'stopping' || this.#wants(row)) await goOn(store, row, this.#options);
      }
    }
  }

  /** Whether a run that nobody runs now is going to be resumed, or waits for a worker: its schedule then waits for it. */
  async isAwaited(runId: string): Promise<boolean> {
    const row = await (await this.#options.openStore()).runs.find(runId);
    if (row === undefined || row.lane === null) return row?.state === 'running' && this.#wants(row);
    return statesUnderWay.includes(row.state);
  }

  /** A run of an error pipeline is begun once and ends, whatever its pipeline says. */
  #wants({ definition, parent }: RunRow): boolean {
    return parent !== null || (definition.afterCrash ?? this.#options.afterCrash) === 'resume';
  }
}

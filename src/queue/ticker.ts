// Owns starting the runs that are due. Each tick is claimed in the store, so that many hosts on one store start one run.
import { asSnapError, SnapError } from '../errors.ts';
import { runLeaseName, type ScheduleRow, type Store } from '../store/contract.ts';
import { nextTick } from './cron.ts';

const pollMsDefault = 1_000;
/** A tick that is later than this was missed: no host was up. */
const lateMsMax = 60_000;
const retentionMs = 3_600_000;
/** Runs removed in one step, so that a long history never holds the store up. */
const removedMax = 500;

export interface TickerOptions {
  readonly store: Store;
  /** Starts the run of a schedule and gives its id. */
  readonly start: (schedule: ScheduleRow) => Promise<string>;
  /** How long runs are kept after their end, in ms. */
  readonly runsKeptMs: number;
  readonly pollMs?: number;
  /** Told how late a tick was taken, in ms. */
  readonly onTick?: (lateMs: number) => void;
  /** Whether a run that nobody holds now is going to be resumed by itself. */
  readonly isAwaited?: (runId: string) => Promise<boolean>;
}

/**
 * A schedule waits until `nextAt` by the database's clock. Whoever moves `nextAt` on first has the tick: it starts a run, or
 * leaves the tick out (missed and `misfire` is skip; the run before is still under way and the schedule may not overlap).
 * A host that is killed between the claim and the start loses that tick and no other.
 */
export class Ticker {
  readonly #options: TickerOptions;
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> = Promise.resolve();
  #isClosed = false;
  #retainedAt = Number.NEGATIVE_INFINITY;

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  /** Ticks by itself until it is closed. */
  start(): void {
    this.#later(0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#ticking;
  }

  /** Looks once at everything that is due. */
  async tick(): Promise<void> {
    const { store } = this.#options;
    const now = await store.now();
    for (const schedule of await store.schedules.list()) {
      if (schedule.nextAt !== null && schedule.nextAt <= now) await this.#take(schedule, schedule.nextAt, now);
    }
    await this.#retain();
  }

  #later(ms: number): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      // A store that is away for a while is asked again; the ticks stand in it.
      this.#ticking = this.tick().catch(() => undefined);
      void this.#ticking.then(() => this.#later(this.#options.pollMs ?? pollMsDefault));
    }, ms);
    this.#timer.unref();
  }

  async #take(schedule: ScheduleRow, dueAt: number, now: number): Promise<void> {
    const { store, start } = this.#options;
    const { name, cron, timeZone } = schedule;
    if (!(await store.schedules.claim(name, { dueAt, nextAt: nextTick(cron, timeZone, now) }))) return;
    this.#options.onTick?.(now - dueAt);
    const due = new Date(dueAt).toISOString();
    if (schedule.misfire === 'skip' && now - dueAt > lateMsMax) {
      return await store.schedules.note(name, { runId: null, text: `${due}: left out, no host was up` });
    }
    if (!schedule.mayOverlap && (await this.#isUnderWay(schedule.lastRunId))) {
      return await store.schedules.note(name, { runId: null, text: `${due}: left out, the run before is under way` });
    }
    try {
      await store.schedules.note(name, { runId: await start(schedule), text: `${due}: started` });
    } catch (thrown) {
      const error = thrown instanceof SnapError ? thrown : asSnapError(thrown, `The schedule "${name}"`);
      await store.schedules.note(name, { runId: null, text: `${due}: ${error.message} ${error.reason}` });
    }
  }

  /** A run whose process is gone holds no lease for long: it does not keep its schedule waiting unless it is to be resumed. */
  async #isUnderWay(runId: string | null): Promise<boolean> {
    if (runId === null) return false;
    const { store, isAwaited } = this.#options;
    return (await store.leases.holder(runLeaseName(runId))) !== undefined || (await isAwaited?.(runId)) === true;
  }

  async #retain(): Promise<void> {
    if (performance.now() - this.#retainedAt < retentionMs) return;
    this.#retainedAt = performance.now();
    await this.#options.store.runs.removeEnded(this.#options.runsKeptMs, removedMax);
  }
}

// Owns a worker of the fleet: it takes runs that wait, as many as it has room for, and rings again for those that nobody has.
import { setTimeout as delay } from 'node:timers/promises';
import { asSnapError } from '../errors.ts';
import type { RunQueue } from '../queue/run-queue.ts';
import { Turns } from '../queue/turns.ts';
import { type Store, statesUnderWay } from '../store/contract.ts';
import { type GoingOn, goOn } from './going-on.ts';
import type { RunHandover } from './run-handover.ts';
import { holderName, isLeft, ownerName } from './run-owner.ts';
import type { RunService } from './run-service.ts';
import type { Worker, WorkerEvent, WorkOptions } from './worker-contract.ts';

const pollMs = 500;
/** With the ten seconds of a lease, a run goes on at most 13 seconds after its worker died. */
const lookMs = 2_000;
/** A run that waits this long without being taken may have lost its place in the queue. */
const waitingMsMax = 10_000;
/** There can be many of those that wait: only every fifth look is for them too. */
const looksForWaiting = 5;

export interface FleetWorkerOptions extends WorkOptions, GoingOn {
  readonly runs: RunService;
  readonly handover: RunHandover;
  readonly openStore: () => Promise<Store>;
  readonly openQueue: () => Promise<RunQueue>;
}

/**
 * A run that is handed over is *queued* until a worker has its lease, and *running* while that is renewed. Its place in the
 * queue is gone as soon as it was taken. One that is queued or running while nobody holds it (its worker died, or its place was
 * lost) is put into the queue again by whoever sees it first. A second worker that gets the same run finds the lease taken and
 * leaves it.
 */
export class FleetWorker implements Worker {
  readonly name = holderName(ownerName());
  readonly #options: FleetWorkerOptions;
  readonly #turns = new Turns();
  readonly #active = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  /** Ends the wait for room. */
  #wake: () => void = () => undefined;
  #isGivingBack = false;
  #looks = 0;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(options: FleetWorkerOptions) {
    this.#options = options;
  }

  get active(): number {
    return this.#active.size;
  }

  start(): void {
    this.#loops = Promise.all([this.#repeat(() => this.#takeNext(), pollMs), this.#repeat(() => this.#ring(), lookMs)]);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#loops;
    const grace = new AbortController();
    const ended = Promise.all(this.#active.values());
    await Promise.race([
      ended,
      delay(this.#options.graceMs, undefined, { signal: grace.signal }).catch(() => undefined),
    ]);
    grace.abort();
    this.#isGivingBack = true;
    for (const runId of this.#active.keys()) this.#options.runs.giveBack(runId);
    await ended;
  }

  /** Does it until the worker is closed; what fails is said and done again. */
  async #repeat(step: () => Promise<boolean | undefined>, waitMs: number): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const isMore = await step().catch((thrown: unknown) => {
        const { message, reason } = asSnapError(thrown, 'The worker');
        this.#tell({ kind: 'waiting', reason: `${message} ${reason}` });
        return false;
      });
      if (isMore !== true) await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Takes one run when there is room and one waits; true when more may wait. */
  async #takeNext(): Promise<boolean> {
    const { openQueue, openStore, concurrency } = this.#options;
    if (this.#active.size >= concurrency) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      return true;
    }
    const queue = await openQueue();
    const waiting = await this.#turns.next((passedOver) => queue.take(passedOver));
    if (waiting === undefined) return false;
    const { runId } = waiting;
    if (!this.#active.has(runId)) {
      const store = await openStore();
      const run = this.#run(store, runId).finally(() => {
        this.#active.delete(runId);
        this.#wake();
      });
      this.#active.set(runId, run);
    }
    return true;
  }

  async #run(store: Store, runId: string): Promise<void> {
    try {
      const row = await store.runs.find(runId);
      if (row === undefined || row.lane === null || !statesUnderWay.includes(row.state) || !isLeft(row.holder)) return;
      const handle = await goOn(store, row, this.#options);
      if (handle === undefined) return;
      const { pipeline, attempt } = row;
      this.#tell({ kind: 'taken', runId, pipeline, attempt: attempt + 1 });
      // One that began while the worker ended.
      if (this.#isGivingBack) this.#options.runs.giveBack(runId);
      const { state } = await handle.finished;
      if (state === 'queued') await this.#options.handover.ring([{ runId, lane: row.lane }]);
      this.#tell({ kind: 'ended', runId, pipeline, state });
    } catch (thrown) {
      const { message, reason } = asSnapError(thrown, `The run ${runId}`);
      this.#tell({ kind: 'waiting', reason: `${message} ${reason}` });
    }
  }

  /** Puts runs into the queue again that nobody has. */
  async #ring(): Promise<undefined> {
    const store = await this.#options.openStore();
    const now = await store.now();
    const isForWaiting = this.#looks % looksForWaiting === 0;
    this.#looks += 1;
    const left = (await store.runs.handedOver(isForWaiting ? statesUnderWay : ['stopping', 'running'])).filter(
      ({ state, holder, createdAt }) =>
        isLeft(holder) && (state !== 'queued' || now - Date.parse(createdAt) > waitingMsMax),
    );
    if (left.length > 0) await this.#options.handover.ring(left);
    return undefined;
  }

  #tell(event: WorkerEvent): void {
    this.#options.onEvent?.(event);
  }
}

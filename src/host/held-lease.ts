// Owns a run's lease while this process has it: renewed in time, and never trusted for longer than this process's own clocks allow.
import { setTimeout as delay } from 'node:timers/promises';
import type { SnapError } from '../errors.ts';
import type { Lease, Store } from '../store/contract.ts';

export const leaseTtlMs = 10_000;
const renewalMs = 3_000;
/** A renewal that failed is tried again this soon. */
const retryMs = 500;
/** The lease is relied on for this much less than its length: what is begun at its very end must not outlive it. */
const marginMs = 2_000;

/** A moment by both clocks, passed when either says so: one does not see a machine that sleeps, the other one may be set. */
interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

const inMs = (ms: number): Moment => ({ monotonic: performance.now() + ms, wall: Date.now() + ms });
const isPast = ({ monotonic, wall }: Moment): boolean => performance.now() >= monotonic || Date.now() >= wall;

/**
 * States: sure (renewed less than eight seconds ago, as this process counts them), unsure (it was asleep, or cannot reach the
 * store: it asks before it does anything more), lost (a later holder exists: then `signal` aborts, for good).
 */
export class HeldLease {
  readonly lease: Lease;
  readonly #store: Store;
  readonly #lostError: () => SnapError;
  readonly #lost = new AbortController();
  #sureUntil: Moment;
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> | undefined;
  #isClosed = false;

  /** `askedFor` is when the lease was asked for; it cannot have begun earlier. */
  constructor(
    store: Store,
    lease: Lease,
    { askedFor, lost }: { readonly askedFor: number; readonly lost: () => SnapError },
  ) {
    this.#store = store;
    this.lease = lease;
    this.#lostError = lost;
    this.#sureUntil = inMs(leaseTtlMs - marginMs - (performance.now() - askedFor));
    this.#renewIn(renewalMs);
  }

  /** Aborts when the lease is lost: nothing of the run may be written or sent any more. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Nothing while the lease is sure; otherwise what resolves when it is again. It rejects when the lease is lost, and when the signal aborts. */
  confirm(signal: AbortSignal): Promise<void> | undefined {
    if (!this.#lost.signal.aborted && !isPast(this.#sureUntil)) return undefined;
    return this.#untilSure(AbortSignal.any([signal, this.#lost.signal]));
  }

  /** Ends the run here: a write found a later holder. */
  lose(): SnapError {
    const error = this.#lostError();
    this.#lost.abort(error);
    return error;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (!this.#lost.signal.aborted) await this.#store.leases.release(this.lease);
  }

  async #untilSure(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    do {
      signal.throwIfAborted();
      await Promise.race([this.#renew(), aborted]);
    } while (signal.aborted || isPast(this.#sureUntil));
  }

  #renewIn(ms: number): void {
    if (this.#isClosed || this.#lost.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#renew(), ms);
    this.#timer.unref();
  }

  /** One renewal at a time, for everybody who waits. */
  #renew(): Promise<void> {
    this.#renewing ??= this.#extend().then((nextMs) => {
      this.#renewing = undefined;
      this.#renewIn(nextMs);
    });
    return this.#renewing;
  }

  /** Gives how long the next renewal may wait. */
  async #extend(): Promise<number> {
    const sureUntil = inMs(leaseTtlMs - marginMs);
    try {
      if (await this.#store.leases.extend(this.lease, leaseTtlMs)) this.#sureUntil = sureUntil;
      else this.lose();
      return renewalMs;
    } catch {
      // The store is away: it is asked again, and nothing is done meanwhile once the lease is unsure.
      await delay(retryMs);
      return 0;
    }
  }
}

// Owns the pace of one tenant: first come, first served in this process, its share of one bucket among several, no bursts that the far side would refuse.
import { type Clock, systemClock } from './clock.ts';
import type { Budget, SharedBucket } from './contract.ts';
import { interruptedWaiting } from './failure.ts';

export interface PaceRules {
  /** What the far side lets through, requests a second. */
  readonly requestsPerSecond: number;
  /** How many it lets through at once after a silence. */
  readonly burst: number;
}

/** What we use of the rate: the rest pays for clocks that run apart. */
const rateShare = 0.99;
/** What we use of the burst: the rest absorbs requests that travel at different speeds and arrive in a bunch. */
const burstShare = 0.5;
/** Refusals closer together than this mean that somebody else uses the rate too. */
const refusalMsMax = 30_000;
const cutShare = 0.7;
const shareMin = 0.05;
/** How fast the share grows back, in shares of the whole rate a second. */
const growthPerSecond = 0.01;
/** Pauses longer than this are nobody's meaning. */
const pauseMsMax = 900_000;

/** Requests that are put into the shared bucket at once: it is asked at most five times a second at a rate of 25. */
const sliceMax = 5;
/** What was put into the shared bucket and not used by then is given up. */
const slotMsMax = 1_000;

export interface BudgetOptions {
  readonly clock?: Clock;
  /** Without it the rate is this process's alone. */
  readonly shared?: SharedBucket | undefined;
}

interface Waiter {
  readonly start: () => void;
  isGone: boolean;
}

/**
 * Makes the pacer. It is a leaky bucket kept as one moment: `emptyAt`, when all that was let through has drained. A
 * request may leave while that is at most `toleranceMs` ahead of now. A pause moves it, so that nobody bursts out of a
 * pause. One refusal changes nothing but the pause; one that follows within thirty seconds cuts the rate, which grows
 * back slowly, so that two clients that do not know each other come to share it.
 *
 * With a shared bucket, requests are put into that one first, a few at once (`slots`), and `emptyAt` is where it says
 * that they begin. While it cannot be reached, the process paces itself.
 */
export function createBudget(rules: PaceRules, options: BudgetOptions = {}): Budget {
  return new Pacer(rules, options);
}

class Pacer implements Budget {
  readonly #clock: Clock;
  readonly #shared: SharedBucket | undefined;
  readonly #fullMs: number;
  readonly #toleranceMs: number;
  readonly #queue: Waiter[] = [];
  #emptyAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #share = 1;
  #shareAt: number;
  /** Requests in the shared bucket that have not left yet. */
  #slots = 0;
  #isServing = false;

  constructor(rules: PaceRules, { clock = systemClock, shared }: BudgetOptions) {
    this.#clock = clock;
    this.#shared = shared;
    this.#fullMs = 1_000 / (rules.requestsPerSecond * rateShare);
    this.#toleranceMs = Math.max(0, Math.floor(rules.burst * burstShare) - 1) * this.#fullMs;
    this.#shareAt = clock.monotonic();
  }

  take(signal?: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      const since = this.#clock.monotonic();
      const leave = () => {
        waiter.isGone = true;
        if (signal) reject(interruptedWaiting(signal));
      };
      const waiter: Waiter = {
        isGone: false,
        start: () => {
          signal?.removeEventListener('abort', leave);
          resolve(this.#clock.monotonic() - since);
        },
      };
      if (signal?.aborted) return leave();
      signal?.addEventListener('abort', leave, { once: true });
      this.#queue.push(waiter);
      if (!this.#isServing) void this.#serve();
    });
  }

  pause(delayMs: number): void {
    const now = this.#clock.monotonic();
    // Requests that were under way together are refused together: that is one refusal.
    if (now >= this.#pausedUntil) {
      this.#intervalMs(now);
      if (now - Math.max(this.#refusedAt, this.#pausedUntil) < refusalMsMax)
        this.#share = Math.max(shareMin, this.#share * cutShare);
      this.#refusedAt = now;
    }
    const pauseMs = Math.min(delayMs, pauseMsMax);
    this.#pausedUntil = Math.max(this.#pausedUntil, now + pauseMs);
    this.#emptyAt = Math.max(this.#emptyAt, this.#pausedUntil + this.#toleranceMs);
    this.#slots = 0;
    this.#shared?.pause(pauseMs + this.#toleranceMs).catch(() => {});
  }

  #intervalMs(now: number): number {
    this.#share = Math.min(1, this.#share + ((now - this.#shareAt) / 1_000) * growthPerSecond);
    this.#shareAt = now;
    return this.#fullMs / this.#share;
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    for (let first = this.#queue[0]; first; first = this.#queue[0]) {
      if (first.isGone) {
        this.#queue.shift();
        continue;
      }
      // After each wait the pace or the line may have changed, so everything is looked at anew.
      const pausedMs = this.#pausedUntil - this.#clock.monotonic();
      if (pausedMs > 0) {
        await this.#clock.wait(pausedMs);
        continue;
      }
      if (!this.#hasSlot()) await this.#fill();
      const delayMs = this.#emptyAt - this.#toleranceMs - this.#clock.monotonic();
      if (delayMs > 0) {
        await this.#clock.wait(delayMs);
        continue;
      }
      this.#queue.shift();
      if (first.isGone) continue;
      this.#slots = Math.max(0, this.#slots - 1);
      this.#emptyAt += this.#intervalMs(this.#clock.monotonic());
      first.start();
    }
    this.#isServing = false;
  }

  /** Whether a request may leave at `emptyAt`: the process's own bucket gives that at any time. */
  #hasSlot(): boolean {
    const now = this.#clock.monotonic();
    if (this.#shared === undefined) {
      this.#emptyAt = Math.max(now, this.#emptyAt);
      return true;
    }
    return this.#slots > 0 && now < this.#emptyAt + slotMsMax;
  }

  async #fill(): Promise<void> {
    const requests = Math.min(this.#queue.length, sliceMax);
    const intervalMs = this.#intervalMs(this.#clock.monotonic());
    const aheadMs = await this.#shared?.fill(requests, intervalMs).catch(() => undefined);
    const now = this.#clock.monotonic();
    this.#slots = aheadMs === undefined ? 1 : requests;
    this.#emptyAt = aheadMs === undefined ? Math.max(now, this.#emptyAt) : now + aheadMs;
  }
}

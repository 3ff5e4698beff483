// Owns the pace of one tenant inside this process: first come, first served, no bursts that the far side would refuse.
import { type Clock, systemClock } from './clock.ts';
import type { Budget } from './contract.ts';
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

interface Waiter {
  readonly start: () => void;
  isGone: boolean;
}

/**
 * Makes the pacer. It is a leaky bucket kept as one moment: `emptyAt`, when all that was let through has drained. A
 * request may leave while that is at most `toleranceMs` ahead of now. A pause moves it, so that nobody bursts out of a
 * pause. One refusal changes nothing but the pause; one that follows within thirty seconds cuts the rate, which grows
 * back slowly, so that two clients that do not know each other come to share it.
 */
export function createBudget(rules: PaceRules, clock: Clock = systemClock): Budget {
  const fullMs = 1_000 / (rules.requestsPerSecond * rateShare);
  const toleranceMs = Math.max(0, Math.floor(rules.burst * burstShare) - 1) * fullMs;
  const queue: Waiter[] = [];
  let emptyAt = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let refusedAt = Number.NEGATIVE_INFINITY;
  let share = 1;
  let shareAt = clock.monotonic();
  let isServing = false;

  const intervalMs = (now: number): number => {
    share = Math.min(1, share + ((now - shareAt) / 1_000) * growthPerSecond);
    shareAt = now;
    return fullMs / share;
  };

  const serve = async (): Promise<void> => {
    isServing = true;
    for (let first = queue[0]; first; first = queue[0]) {
      const delayMs = Math.max(pausedUntil, emptyAt - toleranceMs) - clock.monotonic();
      if (delayMs > 0 && !first.isGone) {
        await clock.wait(delayMs);
        // The pace or the line may have changed meanwhile.
        continue;
      }
      queue.shift();
      if (first.isGone) continue;
      const now = clock.monotonic();
      emptyAt = Math.max(now, emptyAt) + intervalMs(now);
      first.start();
    }
    isServing = false;
  };

  return {
    take: (signal) =>
      new Promise((resolve, reject) => {
        const since = clock.monotonic();
        const leave = () => {
          waiter.isGone = true;
          if (signal) reject(interruptedWaiting(signal));
        };
        const waiter: Waiter = {
          isGone: false,
          start: () => {
            signal?.removeEventListener('abort', leave);
            resolve(clock.monotonic() - since);
          },
        };
        if (signal?.aborted) return leave();
        signal?.addEventListener('abort', leave, { once: true });
        queue.push(waiter);
        if (!isServing) void serve();
      }),
    pause: (delayMs) => {
      const now = clock.monotonic();
      // Requests that were under way together are refused together: that is one refusal.
      if (now >= pausedUntil) {
        intervalMs(now);
        if (now - Math.max(refusedAt, pausedUntil) < refusalMsMax) share = Math.max(shareMin, share * cutShare);
        refusedAt = now;
      }
      pausedUntil = Math.max(pausedUntil, now + Math.min(delayMs, pauseMsMax));
      emptyAt = Math.max(emptyAt, pausedUntil + toleranceMs);
    },
  };
}

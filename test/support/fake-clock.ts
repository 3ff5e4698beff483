// Owns a clock whose time passes only when nobody can go on without it.
import type { Clock } from '../../src/http/clock.ts';

export interface FakeClock extends Clock {
  /** Lets time pass up to the given moment, waking sleepers in order. */
  runUntil(atMs: number): Promise<void>;
  /** Lets time pass until the promise is settled, and gives what it gives. */
  settle<T>(promise: Promise<T>): Promise<T>;
  /** Every delay that was waited, in order. */
  readonly waits: readonly number[];
}

/** Makes a clock that stands at `startMs`, on both scales. */
export function createFakeClock(startMs = 1_000_000): FakeClock {
  let now = startMs;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const waits: number[] = [];
  const rest = () => new Promise<void>((resolve) => setImmediate(resolve));
  const wakeNext = (limit: number): boolean => {
    sleepers.sort((a, b) => a.at - b.at);
    const first = sleepers[0];
    if (!first || first.at > limit) return false;
    sleepers.shift();
    now = Math.max(now, first.at);
    first.wake();
    return true;
  };
  return {
    waits,
    monotonic: () => now,
    wall: () => now,
    wait: (delayMs, signal) => {
      waits.push(delayMs);
      return new Promise((resolve) => {
        sleepers.push({ at: now + delayMs, wake: resolve });
        signal?.addEventListener('abort', () => resolve(), { once: true });
        if (signal?.aborted) resolve();
      });
    },
    runUntil: async (atMs) => {
      await rest();
      while (wakeNext(atMs)) await rest();
      now = Math.max(now, atMs);
    },
    settle: async (promise) => {
      let isSettled = false;
      const done = promise.finally(() => {
        isSettled = true;
      });
      done.catch(() => undefined);
      await rest();
      while (!isSettled) {
        // Without a sleeper the work waits for something real (a socket), so time stands still until it comes.
        wakeNext(Number.POSITIVE_INFINITY);
        await rest();
      }
      return done;
    },
  };
}

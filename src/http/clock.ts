// Owns time for the client, so that tests can hand in theirs.

export interface Clock {
  /** Milliseconds that never jump, from an arbitrary start. */
  monotonic(): number;
  /** Milliseconds since the epoch. */
  wall(): number;
  /** Resolves after the delay, or at once when the signal aborts: the caller looks at the signal. */
  wait(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** setTimeout fires at once above this. */
const delayMsMax = 2 ** 31 - 1;

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  wait: (delayMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(delayMs, delayMsMax));
      signal?.addEventListener('abort', end, { once: true });
    }),
};

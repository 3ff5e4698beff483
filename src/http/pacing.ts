// Owns asking the budget before every attempt that goes to the wire, repetitions included.
import type { Budget } from './contract.ts';
import type { Layer } from './exchange.ts';

/** Takes one from the budget before each attempt and counts the wait. */
export function pacing(budget: Budget): Layer {
  return (next) => async (request) => {
    const waitedMs = Math.round(await budget.take(request.signal));
    request.traffic.throttledMs += waitedMs;
    if (waitedMs > 0) request.observe?.({ kind: 'throttled', waitedMs });
    return next(request);
  };
}

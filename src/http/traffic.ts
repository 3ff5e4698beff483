// Owns the counters of what requests cost.
import type { HttpTraffic } from './contract.ts';

/** Fresh counters, all zero. */
export function emptyTraffic(): HttpTraffic {
  return { requests: 0, retries: 0, throttledMs: 0, bytesIn: 0, bytesOut: 0 };
}

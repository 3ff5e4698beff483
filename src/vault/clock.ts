// Owns the two clocks of the machine.
import type { Clock } from './contract.ts';

export const systemClock: Clock = { wall: () => Date.now(), monotonic: () => performance.now() };

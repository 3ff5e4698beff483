// Owns playing mutations at a rate, as the other users of a tenant work while somebody reads. Stops at a reset, at the end of its
// time, and with the simulator.
import { type Mutated, mutate, type SteadyMutation } from './mutate.ts';
import type { World } from './records/world.ts';

const tickMs = 20;
const playersMax = 20;
const secondsMax = 3600;
const ratePerSecondMax = 1000;

/** How many records were made, changed and taken away by steady mutations. */
export interface SteadyCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** Plays mutations by the clock. */
export class SteadyMutations {
  readonly #world: World;
  readonly #now: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #counts: SteadyCounts = { inserted: 0, updated: 0, deleted: 0 };

  constructor(world: World, now: () => number) {
    this.#world = world;
    this.#now = now;
  }

  get counts(): SteadyCounts {
    return this.#counts;
  }

  /** Starts one. Gives a message when it cannot. */
  start(mutation: SteadyMutation): string | undefined {
    const { ratePerSecond, seconds } = mutation;
    if (!(ratePerSecond > 0 && ratePerSecond <= ratePerSecondMax))
      return `ratePerSecond takes up to ${ratePerSecondMax}`;
    if (!(seconds > 0 && seconds <= secondsMax)) return `seconds takes up to ${secondsMax}`;
    if (this.#timers.size >= playersMax) return `at most ${playersMax} steady mutations are played at once`;
    if (!this.#world.resource(mutation.resource)) return `${mutation.resource} is not a resource`;
    const startedMs = performance.now();
    let played = 0;
    const timer = setInterval(() => {
      const elapsedSeconds = Math.min((performance.now() - startedMs) / 1000, seconds);
      for (; played < Math.floor(elapsedSeconds * ratePerSecond); played += 1) {
        const done = mutate(this.#world, mutation, this.#now());
        if (typeof done !== 'string') this.#count(done);
      }
      if (elapsedSeconds >= seconds) this.#end(timer);
    }, tickMs);
    timer.unref();
    this.#timers.add(timer);
    return undefined;
  }

  /** Ends them all and forgets the counts. */
  stop(): void {
    for (const timer of this.#timers) this.#end(timer);
    this.#counts = { inserted: 0, updated: 0, deleted: 0 };
  }

  #end(timer: NodeJS.Timeout): void {
    clearInterval(timer);
    this.#timers.delete(timer);
  }

  #count({ inserted, updated, deleted }: Mutated): void {
    this.#counts = {
      inserted: this.#counts.inserted + inserted.length,
      updated: this.#counts.updated + updated.length,
      deleted: this.#counts.deleted + deleted.length,
    };
  }
}

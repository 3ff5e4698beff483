// Owns whose turn it is: each lane has one run in a round, whatever the others have waiting.

/** Lanes of one round; with more of them the round begins anew. */
const lanesMax = 1_000;

/**
 * A round is the lanes that have been served since it began. The next run is one of another lane; when there is none, the
 * round is over and the next one begins. A storm of one lane therefore costs the others one run each time.
 */
export class Turns {
  readonly #served = new Set<string>();

  /** Takes the next run by `take`, which is told the lanes to pass over; undefined when none waits. */
  async next<Run extends { readonly lane: string }>(
    take: (passedOver: readonly string[]) => Promise<Run | undefined>,
  ): Promise<Run | undefined> {
    const isFirst = this.#served.size === 0;
    const run = (await take([...this.#served])) ?? (isFirst ? undefined : await this.#begin(take));
    if (run !== undefined) this.#serve(run.lane);
    return run;
  }

  async #begin<Run>(take: (passedOver: readonly string[]) => Promise<Run | undefined>): Promise<Run | undefined> {
    this.#served.clear();
    return await take([]);
  }

  #serve(lane: string): void {
    if (this.#served.size >= lanesMax) this.#served.clear();
    this.#served.add(lane);
  }
}

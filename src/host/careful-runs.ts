// Owns which runs of this process go on carefully, and which it has lost while it lived.
import type { CarefulRun, InHand } from '../pipeline/careful-turn.ts';
import type { Care } from './run-deaths.ts';
import type { RunJournal } from './run-journal.ts';

export class CarefulRuns {
  readonly #runIds = new Set<string>();
  /** Runs that ended without a word in the store: whoever takes them next finds them as if their process had died. */
  readonly #lost = new Set<string>();

  get isAny(): boolean {
    return this.#runIds.size > 0;
  }

  /** The run counts as careful from now on, until its care is over or it has ended. */
  enter(runId: string): void {
    this.#runIds.add(runId);
  }

  /** What the engine is told. */
  begin({ reach, setAside }: Care, journal: RunJournal): CarefulRun {
    this.enter(journal.runId);
    const hold = async (inHand: InHand | null): Promise<void> => {
      await journal.hold(inHand);
      if (inHand === null) this.end(journal.runId);
    };
    return { reach, setAside, hold };
  }

  end(runId: string): void {
    this.#runIds.delete(runId);
  }

  lose(runId: string): void {
    this.#lost.add(runId);
  }

  /** Whether this process lost the run and lives; asked once, when it has the run again. */
  hasLost(runId: string): boolean {
    return this.#lost.delete(runId);
  }
}

// Owns the bounds of one run: how long it may take, and how many documents its sources may give.
import { ExecutionError } from '../errors.ts';
import type { RunLimits } from './plan.ts';

export class RunBounds {
  readonly #limits: RunLimits;
  /** Documents that sources were let give, over all starts of the run; undefined until the first asks. */
  #admitted: number | undefined;

  constructor(limits: RunLimits = {}) {
    this.#limits = limits;
  }

  /** Calls `fail` when the time is over, unless the timer that it gives is cleared. */
  startDeadline(fail: (error: ExecutionError) => void): NodeJS.Timeout | undefined {
    const { seconds } = this.#limits;
    return seconds === undefined ? undefined : setTimeout(() => fail(timeIsOver(seconds)), seconds * 1000).unref();
  }

  /** Counts documents that a source is about to give; `givenBefore` tells how many sources gave until the first call. Throws SNAP_LIMIT_REACHED. */
  admit(documents: number, givenBefore: () => number): void {
    const { documents: most } = this.#limits;
    if (most === undefined) return;
    this.#admitted ??= givenBefore();
    this.#admitted += documents;
    if (this.#admitted > most) throw tooManyDocuments(most);
  }
}

function timeIsOver(seconds: number): ExecutionError {
  return new ExecutionError('SNAP_LIMIT_REACHED', 'The run took longer than its time limit.', {
    reason: `it was to end within ${seconds} s of its start`,
    resolution: 'resume it with "snaps run FILE --resume RUN", with a longer --time-limit if need be',
  });
}

function tooManyDocuments(most: number): ExecutionError {
  return new ExecutionError('SNAP_LIMIT_REACHED', 'The sources of the run gave more documents than its limit.', {
    reason: `it was to take at most ${most}`,
    resolution: 'narrow what it reads, or resume it with "snaps run FILE --resume RUN --document-limit MORE"',
  });
}

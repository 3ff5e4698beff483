// Owns the expression processes that the runs of one family share: a process takes a second to start, and a child may take less.
import { ExpressionEvaluator } from '../expression/index.ts';

/** Runs that one process serves: each leaves its programs behind in it. */
const runsMax = 200;

interface Shared {
  readonly evaluator: ExpressionEvaluator;
  runs: number;
  active: number;
}

/** An evaluator for one run; `release` when the run has ended. */
export interface LentEvaluator {
  readonly evaluator: ExpressionEvaluator;
  release(): void;
}

export class EvaluatorPool {
  #current: Shared | undefined;

  /** Lends the shared evaluator, or a fresh one when that has served its runs. */
  lend(): LentEvaluator {
    const shared = this.#take();
    shared.runs += 1;
    shared.active += 1;
    return {
      evaluator: shared.evaluator,
      release: () => {
        shared.active -= 1;
        if (shared.active === 0 && shared !== this.#current) shared.evaluator.close();
      },
    };
  }

  /** Ends the process; runs that still use it fail. */
  close(): void {
    this.#current?.evaluator.close();
    this.#current = undefined;
  }

  #take(): Shared {
    const current = this.#current;
    if (current !== undefined && current.runs < runsMax) return current;
    const fresh = { evaluator: new ExpressionEvaluator(), runs: 0, active: 0 };
    this.#current = fresh;
    if (current?.active === 0) current.evaluator.close();
    return fresh;
  }
}

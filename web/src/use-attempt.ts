// Owns trying what a person asked for: what went wrong is kept to be shown, and cleared when the next thing is tried.
import { useState } from 'react';
import { type Problem, problemOf } from './problem.ts';

export interface Attempts {
  /** Why the last attempt failed. */
  readonly problem: Problem | undefined;
  readonly setProblem: (problem: Problem | undefined) => void;
  /** Never rejects. */
  readonly attempt: (action: () => Promise<unknown>) => Promise<void>;
}

export function useAttempt(): Attempts {
  const [problem, setProblem] = useState<Problem>();
  const attempt = async (action: () => Promise<unknown>): Promise<void> => {
    try {
      setProblem(undefined);
      await action();
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
  };
  return { problem, setProblem, attempt };
}

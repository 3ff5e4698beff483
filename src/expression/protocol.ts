// What the host and the evaluating process tell each other. Types only.
import type { ExpressionBindings, RootName } from './scope.ts';

export interface Program {
  readonly id: number;
  readonly source: string;
  readonly rootNames: readonly RootName[];
  readonly bindings: ExpressionBindings;
}

/** New programs, texts of documents and, for each task, the program and the index of its text (-1 for none). */
export interface Work {
  readonly programs: readonly Program[];
  readonly texts: readonly string[];
  readonly deadlineMs: number;
  readonly tasks: readonly (readonly [program: number, text: number])[];
}

/** The result as JSON text (absent for nothing), or what went wrong in words. */
export interface Outcome {
  readonly text?: string;
  readonly error?: string;
  readonly isTimeout?: boolean;
}

/** One outcome for each task, in order. */
export interface Answer {
  readonly outcomes: readonly Outcome[];
}

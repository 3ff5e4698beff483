// Owns what counts as true in a filter or a route: true and false only, and nothing for false.
import { DataError } from '../errors.ts';
import type { Evaluation } from './evaluate-batch.ts';

/** Whether the value at `place` of an evaluation holds, or the error of this document. */
export function holds(evaluation: Evaluation | undefined, condition: string, place = 0): boolean | DataError {
  if (evaluation instanceof DataError) return evaluation;
  const value = evaluation?.[place];
  if (typeof value === 'boolean') return value;
  if (value === undefined || value === null) return false;
  return new DataError(
    'SNAP_EXPRESSION_FAILED',
    `The condition ${JSON.stringify(condition)} is neither true nor false.`,
    {
      reason: `it gave ${JSON.stringify(value)?.slice(0, shownCharactersMax)}`,
      resolution: 'compare in the condition ("status = \'approved\'"), or write $boolean(...) around it',
    },
  );
}

const shownCharactersMax = 100;

// Owns evaluating expressions for a batch: at once where that is possible, else together off the main thread.
import type { Batch, Document } from '../document/document.ts';
import type { JsonValue } from '../document/json.ts';
import { DataError } from '../errors.ts';
import { deferred } from '../expression/index.ts';
import type { BoundExpression } from '../snap/executor.ts';

/** The value of each expression for one document, or the error that the first failing one ended in. */
export type Evaluation = readonly (JsonValue | undefined)[] | DataError;

/** Evaluates every expression for every document, in order. Rejects only for faults that are not the document's. */
export async function evaluateBatch(batch: Batch, expressions: readonly BoundExpression[]): Promise<Evaluation[]> {
  const results: (Evaluation | Promise<Evaluation>)[] = batch.map((document) => evaluateAll(document, expressions));
  return results.some((result) => result instanceof Promise) ? Promise.all(results) : (results as Evaluation[]);
}

function evaluateAll(document: Document, expressions: readonly BoundExpression[]): Evaluation | Promise<Evaluation> {
  let isDirect = true;
  const values = expressions.map((expression) => {
    const value = expression.direct === undefined ? deferred : expression.direct(document);
    if (value !== deferred) return value;
    isDirect = false;
    return expression(document);
  });
  // A promise among the values is awaited with them; a plain value passes through.
  return isDirect ? (values as (JsonValue | undefined)[]) : settle(values);
}

async function settle(
  values: readonly (JsonValue | undefined | Promise<JsonValue | undefined>)[],
): Promise<Evaluation> {
  const settled = await Promise.allSettled(values);
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed === undefined) return settled.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
  if (failed.reason instanceof DataError) return failed.reason;
  throw failed.reason;
}

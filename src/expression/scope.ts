// Owns what an expression can see where it stands, beside the document itself.
import type { JsonObject } from '../document/json.ts';

/** What exists where an expression stands; known before a run. */
export interface ExpressionScope {
  /** False for settings of a source: there is no document there. */
  readonly hasDocument: boolean;
  /** The names of the pipeline's parameters. */
  readonly parameters: readonly string[];
  /** Whether the snap names an account; its public settings are then `account`. */
  readonly hasAccount: boolean;
}

/** The values behind the names, for one snap of one run. `account` holds public settings only, never a secret. */
export interface ExpressionBindings {
  readonly parameters: JsonObject;
  readonly account?: JsonObject;
  readonly run: { readonly id: string; readonly startedAt: string };
}

export type RootName = 'parameters' | 'account' | 'run';

/** The members of `run`. */
export const runMembers: readonly string[] = ['id', 'startedAt'];

/**
 * The names that, at the head of a path over the whole document, mean the run's and not the document's. A document's
 * own field of such a name is written `$.parameters`; inside a path or a predicate the run's are `$parameters`.
 * `account` belongs to the document wherever the snap has none, because records often have a field of that name.
 */
export function rootNames(scope: ExpressionScope): readonly RootName[] {
  return scope.hasAccount ? ['parameters', 'account', 'run'] : ['parameters', 'run'];
}

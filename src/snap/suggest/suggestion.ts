// Owns what a suggestion is, and how many of them one answer holds.
import type { JsonObject } from '../../document/json.ts';
import type { LoadedSnap, Operation, Pack, Resource } from '../../pack/index.ts';
import type { JsonSchema } from '../../schema/index.ts';

/** One word that a setting may hold. */
export interface Suggestion {
  readonly value: string;
  /** What people call it, when that differs. */
  readonly title?: string;
  /** What kind of thing it is, in a few words. */
  readonly detail?: string;
}

/** The setting that words are wanted for, and what is known around it. */
export interface SuggestionPlace {
  readonly pack: Pack;
  readonly snap: LoadedSnap;
  /** All settings as far as they are filled in; they may have faults. */
  readonly settings: JsonObject;
  /** Where the setting is: names and places in lists, from the outside in. */
  readonly segments: readonly string[];
  readonly schema: JsonSchema;
  /** The names that a tree of fields has come to; empty for the record itself. */
  readonly within: readonly string[];
  /** What its schema says that it holds (`x-suggest`). */
  readonly word: string | undefined;
  readonly resource: Resource | undefined;
  /** The operation that reads the setting. */
  readonly operation: Operation | undefined;
  /** The field that the condition compares, when the setting is part of one. */
  readonly field: string | undefined;
}

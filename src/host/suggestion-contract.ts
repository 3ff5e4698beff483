// The contract of suggestions: what may stand in a setting of a snap. Types only.
import type { JsonObject } from '../document/json.ts';
import type { ErrorBody } from '../errors.ts';
import type { Suggestion } from '../snap/index.ts';

export type { Suggestion } from '../snap/index.ts';

export interface SuggestionRequest {
  /** The snap's id. */
  readonly snap: string;
  /** JSON pointer to the setting: /resource, /filters/0/field, /fields/2/supplier/0. The leading slash may be left out. */
  readonly setting: string;
  /** The settings as far as they are filled in. */
  readonly settings: JsonObject;
  /** The account to ask for what the pack cannot know; without one only the pack is asked. */
  readonly account?: string;
  /** What was written so far: only words that hold it are given. */
  readonly text?: string;
}

export interface Suggestions {
  /** At most 500, the likeliest first. */
  readonly values: readonly Suggestion[];
  /** Whether the account has been asked too. */
  readonly from: 'pack' | 'account';
  /** How many more there are; a longer text finds them. */
  readonly more: number;
  /** Why the account could not be asked, or why there are no words: the settings name a resource that does not exist. */
  readonly problem?: ErrorBody;
}

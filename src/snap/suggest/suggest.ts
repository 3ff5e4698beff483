// Owns one answer to "what may stand here": the pack's words, those of the account, and what was written so far.
import type { JsonObject } from '../../document/json.ts';
import { asSnapError, type SnapError } from '../../errors.ts';
import type { LoadedSnap, Pack } from '../../pack/index.ts';
import { type AccountQuestion, accountQuestion, joinSuggestions } from './account-suggestions.ts';
import { packSuggestions } from './pack-suggestions.ts';
import { placeOf } from './place.ts';
import type { Suggestion } from './suggestion.ts';

/** An answer holds no more words. */
export const suggestionsMax = 500;

export interface SuggestionWish {
  readonly pack: Pack;
  readonly snap: LoadedSnap;
  readonly settings: JsonObject;
  /** JSON pointer to the setting. */
  readonly setting: string;
  /** What was written so far: only words that hold it, those that begin with it first. */
  readonly text: string;
  /** Asks the account; undefined when none was named. */
  readonly ask: ((question: AccountQuestion) => Promise<readonly Suggestion[]>) | undefined;
}

export interface SuggestedWords {
  readonly values: readonly Suggestion[];
  /** Whether the account was asked. */
  readonly isAsked: boolean;
  /** How many words did not find room. */
  readonly more: number;
  /** Why the account told nothing; the pack's words stand all the same. */
  readonly problem: SnapError | undefined;
}

/** Suggests words for a setting. Throws SNAP_USAGE for a setting that the snap does not have. */
export async function suggestWords({
  pack,
  snap,
  settings,
  setting,
  text,
  ask,
}: SuggestionWish): Promise<SuggestedWords> {
  const place = placeOf(pack, snap, settings, setting);
  const known = packSuggestions(place);
  const question = accountQuestion(place);
  if (question === undefined || ask === undefined) return { ...cut(known, text), isAsked: false, problem: undefined };
  try {
    return { ...cut(joinSuggestions(place, known, await ask(question)), text), isAsked: true, problem: undefined };
  } catch (thrown) {
    return { ...cut(known, text), isAsked: false, problem: asSnapError(thrown, 'Asking the account') };
  }
}

function cut(words: readonly Suggestion[], text: string): Pick<SuggestedWords, 'values' | 'more'> {
  const wanted = fold(text.trim());
  const holding = words.filter(({ value, title = '' }) => fold(value).includes(wanted) || fold(title).includes(wanted));
  const isFirst = ({ value }: Suggestion) => fold(value).startsWith(wanted);
  const ranked = [...holding.filter(isFirst), ...holding.filter((word) => !isFirst(word))];
  return { values: ranked.slice(0, suggestionsMax), more: Math.max(0, ranked.length - suggestionsMax) };
}

/** People write underscores, dashes and capitals as they come. */
const fold = (text: string) => text.toLowerCase().replaceAll('_', '-');

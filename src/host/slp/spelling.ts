// Owns how names and paths of documents are spelled in JSONata, and what is known of a translated value.
import { Untranslatable } from './expression-tokens.ts';

/** What is known of a value: enough to tell adding from joining texts, and conditions from values. */
export type ValueType = 'string' | 'number' | 'boolean' | 'null' | 'unknown';

export interface Translated {
  readonly text: string;
  readonly type: ValueType;
  /** The value of a text or number that stands in the expression. */
  readonly literal?: string | number;
}

/** Names of the document at the head of a path that mean something else in our expressions. */
const taken = new Set(['parameters', 'run', 'account']);
const plainName = /^(?!(?:and|or|in|true|false|null|function)$)[A-Za-z][A-Za-z0-9_]*$/u;

/** A field's name as JSONata spells it. Throws Untranslatable for a name that it cannot spell. */
export function spellName(name: string): string {
  if (plainName.test(name)) return name;
  if (name === '' || name.includes('`'))
    throw new Untranslatable(`names the field "${name}", which cannot be spelled here`);
  return `\`${name}\``;
}

/** A field of the document itself. */
export function spellField(name: string): string {
  return taken.has(name) ? `$.${name}` : spellName(name);
}

/** The path to a field of a value. */
export const pathTo = (value: Translated, name: string): string =>
  value.text === '$' ? spellField(name) : `${value.text}.${spellName(name)}`;

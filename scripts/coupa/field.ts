// Owns the shape of a field while it is cleaned, and what the rules may know about the other fields.
import type { FactField, FactObject } from './facts.ts';
import { kebab, objectId, sharesWord } from './names.ts';
import type { CoupaObject } from './objects.ts';

/** What a field holds. `unspecified`, `datetime`, `text` and `array` are words of the facts that no clean field keeps. */
export type FieldType =
  | 'string'
  | 'integer'
  | 'decimal'
  | 'boolean'
  | 'date'
  | 'date-time'
  | 'reference'
  | 'object'
  | 'any'
  | 'unspecified'
  | 'datetime'
  | 'text'
  | 'array';

/** A field on its way from the table to the schema. */
export interface Field extends Omit<FactField, 'type' | 'enum'> {
  readonly type: FieldType;
  /** Ids of the objects it may refer to; several when it is polymorphic. */
  readonly targets: readonly string[];
  /** Whether it holds a list. */
  readonly many: boolean;
  readonly values?: readonly (string | number)[];
}

/** What a field of some name is, said in short: by most tables, or by a stated table. */
export interface Meaning {
  readonly type: FieldType;
  readonly target?: string;
  readonly many?: boolean;
}

/** What a rule may look at beside the field. */
export interface FieldContext {
  readonly owner: CoupaObject;
  readonly objectIds: ReadonlySet<string>;
  /** What most other tables say about a field of this name. */
  readonly elsewhere: (name: string) => Meaning | undefined;
}

/** Gives a row of the facts as a field to clean. */
export const draft = (row: FactField): Field => {
  const { enum: values, type, ...rest } = row;
  return { ...rest, type: type as FieldType, targets: [], many: false, ...(values ? { values } : {}) };
};

/** Gives a field another meaning; the text that named it is done with. */
export function meaning(field: Field, { type, target, many }: Meaning): Field {
  const { ref: _, ...rest } = field;
  return { ...rest, type, targets: target ? [target] : [], many: many ?? field.many };
}

/** The target as written and as meant: `Content Groups` names the field `content-groups` though its id is business-group. */
const isNamedBy = (name: string, ref: string): boolean =>
  sharesWord(name, kebab(ref)) || sharesWord(name, objectId(ref));

/** Counts, over all tables, what each field name is. A reference has a vote when its target and the name share a word, or when it is a person. */
export function countMeanings(pages: readonly FactObject[]): (name: string) => Meaning | undefined {
  const votes = new Map<string, Map<string, number>>();
  for (const row of pages.flatMap((page) => page.fields)) {
    if (row.type === 'unspecified' || row.type === 'array') continue;
    if (row.ref !== undefined && objectId(row.ref) !== 'user' && !isNamedBy(row.name, row.ref)) continue;
    const vote = row.ref === undefined ? row.type : `reference ${objectId(row.ref)}`;
    const names = votes.get(row.name) ?? new Map<string, number>();
    votes.set(row.name, names.set(vote, (names.get(vote) ?? 0) + 1));
  }
  return (name) => {
    const best = [...(votes.get(name) ?? [])].sort((one, other) => other[1] - one[1])[0];
    if (!best) return undefined;
    const [type, target] = best[0].split(' ');
    return { type: type as FieldType, ...(target ? { target } : {}) };
  };
}

// Owns running the rules over every field and the ledger of what each rule did. Every row of the facts is kept, merged or dropped by name.
import type { FactObject } from './facts.ts';
import { countMeanings, draft, type Field, type FieldContext } from './field.ts';
import { fieldRules } from './field-rules.ts';
import { type CoupaObject, joinObjects } from './objects.ts';

/** An object whose fields are clean. */
export interface CleanObject extends Omit<CoupaObject, 'fields'> {
  readonly fields: readonly Field[];
}

/** What happened to one row of the facts. */
export interface LedgerEntry {
  readonly object: string;
  readonly field: string;
  readonly outcome: 'kept' | 'dropped';
  /** Ids of the rules that touched it, in order. */
  readonly rules: readonly string[];
}

/** The clean objects and the account of how they came to be. */
export interface CleanFacts {
  readonly objects: readonly CleanObject[];
  readonly ledger: readonly LedgerEntry[];
  /** Rows that repeat a field of an earlier page of the same object. */
  readonly mergedFields: number;
}

/** Cleans one field. Gives undefined for the field when a rule drops it. */
export function cleanField(
  field: Field,
  context: FieldContext,
): { field: Field | undefined; rules: readonly string[] } {
  const rules: string[] = [];
  let current = field;
  for (const rule of fieldRules) {
    const next = rule.apply(current, context);
    if (next === undefined) continue;
    rules.push(rule.id);
    if (next === 'drop') return { field: undefined, rules };
    current = next;
  }
  return { field: current, rules };
}

/** Cleans all documented objects by the stated rules. */
export function cleanFacts(pages: readonly FactObject[]): CleanFacts {
  const objects = joinObjects(pages);
  const objectIds = new Set(objects.map((object) => object.id));
  const elsewhere = countMeanings(pages);
  const ledger: LedgerEntry[] = [];
  const clean = objects.map((object) => {
    const context: FieldContext = { owner: object, objectIds, elsewhere };
    const fields = object.fields.flatMap((row) => {
      const { field, rules } = cleanField(draft(row), context);
      ledger.push({ object: object.id, field: row.name, outcome: field ? 'kept' : 'dropped', rules });
      return field ? [field] : [];
    });
    return { ...object, fields };
  });
  return {
    objects: clean,
    ledger,
    mergedFields: objects.reduce((sum, object) => sum + object.mergedFields, 0),
  };
}

// Owns field trees: which fields of a record are asked for, those of referenced records nested.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import type { Operation, Pack } from '../pack/index.ts';
import { type JsonSchema, joinPointer } from '../schema/index.ts';
import { spell } from './filters.ts';
import { findField } from './record-fields.ts';

/** The tree as JSON for a query parameter, each name spelled as the operation wants it; names of `always` are put in when they are not there. */
export function writeFieldTree(tree: JsonValue, operation: Operation, always: readonly string[] = []): string {
  const fields = Array.isArray(tree) ? (tree as readonly JsonValue[]) : [];
  const all = [...always.filter((name) => !fields.includes(name)), ...fields];
  return JSON.stringify(spelled(all, operation));
}

function spelled(tree: JsonValue, operation: Operation): JsonValue {
  if (Array.isArray(tree)) return tree.map((each: JsonValue) => spelled(each, operation));
  if (typeof tree === 'string') return spell(operation, tree);
  if (tree === null || typeof tree !== 'object') return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([name, inner]) => [spell(operation, name), spelled(inner, operation)]),
  );
}

/** Faults of names that the record schema does not have, with pointers below `pointer`. */
export function checkFieldTree(
  tree: JsonValue | undefined,
  pointer: string,
  around: { pack: Pack; schema: JsonSchema },
): Fault[] {
  if (!Array.isArray(tree)) return [];
  return (tree as readonly JsonValue[]).flatMap((entry, index) => {
    const place = joinPointer(pointer, index);
    if (typeof entry === 'string') return checkName(entry, place, around);
    if (entry === null || typeof entry !== 'object') return [];
    return Object.entries(entry as JsonObject).flatMap(([name, inner]) => {
      const below = joinPointer(place, name);
      const field = findField(around.pack, around.schema, [name]);
      if (typeof field === 'string') return [{ pointer: below, message: field }];
      if (field.kind === 'any') return [];
      if (field.kind !== 'reference')
        return [{ pointer: below, message: `"${name}" holds no record; write its name alone` }];
      return field.target === undefined
        ? []
        : checkFieldTree(inner, below, { pack: around.pack, schema: field.target });
    });
  });
}

function checkName(name: string, pointer: string, around: { pack: Pack; schema: JsonSchema }): Fault[] {
  const field = findField(around.pack, around.schema, [name]);
  return typeof field === 'string' ? [{ pointer, message: field }] : [];
}

// Owns the natural key of a record: read from a body, written as filters, compared with a record that was found.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import type { Pack } from '../../pack/index.ts';
import type { JsonSchema } from '../../schema/index.ts';
import { findField } from '../record-fields.ts';

export interface NaturalKey {
  readonly values: readonly (readonly [field: string, value: JsonValue])[];
  /** The same text for the same key. */
  readonly text: string;
}

/** The key that a body has; undefined when a field of it is empty, or none is declared. */
export function readKey(body: JsonObject, fields: readonly string[]): NaturalKey | undefined {
  const values = fields.map((field): [string, JsonValue] => [field, body[field] ?? null]);
  if (fields.length === 0 || values.some(([, value]) => isEmpty(value))) return undefined;
  return { values, text: JSON.stringify(values) };
}

/** The key in a journal's row. */
export function keyFromText(text: string): NaturalKey {
  return { text, values: JSON.parse(text) as [string, JsonValue][] };
}

function isEmpty(value: JsonValue): boolean {
  if (value === null || value === '') return true;
  return typeof value === 'object' && scalarsOf(value).length === 0;
}

/** Conditions that find the record. At most `referencesMax` of them go through references; `compareKey` does the rest. */
export function keyConditions(key: NaturalKey, referencesMax: number): { field: string; value: JsonValue }[] {
  let references = 0;
  return key.values.flatMap(([field, value]) => {
    if (value === null || typeof value !== 'object') return [{ field, value }];
    references += 1;
    const [first] = scalarsOf(value);
    return references > referencesMax || first === undefined
      ? []
      : [{ field: `${field}.${first[0]}`, value: first[1] }];
  });
}

/** Whether a record that was found has the key; `unknown` when it does not show enough of itself to tell. */
export function compareKey(
  key: NaturalKey,
  record: JsonObject,
  around: { pack: Pack; schema: JsonSchema | undefined },
): 'same' | 'other' | 'unknown' {
  let isUnknown = false;
  for (const [field, value] of key.values) {
    const found = record[field];
    if (found === undefined) isUnknown = true;
    else if (value === null || typeof value !== 'object') {
      if (!isSame(value, found, kindOf(field, around))) return 'other';
    } else {
      const target = found !== null && typeof found === 'object' ? (found as JsonObject) : {};
      const shown = scalarsOf(value).filter(([name]) => target[name] !== undefined);
      if (found === null || shown.some(([name, part]) => String(part) !== String(target[name]))) return 'other';
      if (shown.length === 0) isUnknown = true;
    }
  }
  return isUnknown ? 'unknown' : 'same';
}

/** The plain members of a reference, its id first: one of them names the record. */
function scalarsOf(value: JsonValue): [string, JsonValue][] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
  const plain = Object.entries(value as JsonObject).filter(
    ([, part]) => part !== null && part !== '' && typeof part !== 'object',
  );
  return plain.sort(([left], [right]) => Number(right === 'id') - Number(left === 'id'));
}

function kindOf(field: string, { pack, schema }: { pack: Pack; schema: JsonSchema | undefined }): string {
  const found = schema === undefined ? undefined : findField(pack, schema, [field]);
  return found === undefined || typeof found === 'string' ? 'any' : found.kind;
}

function isSame(left: JsonValue, right: JsonValue, kind: string): boolean {
  if (String(left) === String(right)) return true;
  if (kind === 'date-time') return instant(left) === instant(right);
  return kind === 'number' && plainNumber(String(left)) === plainNumber(String(right));
}

/** A date alone means midnight UTC. */
const instant = (value: JsonValue) => Date.parse(String(value));

const plainNumber = (text: string) =>
  text
    .replace(/^(-?)0+(?=\d)/, '$1')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');

// Owns what a record schema says of a field: its kind, and the object that it refers to. Knows no vendor.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { LoadedSnap, Pack, Resource } from '../pack/index.ts';
import { type JsonSchema, nearestWord } from '../schema/index.ts';

/** What a filter can compare. `any` stands for fields that the schema leaves open (custom fields). */
export type FieldKind = 'string' | 'number' | 'boolean' | 'date-time' | 'reference' | 'any';

export interface RecordField {
  readonly kind: FieldKind;
  /** The schema of the record that it refers to or holds, when its fields are known. */
  readonly target: JsonSchema | undefined;
  /** The words that it can hold, where the schema lists them. */
  readonly words: readonly string[];
  /** How many references the path crosses. */
  readonly depth: number;
}

/** The resource that settings name, when there is one of that name. */
export function resourceOf(pack: Pack, snap: LoadedSnap, settings: JsonObject): Resource | undefined {
  const key = settings[snap.declaration.resourceSetting ?? ''];
  return typeof key === 'string' ? pack.resources.get(key) : undefined;
}

/** The field at the end of a path of names, or a sentence that says which name is wrong and what is near it. */
export function findField(pack: Pack, schema: JsonSchema, path: readonly string[]): RecordField | string {
  let field: RecordField = { kind: 'reference', target: schema, words: [], depth: -1 };
  for (const name of path) {
    if (field.kind === 'any') continue;
    if (field.target === undefined) return `"${name}" stands behind a field that holds no record`;
    const property = propertyOf(field.target, name);
    if (property === undefined) return unknownField(name, field.target, Object.keys(field.target.properties ?? {}));
    field = { ...describeField(pack, property), depth: field.depth + 1 };
  }
  return field;
}

/** The schema of the field at the end of a path of names; undefined where the pack does not know it. */
export function fieldSchema(pack: Pack, record: JsonSchema, path: readonly string[]): JsonSchema | undefined {
  let found: JsonSchema | undefined;
  let around: JsonSchema | undefined = record;
  for (const name of path) {
    found = around === undefined ? undefined : propertyOf(around, name);
    around = found === undefined ? undefined : describeField(pack, found).target;
  }
  return found;
}

function propertyOf(record: JsonSchema, name: string): JsonSchema | undefined {
  const properties = (record.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  return Object.hasOwn(properties, name) ? properties[name] : patternOf(record, name);
}

/** The schema of names that only an account knows, where a pack says how they look. */
function patternOf({ patternProperties = {} }: JsonSchema, name: string): JsonSchema | undefined {
  const patterns = Object.entries(patternProperties as Readonly<Record<string, JsonSchema>>);
  return patterns.find(([pattern]) => new RegExp(pattern, 'u').test(name))?.[1];
}

/** What one property of a record schema holds. */
export function describeField(pack: Pack, property: JsonSchema): Omit<RecordField, 'depth'> {
  const reference = property['x-ref'];
  if (typeof reference === 'string') {
    const target = pack.objectSchema(reference);
    // The fields of an object without a schema are not known; the far side may know them.
    return { kind: target === undefined ? 'any' : 'reference', target, words: [] };
  }
  return { kind: kindOf(property), target: undefined, words: wordsOf(property) };
}

function kindOf(property: JsonSchema): FieldKind {
  const types = Array.isArray(property.type) ? property.type : [property.type];
  if (property.format === 'date-time' || property.format === 'date') return 'date-time';
  if (property.format === 'decimal' || types.includes('integer') || types.includes('number')) return 'number';
  if (types.includes('boolean')) return 'boolean';
  return types.includes('string') || property.enum !== undefined ? 'string' : 'any';
}

/** The values that a schema allows, as texts; none when it allows others. */
export function wordsOf(schema: JsonSchema): string[] {
  const values = Array.isArray(schema.enum) ? (schema.enum as readonly JsonValue[]) : [];
  return values.filter((value) => value !== null).map(String);
}

function unknownField(name: string, schema: JsonSchema, known: readonly string[]): string {
  const near = nearestWord(name, known);
  const of = typeof schema.title === 'string' ? ` of ${schema.title}` : '';
  return `no field${of} is named "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`;
}

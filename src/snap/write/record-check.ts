// Owns checking a body against its record's schema before it is sent: names, rights and values. Decimals become text, digit by digit.
import { isRawNumber, rawDigits } from '../../document/exact-json.ts';
import type { JsonObject, JsonValue } from '../../document/json.ts';
import type { Fault } from '../../errors.ts';
import type { Pack } from '../../pack/index.ts';
import { type Check, compileCheck, type JsonSchema, joinPointer, nearestWord } from '../../schema/index.ts';

export interface CheckedBody {
  readonly body: JsonObject;
  readonly faults: readonly Fault[];
}

export interface BodyRules {
  /** A record that is made needs every field that the schema marks as required. */
  readonly isNew: boolean;
  /** Fields that are changed by a call of their own. */
  readonly apart: readonly string[];
}

/** A check of those members of a record that bodies have had so far. */
interface PartialCheck {
  readonly names: ReadonlySet<string>;
  readonly check: Check;
  readonly growths: number;
}

/** After this many sets of names the whole record is compiled. */
const growthsMax = 8;

const compiled = new WeakMap<JsonSchema, PartialCheck>();

/** All faults of a body, and the body as it is sent. */
export function checkBody(
  body: JsonObject,
  schema: JsonSchema,
  options: BodyRules & { readonly pack: Pack },
): CheckedBody {
  const { pack, isNew, apart } = options;
  const faults: Fault[] = [];
  const properties = propertiesOf(schema);
  for (const [name, property] of Object.entries(properties)) {
    if (isNew && property['x-required'] === true && property['x-in'] !== false && isBlank(body[name])) {
      faults.push({ pointer: '', message: `"${name}" is missing` });
    }
  }
  for (const name of apart.filter((each) => body[each] !== undefined)) {
    faults.push({ pointer: joinPointer('', name), message: 'is changed by a request of its own; leave it out here' });
  }
  const written = readRecord(body, schema, { pack, faults, pointer: '' });
  return { body: written, faults: [...faults, ...checkFor(written, schema, pack)(written)] };
}

/**
 * The check of a record, compiled for the members that are there: a large record takes seconds to compile whole, in
 * which the process answers nobody, and most bodies have few of its fields.
 */
function checkFor(body: JsonObject, schema: JsonSchema, pack: Pack): Check {
  const properties = propertiesOf(schema);
  const known = compiled.get(schema);
  const wanted = Object.keys(body).filter((name) => Object.hasOwn(properties, name));
  if (known !== undefined && wanted.every((name) => known.names.has(name))) return known.check;
  const growths = (known?.growths ?? 0) + 1;
  const names = new Set(growths > growthsMax ? Object.keys(properties) : [...(known?.names ?? []), ...wanted]);
  const part = {
    ...schema,
    // A name of its own: records inside that are of the same kind are checked by the whole schema.
    $id: `${String(schema.$id)}-part`,
    properties: Object.fromEntries([...names].map((name) => [name, properties[name] ?? {}])),
  };
  const check = compileCheck(part, relatedTo(part, pack));
  compiled.set(schema, { names, check, growths });
  return check;
}

interface Walk {
  readonly pack: Pack;
  readonly faults: Fault[];
  readonly pointer: string;
}

function readRecord(body: JsonObject, schema: JsonSchema, walk: Walk): JsonObject {
  const properties = propertiesOf(schema);
  const members = Object.entries(body).map(([name, value]): [string, JsonValue] => {
    const pointer = joinPointer(walk.pointer, name);
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property === undefined) {
      walk.faults.push({ pointer, message: unknownField(name, Object.keys(properties)) });
      return [name, value];
    }
    // A member of a list or a referenced record may name itself by its id.
    if (property['x-in'] === false && !(walk.pointer !== '' && name === 'id')) {
      walk.faults.push({ pointer, message: 'is read-only: the far side sets it' });
    }
    return [name, readValue(value, property, { ...walk, pointer })];
  });
  return Object.fromEntries(members);
}

function readValue(value: JsonValue, property: JsonSchema, walk: Walk): JsonValue {
  if (property.format === 'decimal') return decimalText(value);
  if (Array.isArray(value)) {
    const target = ownedSchema((property.items ?? {}) as JsonSchema, walk.pack);
    return (value as readonly JsonValue[]).map((member, index) =>
      target !== undefined && isRecord(member)
        ? readRecord(member, target, { ...walk, pointer: joinPointer(walk.pointer, index) })
        : member,
    );
  }
  const target = ownedSchema(property, walk.pack);
  return target !== undefined && isRecord(value) ? readRecord(value, target, walk) : value;
}

/** The schema of a record that stands inside another, unless it is only a reference: those may be named by any key. */
function ownedSchema(property: JsonSchema, pack: Pack): JsonSchema | undefined {
  const reference = referencesIn(property)[0];
  return reference === undefined || reference.includes('#') || reference === 'reference'
    ? undefined
    : pack.objectSchema(reference);
}

function referencesIn(property: JsonSchema): string[] {
  const choices = Array.isArray(property.anyOf) ? (property.anyOf as readonly JsonSchema[]) : [property];
  return choices.flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : []));
}

/** All schemas that a part of a schema refers to, directly or through others. */
function relatedTo(part: JsonSchema, pack: Pack): JsonSchema[] {
  const found = new Map<string, JsonSchema>();
  const visit = (value: JsonValue): void => {
    if (value === null || typeof value !== 'object') return;
    const { $ref } = value as JsonObject;
    const name = typeof $ref === 'string' ? ($ref.split('#')[0] ?? '') : '';
    const target = name === '' || found.has(name) ? undefined : pack.objectSchema(name);
    if (target !== undefined) {
      found.set(name, target);
      visit(target);
    }
    for (const inner of Object.values(value)) visit(inner as JsonValue);
  };
  visit(part);
  return [...found.values()];
}

function decimalText(value: JsonValue): JsonValue {
  if (isRawNumber(value)) return rawDigits(value);
  return typeof value === 'number' ? String(value) : value;
}

function unknownField(name: string, known: readonly string[]): string {
  const near = nearestWord(name, known);
  return near === undefined
    ? 'is not a field of this record; custom fields stand under "custom-fields"'
    : `is not a field of this record; did you mean "${near}"?`;
}

const propertiesOf = (schema: JsonSchema) => (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
const isRecord = (value: JsonValue): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !isRawNumber(value);
const isBlank = (value: JsonValue | undefined) => value === undefined || value === null || value === '';

/** Whether a body holds a list with members that have no id: sent twice, it would add them twice. */
export function addsMembers(value: JsonValue, idField: string): boolean {
  if (Array.isArray(value)) {
    return (value as readonly JsonValue[]).some(
      (member) => isRecord(member) && (member[idField] === undefined || addsMembers(member, idField)),
    );
  }
  return isRecord(value) && Object.values(value).some((inner) => addsMembers(inner, idField));
}

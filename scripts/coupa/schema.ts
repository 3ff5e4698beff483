// Owns the JSON Schemas of objects (draft-07): one a file, each with a shallow `reference` form for those who only point at it.
import type { CleanObject } from './clean.ts';
import type { Field } from './field.ts';
import { title } from './names.ts';

/** A JSON Schema, as data. */
export type Schema = { readonly [word: string]: unknown };

/** Fields that name a record to people and to other systems: what a reference to it carries beside its id. */
const namingFields = [
  'code',
  'email',
  'external-ref-code',
  'external-ref-num',
  'invoice-number',
  'item-number',
  'location-code',
  'login',
  'name',
  'number',
  'po-number',
];
/** Fields that are in every answer once the record exists. */
const neverNull = new Set(['id', 'created-at', 'updated-at']);

/** A thing with a unique name or code of its own (a warehouse, a unit, a tax code) is referred to, not contained. */
const isNamed = (object: CleanObject): boolean =>
  object.fields.some((field) => field.unique && /^(code|name|number)$/.test(field.name));

const isString = (field: Field): boolean => field.type === 'string';

const scalar: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  integer: { type: 'integer' },
  decimal: { type: 'string', format: 'decimal' },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  'date-time': { type: 'string', format: 'date-time' },
  object: { type: 'object', additionalProperties: true },
  any: {},
};

/** Which references hold the whole record; the others hold its shallow form. Keys are `owner.field`. */
export type Containment = ReadonlySet<string>;

/** The file that a reference without a documented table points at. */
export const genericReference = 'reference';

/**
 * Finds the references that hold the whole record: to objects without a name that live only inside others, and lists of lines.
 * A reference that would close a circle stays shallow, so that no schema contains itself.
 */
export function findContainment(objects: readonly CleanObject[]): Containment {
  const byId = new Map(objects.map((object) => [object.id, object]));
  const inside = new Map<string, Set<string>>();
  const reaches = (from: string, to: string): boolean =>
    from === to || [...(inside.get(from) ?? [])].some((next) => reaches(next, to));
  const contained = new Set<string>();
  for (const owner of objects) {
    for (const field of owner.fields) {
      const [target] = field.targets;
      const object = target === undefined ? undefined : byId.get(target);
      if (!object || field.targets.length > 1) continue;
      const isPart = (object.key === null && !isNamed(object)) || (field.many && /-(line|artifact)$/.test(object.id));
      if (!isPart || reaches(object.id, owner.id)) continue;
      inside.set(owner.id, (inside.get(owner.id) ?? new Set()).add(object.id));
      contained.add(`${owner.id}.${field.name}`);
    }
  }
  return contained;
}

function valueSchema(owner: CleanObject, field: Field, known: ReadonlySet<string>, contained: Containment): Schema {
  if (field.type !== 'reference') {
    const base = scalar[field.type] ?? {};
    return isString(field) && field.maxLength !== undefined ? { ...base, maxLength: field.maxLength } : base;
  }
  const [target] = field.targets;
  if (field.targets.length !== 1 || target === undefined || !known.has(target)) return { $ref: genericReference };
  return { $ref: contained.has(`${owner.id}.${field.name}`) ? target : `${target}#/definitions/reference` };
}

function nullable(schema: Schema): Schema {
  if (schema.$ref !== undefined) return { anyOf: [{ type: 'null' }, schema] };
  return schema.type === undefined ? schema : { ...schema, type: [schema.type, 'null'] };
}

/** Gives the marks that are ours: what the documentation says and JSON Schema has no word for. */
const marks = (field: Field): Schema => ({
  'x-in': field.in,
  'x-out': field.out,
  ...(field.required && field.in ? { 'x-required': true } : {}),
  ...(field.unique ? { 'x-unique': true } : {}),
  ...(field.type === 'decimal' && field.precision !== undefined
    ? { 'x-precision': field.precision, 'x-scale': field.scale }
    : {}),
  ...(field.targets.length > 0 ? { 'x-ref': field.targets[0] } : {}),
  ...(field.targets.length > 1 ? { 'x-refs': field.targets } : {}),
});

function propertySchema(owner: CleanObject, field: Field, known: ReadonlySet<string>, contained: Containment): Schema {
  const value = valueSchema(owner, field, known, contained);
  if (field.many) return { type: 'array', items: value, ...marks(field) };
  const isNullable = !neverNull.has(field.name) && !(field.required && field.in);
  const typed = isNullable ? nullable(value) : value;
  const values = field.values && { enum: isNullable ? [...field.values, null] : field.values };
  return { ...typed, ...values, ...marks(field) };
}

const customFields: Schema = { type: 'object', additionalProperties: true, 'x-in': true, 'x-out': true };

/** Gives the schema of one object. `known` are the ids that have a schema. */
export function objectSchema(owner: CleanObject, known: ReadonlySet<string>, contained: Containment): Schema {
  const properties = Object.fromEntries(
    owner.fields.map((field) => [field.name, propertySchema(owner, field, known, contained)]),
  );
  const naming = owner.fields.filter(
    (field) => field.name === 'id' || (isString(field) && (field.unique || namingFields.includes(field.name))),
  );
  const shallow = naming.map((field) => [field.name, nullable(valueSchema(owner, field, known, contained))]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `coupa/objects/${owner.id}`,
    title: title(owner.id),
    type: 'object',
    properties: { 'custom-fields': customFields, ...properties },
    additionalProperties: true,
    definitions: {
      reference: {
        title: `${title(owner.id)} reference`,
        type: 'object',
        properties: { id: { type: 'integer' }, ...Object.fromEntries(shallow.filter(([name]) => name !== 'id')) },
        additionalProperties: true,
      },
    },
  };
}

/** Gives the form of a reference to an object that no page documents. */
export const genericReferenceSchema = (): Schema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: `coupa/objects/${genericReference}`,
  title: 'Reference',
  type: 'object',
  properties: { id: { type: 'integer' }, code: { type: ['string', 'null'] }, name: { type: ['string', 'null'] } },
  additionalProperties: true,
});

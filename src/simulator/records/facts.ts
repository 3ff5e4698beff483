// Owns what the simulator knows of an object: its fields as the generated schemas state them. Never invents a field.
import { readFileSync } from 'node:fs';
import type { ScopeCatalog } from '../authorization/contract.ts';

/** What a value of a field is on the wire. `any` and `object` are kept as they come. */
export type FieldKind =
  | 'integer'
  | 'number'
  | 'decimal'
  | 'string'
  | 'boolean'
  | 'date-time'
  | 'date'
  | 'reference'
  | 'collection'
  | 'object'
  | 'any';

/** One documented field of an object. */
export interface FieldFact {
  readonly name: string;
  readonly kind: FieldKind;
  /** The object that a reference or the members of a collection are; absent when no single one is documented. */
  readonly target?: string;
  /** Allowed values, null left out. */
  readonly words: readonly (string | number)[];
  readonly lengthMax?: number;
  readonly isRequired: boolean;
  readonly isUnique: boolean;
  /** Accepted on write. */
  readonly isAccepted: boolean;
  /** Answered on read. */
  readonly isReturned: boolean;
}

/** One documented object with its fields in documented order, `id` first. */
export interface ObjectFact {
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldFact>;
  /** The fields by which a reference shows it: the id and its natural keys. */
  readonly shallowFields: readonly string[];
}

interface PropertySchema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly maxLength?: number;
  readonly items?: PropertySchema;
  readonly anyOf?: readonly PropertySchema[];
  readonly $ref?: string;
  readonly 'x-ref'?: string;
  readonly 'x-in'?: boolean;
  readonly 'x-out'?: boolean;
  readonly 'x-unique'?: boolean;
  readonly 'x-required'?: boolean;
}
interface ObjectSchema {
  readonly properties: Readonly<Record<string, PropertySchema>>;
  readonly required?: readonly string[];
  readonly definitions?: { readonly reference?: ObjectSchema };
}

/** One call of the catalog. */
export interface CatalogCall {
  readonly id: string;
  readonly action: string;
  readonly verb: string;
  readonly path: string;
  readonly kind: 'list' | 'get' | 'create' | 'update' | 'delete' | 'action' | 'download' | 'upload';
  readonly scope: string;
  /** The id of the same call where the API documents it first. */
  readonly duplicateOf?: string;
}

/** One resource of the catalog. */
export interface CatalogResource {
  readonly key: string;
  readonly title: string;
  readonly schema: string;
  readonly listable: boolean;
  readonly naturalKey: readonly string[] | null;
  readonly exportable: boolean;
  readonly calls: readonly CatalogCall[];
}

const schemas = new URL('../../../schemas/coupa/', import.meta.url);

const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, schemas), 'utf8'));

/** Reads the catalog of resources and calls. */
export const readCatalog = (): readonly CatalogResource[] => readJson('resources.json') as readonly CatalogResource[];

/** Gives the object that a resource's records are. */
export const objectOf = (resource: CatalogResource): string =>
  resource.schema.replace(/^objects\//u, '').replace(/\.schema\.json$/u, '');

/** Reads what one object is; an object without a schema of its own is known by `id` and `name` alone. */
export function readObject(name: string): ObjectFact {
  let schema: ObjectSchema;
  try {
    schema = readJson(`objects/${name}.schema.json`) as ObjectSchema;
  } catch {
    schema = { properties: { id: { type: 'integer' }, name: { type: 'string' } } };
  }
  const fields = new Map<string, FieldFact>();
  const add = (field: string, property: PropertySchema): void => {
    fields.set(field, fieldOf(field, property, schema.required?.includes(field) === true));
  };
  add('id', { type: 'integer', 'x-out': true, 'x-in': false });
  for (const [field, property] of Object.entries(schema.properties)) if (field !== 'id') add(field, property);
  const reference = Object.keys(schema.definitions?.reference?.properties ?? { id: true, name: true });
  return { name, fields, shallowFields: reference.filter((field) => fields.has(field)) };
}

function fieldOf(name: string, property: PropertySchema, isRequired: boolean): FieldFact {
  const main =
    [property, ...(property.anyOf ?? [])].find((one) => one.$ref ?? (one.type !== 'null' && one.type)) ?? property;
  const target = property['x-ref'] ?? property.items?.['x-ref'];
  const words = (property.enum ?? main.enum ?? []).filter(
    (word) => typeof word === 'string' || typeof word === 'number',
  );
  const lengthMax = property.maxLength ?? main.maxLength;
  return {
    name,
    kind: kindOf(main, target),
    ...(target === undefined ? {} : { target }),
    words,
    ...(lengthMax === undefined ? {} : { lengthMax }),
    isRequired: isRequired || property['x-required'] === true,
    isUnique: property['x-unique'] === true,
    isAccepted: property['x-in'] !== false,
    isReturned: property['x-out'] !== false,
  };
}

function kindOf(property: PropertySchema, target: string | undefined): FieldKind {
  const types = [property.type ?? []].flat();
  if (types.includes('array')) return 'collection';
  if (target !== undefined || property.$ref !== undefined) return 'reference';
  const kind = types.find((type) => type !== 'null');
  if (kind === 'string') {
    if (property.format === 'date-time' || property.format === 'date' || property.format === 'decimal') {
      return property.format;
    }
    return 'string';
  }
  if (kind === 'integer' || kind === 'number' || kind === 'boolean' || kind === 'object') return kind;
  return 'any';
}

/** Reads the scopes an instance knows. */
export const readScopes = (): ScopeCatalog => readJson('scopes.json') as ScopeCatalog;

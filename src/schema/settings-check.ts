// Owns checking settings in which expressions may stand: { "expression": "..." } in place of any value not marked x-literal.
import type { Ajv, AnySchemaObject } from 'ajv';
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import { createAjv, type JsonSchema } from './check.ts';
import { faultsOf } from './faults.ts';
import { joinPointer, splitPointer } from './pointer.ts';

/** Checks settings as a person wrote them, expressions included; with `isResolved`, as they are when all are evaluated. */
export type SettingsCheck = (settings: JsonValue, options?: { readonly isResolved?: boolean }) => Fault[];

/** Compiles the check of a settings schema. The value of an expression is unknown until it runs and is left out. */
export function compileSettingsCheck(schema: JsonSchema): SettingsCheck {
  const validate = (createAjv() satisfies Ajv).compile(schema as AnySchemaObject);
  return (settings, options = {}) => {
    const places = options.isResolved ? [] : findExpressions(settings);
    const literal = places.filter((place) => isLiteral(schema, place));
    const free = places.filter((place) => !literal.includes(place));
    const errors = validate(settings) ? [] : (validate.errors ?? []);
    const isUnder = (pointer: string, place: string) => pointer === place || pointer.startsWith(`${place}/`);
    const kept = errors.filter((error) => !places.some((place) => isUnder(error.instancePath, place)));
    return [
      ...literal.map((pointer) => ({ pointer, message: 'must be written out; an expression cannot stand here' })),
      ...faultsOf(
        kept.filter((error) => !(isChoice(error.keyword) && free.some((place) => isUnder(place, error.instancePath)))),
      ),
    ];
  };
}

const isChoice = (keyword: string) => keyword === 'anyOf' || keyword === 'oneOf';

/** Pointers of all places where an expression stands. */
export function findExpressions(value: JsonValue, pointer = ''): string[] {
  if (value === null || typeof value !== 'object') return [];
  if (isExpression(value)) return [pointer];
  return Object.entries(value).flatMap(([key, inner]) => findExpressions(inner, joinPointer(pointer, key)));
}

function isExpression(value: JsonObject | readonly JsonValue[]): boolean {
  const keys = Object.keys(value);
  return keys.length === 1 && keys[0] === 'expression' && typeof (value as JsonObject).expression === 'string';
}

function isLiteral(schema: JsonSchema, pointer: string): boolean {
  const segments = splitPointer(pointer);
  return segments.some((_, depth) => schemaAt(schema, segments.slice(0, depth + 1))?.['x-literal'] === true);
}

/** The part of a schema that describes the value at these segments; follows properties, items and local $ref. */
export function schemaAt(schema: JsonSchema, segments: readonly string[]): JsonSchema | undefined {
  let part: JsonSchema | undefined = localTarget(schema, schema);
  for (const segment of segments) {
    if (part === undefined) return undefined;
    const properties = (part.properties ?? {}) as Record<string, JsonSchema>;
    const next = Object.hasOwn(properties, segment)
      ? properties[segment]
      : /^\d+$/.test(segment) && part.items !== undefined
        ? (part.items as JsonSchema)
        : part.additionalProperties;
    part = next !== null && typeof next === 'object' ? localTarget(schema, next as JsonSchema) : undefined;
  }
  return part;
}

function localTarget(root: JsonSchema, part: JsonSchema): JsonSchema | undefined {
  const reference = part.$ref;
  if (typeof reference !== 'string') return part;
  const name = /^#\/definitions\/([^/]+)$/.exec(reference)?.[1];
  const target = name === undefined ? undefined : (root.definitions as Record<string, JsonSchema> | undefined)?.[name];
  return target === undefined ? undefined : { ...target, ...part };
}

// Owns turning ajv's errors into faults that a person can act on: the exact place, and what is valid there.
import type { ErrorObject } from 'ajv';
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import { nearestWord } from './nearest-word.ts';
import { joinPointer } from './pointer.ts';

const faultsMax = 200;
const shownLengthMax = 60;

/** All faults in the order found, each once. Values under x-sensitive are never shown. */
export function faultsOf(errors: readonly ErrorObject[]): Fault[] {
  const faults = new Map<string, Fault>();
  for (const error of errors) {
    const fault = toFault(error, errors);
    if (fault !== undefined && faults.size < faultsMax) faults.set(`${fault.pointer} ${fault.message}`, fault);
  }
  return [...faults.values()];
}

type Wording = (error: ErrorObject, schema: JsonObject, params: JsonObject) => string;

const plural = (count: JsonValue | undefined, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

const wordings: Readonly<Record<string, Wording>> = {
  required: (_error, _schema, params) => `"${params.missingProperty}" is missing`,
  enum: (error, schema, params) => {
    const allowed = (params.allowedValues as readonly JsonValue[]) ?? [];
    const near =
      typeof error.data === 'string'
        ? nearestWord(
            error.data,
            allowed.filter((v) => typeof v === 'string'),
          )
        : undefined;
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    return `must be one of ${allowed.map((value) => JSON.stringify(value)).join(', ')}${found(error, schema)}${hint}`;
  },
  dependencies: (_error, _schema, params) => `"${params.property}" needs "${params.missingProperty}" beside it`,
  const: (error, schema, params) => `must be ${JSON.stringify(params.allowedValue)}${found(error, schema)}`,
  type: (error, schema, params) => `must be ${typeNames(params.type)}${found(error, schema)}`,
  pattern: (error, schema, params) =>
    typeof schema.description === 'string'
      ? `does not fit${found(error, schema)}. ${schema.description}`
      : `must match ${params.pattern}${found(error, schema)}`,
  format: (error, schema, params) =>
    `must be a ${formatNames[String(params.format)] ?? params.format}${found(error, schema)}`,
  minLength: (_error, _schema, params) =>
    params.limit === 1 ? 'must not be empty' : `must have at least ${plural(params.limit, 'character')}`,
  maxLength: (_error, _schema, params) => `must have at most ${plural(params.limit, 'character')}`,
  minItems: (_error, _schema, params) => `must have at least ${plural(params.limit, 'item')}`,
  maxItems: (_error, _schema, params) => `must have at most ${plural(params.limit, 'item')}`,
  minProperties: (_error, _schema, params) =>
    `must have at least ${plural(params.limit, 'property').replace('ys', 'ies')}`,
  maxProperties: (_error, _schema, params) =>
    `must have at most ${plural(params.limit, 'property').replace('ys', 'ies')}`,
  uniqueItems: (_error, _schema, params) => `items ${params.j} and ${params.i} are the same`,
  minimum: (error, schema, params) => `must be at least ${params.limit}${found(error, schema)}`,
  maximum: (error, schema, params) => `must be at most ${params.limit}${found(error, schema)}`,
  exclusiveMinimum: (error, schema, params) => `must be more than ${params.limit}${found(error, schema)}`,
  exclusiveMaximum: (error, schema, params) => `must be less than ${params.limit}${found(error, schema)}`,
  multipleOf: (error, schema, params) => `must be a multiple of ${params.multipleOf}${found(error, schema)}`,
};

const formatNames: Readonly<Record<string, string>> = {
  'date-time': 'date and time with an offset, as 2026-01-31T12:00:00Z',
  date: 'date, as 2026-01-31',
  decimal: 'decimal number in quotes, as "12.50"',
  uri: 'URL',
};

function toFault(error: ErrorObject, all: readonly ErrorObject[]): Fault | undefined {
  const schema = (error.parentSchema ?? {}) as JsonObject;
  const params = error.params as JsonObject;
  switch (error.keyword) {
    // The condition itself says nothing to a person; the rule behind it reports its own fault.
    case 'if':
      return undefined;
    case 'additionalProperties':
      return {
        pointer: joinPointer(error.instancePath, String(params.additionalProperty)),
        message: unknownProperty(schema, params),
      };
    case 'propertyNames':
      return {
        pointer: joinPointer(error.instancePath, String(params.propertyName)),
        message: 'cannot have this name',
      };
    case 'anyOf':
    case 'oneOf':
      return all.some((other) => other !== error && other.instancePath.startsWith(`${error.instancePath}/`))
        ? undefined
        : { pointer: error.instancePath, message: `fits none of the allowed forms${found(error, schema)}` };
    default:
      // An error on a property's name is told once, by propertyNames.
      if (error.propertyName !== undefined) return undefined;
      return {
        pointer: error.instancePath,
        message: wordings[error.keyword]?.(error, schema, params) ?? `does not meet "${error.keyword}"`,
      };
  }
}

function unknownProperty(schema: JsonObject, params: JsonObject): string {
  const name = String(params.additionalProperty);
  const known = Object.keys((schema.properties as JsonObject | undefined) ?? {});
  const near = nearestWord(name, known);
  const shown = clip(JSON.stringify(name));
  if (near !== undefined) return `unknown property ${shown}; did you mean "${near}"?`;
  return known.length === 0
    ? `unknown property ${shown}; none is allowed here`
    : `unknown property ${shown}; known are ${known.join(', ')}`;
}

function found(error: ErrorObject, schema: JsonObject): string {
  if (schema['x-sensitive'] === true) return '';
  const text = JSON.stringify(error.data);
  return text === undefined ? '' : `; found ${clip(text)}`;
}

const clip = (text: string) => (text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text);

function typeNames(type: JsonValue | undefined): string {
  const names = (Array.isArray(type) ? (type as readonly string[]) : String(type).split(',')).map(
    (name) =>
      ({ array: 'a list', object: 'an object', integer: 'a whole number', null: 'null', boolean: 'true or false' })[
        name
      ] ?? `a ${name}`,
  );
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

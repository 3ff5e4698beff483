// Owns filters: conditions on fields, checked against the record schema, written as the operation declares.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import { type Filters, fillTemplate, type Operation, type Pack } from '../pack/index.ts';
import { findExpressions, type JsonSchema, joinPointer } from '../schema/index.ts';
import { findField, type RecordField } from './record-fields.ts';

/** ISO 8601 with an offset, or a date alone (midnight UTC). */
const instant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/;

interface Condition {
  readonly field: string;
  readonly operator?: string;
  readonly value: JsonValue;
}

type Operator = Filters['operators'][string];

/** The query parameters of all conditions, in their order. */
export function filterParameters(operation: Operation, settings: JsonObject): [string, string][] {
  const { filters } = operation;
  if (filters === undefined) return [];
  return conditionsOf(filters, settings).map(({ field, operator = filters.default, value }) => {
    const [first = '', ...rest] = field.split('.').map((name) => spell(operation, name));
    const path = first + rest.map((name) => fillTemplate(filters.association, { name })).join('');
    const { parameter = '{field}', term } = filters.operators[operator] ?? {};
    const text = Array.isArray(value) ? value.map(asText).join(',') : asText(value);
    return [
      fillTemplate(parameter, { field: path }),
      term === undefined
        ? text
        : fillTemplate(term, { field: path, value: doubled(text, operation.joins?.[parameter]) }),
    ];
  });
}

/** The paths of the fields that the conditions are about. */
export function filteredFields({ filters }: Operation, settings: JsonObject): string[][] {
  return filters === undefined ? [] : conditionsOf(filters, settings).map(({ field }) => field.split('.'));
}

/** A separator inside a value, doubled: else the value could add a condition of its own. */
function doubled(text: string, separator: string | undefined): string {
  return separator === undefined ? text : text.replaceAll(separator, separator + separator);
}

/** A field's name as the far side wants it in query strings. */
export function spell(operation: Operation, name: string): string {
  return operation.queryNames === 'underscores' ? name.replaceAll('-', '_') : name;
}

export interface FilterCheck {
  readonly pack: Pack;
  readonly schema: JsonSchema;
  readonly filters: Filters;
}

/** Faults that only the record schema can tell: fields, depth, operators that do not fit, values of the wrong kind. */
export function checkFilters(settings: JsonObject, check: FilterCheck): Fault[] {
  const { filters, pack, schema } = check;
  return conditionsOf(filters, settings).flatMap((condition, index) => {
    const at = (name: string) => joinPointer('', filters.setting, index, name);
    const field = findField(pack, schema, condition.field.split('.'));
    if (typeof field === 'string') return [{ pointer: at('field'), message: field }];
    const faults = checkPath(condition.field, field, filters).map((message) => ({ pointer: at('field'), message }));
    const name = condition.operator ?? filters.default;
    const operator = filters.operators[name];
    // An operator that does not exist is told by the settings schema.
    if (operator === undefined || faults.length > 0) return faults;
    const { notFor = [] } = operator;
    if ((notFor as readonly string[]).includes(field.kind)) {
      const others = Object.entries(filters.operators).filter(
        ([, each]) => !((each.notFor ?? []) as readonly string[]).includes(field.kind),
      );
      const message = `"${name}" does not serve the ${field.kind} field ${condition.field}; use ${others.map(([each]) => each).join(', ')}`;
      return [{ pointer: at('operator'), message }];
    }
    const wrong = checkValue(condition.value, operator, field);
    const isExact = name === filters.default || operator.value === 'list';
    const messages = wrong.length > 0 || !isExact ? wrong : asLabels(condition.value, field);
    return messages.map((message) => ({ pointer: at('value'), message }));
  });
}

function checkPath(path: string, field: RecordField, filters: Filters): string[] {
  if (field.kind === 'reference') return [`"${path}" is a record of its own; name one of its fields, as ${path}.id`];
  if (field.depth > filters.associationDepthMax) {
    return [`"${path}" crosses ${field.depth} references; at most ${filters.associationDepthMax} can be crossed`];
  }
  return [];
}

function checkValue(value: JsonValue, operator: Operator, field: RecordField): string[] {
  if (findExpressions(value).length > 0) return [];
  if (operator.value === 'list') {
    if (!Array.isArray(value)) return typeof value === 'string' ? [] : ['must be a list'];
    return value.flatMap((each: JsonValue) => checkOne(each, field));
  }
  if (Array.isArray(value)) return ['must be one value; lists serve "in" and "not_in" only'];
  if (operator.value === 'boolean') return isBoolean(value) ? [] : ['must be true or false'];
  return checkOne(value, field);
}

/** A documented list may not be whole, so an unknown word passes; one that people see on the page, with capitals and spaces, would find nothing without a word. */
function asLabels(value: JsonValue, { words }: RecordField): string[] {
  const list = Array.isArray(value) ? (value as readonly JsonValue[]) : String(value).split(',');
  return list.flatMap((word) => {
    if (typeof word !== 'string' || words.includes(word)) return [];
    const meant = words.find((known) => fold(known) === fold(word));
    return meant === undefined ? [] : [`"${word}" is written "${meant}" there`];
  });
}

const fold = (word: string) => word.toLowerCase().replaceAll(/[^\p{L}\d]/gu, '');

function checkOne(value: JsonValue, { kind }: RecordField): string[] {
  const text = String(value);
  const found = `; found ${JSON.stringify(value)?.slice(0, 60)}`;
  if (kind === 'date-time' && !(instant.test(text) && !Number.isNaN(Date.parse(text)))) {
    return [`must be a time in ISO 8601 with an offset, as 2026-01-31T12:00:00Z, or a date${found}`];
  }
  if (kind === 'number' && (text.trim() === '' || Number.isNaN(Number(text)) || typeof value === 'boolean'))
    return [`must be a number${found}`];
  if (kind === 'boolean' && !isBoolean(value)) return [`must be true or false${found}`];
  return [];
}

const isBoolean = (value: JsonValue) => value === true || value === false || value === 'true' || value === 'false';

const asText = (value: JsonValue) => (typeof value === 'string' ? value : JSON.stringify(value));

function conditionsOf(filters: Filters, settings: JsonObject): Condition[] {
  const value = settings[filters.setting];
  if (!Array.isArray(value)) return [];
  return (value as readonly JsonValue[]).filter(isCondition);
}

function isCondition(value: JsonValue): value is JsonValue & Condition {
  if (value === null || typeof value !== 'object') return false;
  const { field, operator, value: compared } = value as JsonObject;
  return (
    typeof field === 'string' && compared !== undefined && (operator === undefined || typeof operator === 'string')
  );
}

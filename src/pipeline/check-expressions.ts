// Owns finding the expressions in a snap's settings and checking each for where it stands.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import { checkExpression, type ExpressionScope } from '../expression/index.ts';
import { findExpressions, type JsonSchema, joinPointer, schemaAt, splitPointer, valueAt } from '../schema/index.ts';

/** Faults of all expressions: those in place of a value, and texts that the schema marks as x-expression. */
export function checkExpressions(settings: JsonObject, schema: JsonSchema, scope: ExpressionScope): Fault[] {
  const places = findExpressions(settings).map((pointer) => joinPointer(pointer, 'expression'));
  const texts = findMarkedTexts(settings, schema);
  const faultsAt = (pointer: string, within: ExpressionScope): Fault[] =>
    checkExpression(String(valueAt(settings, pointer)), within).map((message) => ({ pointer, message }));
  return [
    ...places.flatMap((pointer) => faultsAt(pointer, scope)),
    // A text that is an expression is about documents by its nature.
    ...texts.flatMap((pointer) => faultsAt(pointer, { ...scope, hasDocument: true })),
  ];
}

function findMarkedTexts(value: JsonValue, schema: JsonSchema, pointer = ''): string[] {
  if (typeof value === 'string') {
    return schemaAt(schema, splitPointer(pointer))?.['x-expression'] === true ? [pointer] : [];
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => findMarkedTexts(inner, schema, joinPointer(pointer, key)));
}

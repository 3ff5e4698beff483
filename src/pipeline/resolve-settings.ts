// Owns settings in which expressions stand: compiled once, filled in for each document.
import type { Document } from '../document/document.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { BoundExpression } from '../snap/executor.ts';

type Fill = (document: Document | undefined) => Promise<JsonValue | undefined>;

/** Gives the settings with every expression evaluated; a member whose expression gives nothing is left out. */
export type ResolveSettings = (document?: Document) => Promise<JsonObject>;

/** Compiles settings; those without expressions are given back as they are. */
export function compileSettings(settings: JsonObject, bind: (source: string) => BoundExpression): ResolveSettings {
  const fill = compileValue(settings, bind);
  if (fill === undefined) return async () => settings;
  return async (document) => (await fill(document)) as JsonObject;
}

/** Undefined for a value in which no expression stands. */
function compileValue(value: JsonValue, bind: (source: string) => BoundExpression): Fill | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  if (isExpression(value)) {
    const expression = bind(value.expression);
    return (document) => expression(document);
  }
  const entries = Object.entries(value).map(([key, inner]) => ({ key, inner, fill: compileValue(inner, bind) }));
  if (entries.every(({ fill }) => fill === undefined)) return undefined;
  return async (document) => {
    const filled = await Promise.all(
      entries.map(
        async ({ key, inner, fill }): Promise<[string, JsonValue | undefined]> => [
          key,
          fill === undefined ? inner : await fill(document),
        ],
      ),
    );
    const kept = filled.filter((entry): entry is [string, JsonValue] => entry[1] !== undefined);
    return Array.isArray(value) ? kept.map(([, inner]) => inner) : Object.fromEntries(kept);
  };
}

function isExpression(value: JsonObject | readonly JsonValue[]): value is { readonly expression: string } {
  const keys = Object.keys(value);
  return keys.length === 1 && keys[0] === 'expression' && typeof (value as JsonObject).expression === 'string';
}

// Owns the two questions that the page asks of any JSON: is it an object, and which object does a text hold.
import type { JsonObject, JsonValue } from '../../src/document/json.ts';

export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object that a text holds; undefined when it is no JSON, or JSON of another kind. */
export function objectIn(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

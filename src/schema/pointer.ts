// Owns JSON pointers (RFC 6901): the form in which every fault names its place.
import type { JsonValue } from '../document/json.ts';

/** Adds segments to a pointer, escaping "~" and "/". */
export function joinPointer(pointer: string, ...segments: readonly (string | number)[]): string {
  return segments.reduce<string>(
    (joined, segment) => `${joined}/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`,
    pointer,
  );
}

/** The segments of a pointer, unescaped; '' has none. */
export function splitPointer(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a pointer, or undefined. Only own properties are followed, so "__proto__" leads nowhere. */
export function valueAt(root: JsonValue | undefined, pointer: string): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const segment of splitPointer(pointer)) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Record<string, JsonValue>)[segment];
  }
  return value;
}

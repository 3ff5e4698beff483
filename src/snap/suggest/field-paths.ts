// Owns listing the fields of a record and of those it refers to, nearest first.
import type { Pack } from '../../pack/index.ts';
import type { JsonSchema } from '../../schema/index.ts';
import { describeField, type FieldKind } from '../record-fields.ts';
import type { Suggestion } from './suggestion.ts';

/** More paths than this are not made: two references deep, the largest record has about a third of them. */
const pathsMax = 200_000;

export interface FieldPathOptions {
  /** How many references a path may cross. */
  readonly depthMax: number;
  /** Whether a reference is a word of its own, as in a list of fields, or only a way to the fields behind it. */
  readonly takesReferences: boolean;
  readonly isFitting?: (kind: FieldKind) => boolean;
}

interface Level {
  readonly prefix: string;
  readonly schema: JsonSchema;
  readonly depth: number;
}

/** Paths of fields with dots between the names: the record's own, then those behind one reference, then behind two. */
export function fieldPaths(pack: Pack, schema: JsonSchema, options: FieldPathOptions): Suggestion[] {
  const { depthMax, takesReferences, isFitting = () => true } = options;
  const found: Suggestion[] = [];
  const levels: Level[] = [{ prefix: '', schema, depth: 0 }];
  for (let level = levels.shift(); level !== undefined && found.length < pathsMax; level = levels.shift()) {
    for (const [name, property] of propertiesOf(level.schema)) {
      if (property['x-out'] === false) continue;
      const { kind, target } = describeField(pack, property);
      const value = level.prefix + name;
      if (kind === 'reference' && target !== undefined && level.depth < depthMax) {
        levels.push({ prefix: `${value}.`, schema: target, depth: level.depth + 1 });
      }
      if ((kind === 'reference' && !takesReferences) || !isFitting(kind)) continue;
      const title = typeof property.title === 'string' ? { title: property.title } : {};
      found.push({ value, ...title, detail: detailOf(kind, property) });
    }
  }
  return found;
}

/** The properties of an object schema, by name. */
function propertiesOf(schema: JsonSchema): [string, JsonSchema][] {
  return Object.entries((schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>);
}

function detailOf(kind: FieldKind, property: JsonSchema): string {
  const many = property.type === 'array' ? 'list of ' : '';
  if (kind === 'reference') return `${many}${String(property['x-ref'])}`;
  return `${many}${property.format === 'decimal' ? 'decimal' : kind === 'any' ? 'anything' : kind}`;
}

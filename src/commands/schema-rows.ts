// Says the fields of a JSON Schema as rows for people; --json gives the schema itself.
import type { JsonObject, JsonValue } from '../document/json.ts';
import { type Column, table } from './table.ts';

interface FieldRow {
  readonly name: string;
  readonly type: string;
  readonly marks: string;
  readonly description: string;
}

/** Table lines of the properties of an object schema: name, type, marks (required, read-only), what it means. */
export function schemaLines(schema: JsonValue | undefined): string[] {
  const { properties, required } = asObject(schema);
  const names = new Set(Array.isArray(required) ? required : []);
  const rows = Object.entries(asObject(properties)).map(([name, property]): FieldRow => {
    const field = asObject(property);
    const marks = [
      ...(names.has(name) || field['x-required'] === true ? ['required'] : []),
      ...(field['x-in'] === false ? ['read-only'] : []),
      ...(field['x-out'] === false ? ['write-only'] : []),
      ...(field['x-unique'] === true ? ['unique'] : []),
    ];
    return { name, type: typeOf(field), marks: marks.join(', '), description: String(field.description ?? '') };
  });
  const columns: Column<FieldRow>[] = [
    ['FIELD', (row) => row.name],
    ['MARKS', (row) => row.marks],
    ['TYPE', (row) => row.type],
  ];
  if (rows.some((row) => row.description !== '')) columns.push(['MEANING', (row) => row.description]);
  return table(rows, columns);
}

function asObject(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** One word or a few for what a field holds: its format before its type, the object that a reference names, allowed values. */
function typeOf(field: JsonObject): string {
  const kind = field['x-ref'] ?? field.format ?? plainType(field);
  const name = field.type === 'array' && field['x-ref'] !== undefined ? `list of ${String(kind)}` : String(kind);
  const allowed = Array.isArray(field.enum) ? field.enum.filter((value) => value !== null) : [];
  return allowed.length > 0 ? `${name}: ${allowed.join(' | ')}` : name;
}

function plainType({ type, maxLength }: JsonObject): string {
  const types = (Array.isArray(type) ? type : [type ?? 'any']).filter((name) => name !== 'null').join(' or ');
  return typeof maxLength === 'number' ? `${types}, at most ${maxLength}` : types;
}

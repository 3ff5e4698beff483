// Owns the fields of a resource's records, and of the objects that they refer to, as the pack's schemas say.
import { useMemo } from 'react';
import type { JsonObject, JsonValue } from '../../../../src/document/json.ts';
import { api, call } from '../../api.ts';
import { useData } from '../../use-data.ts';

export interface RecordField {
  readonly name: string;
  /** "date-time", "decimal", "string", "integer", "boolean", "object", "list". */
  readonly kind: string;
  /** The object that it refers to. */
  readonly reference: string | undefined;
}

/** The fields of a resource; empty while they load and when no pack knows it. */
export function useResourceFields(resource: string | undefined): { fields: readonly RecordField[]; pack: string } {
  const { data } = useData(
    async () => (resource === undefined ? undefined : await api.resource(resource)),
    `resource ${resource}`,
  );
  return useMemo(
    () => ({
      fields: isObject(data?.schema) ? fieldsOf(data.schema) : [],
      pack: typeof data?.pack === 'string' ? data.pack : '',
    }),
    [data],
  );
}

/** The fields of an object that records refer to. */
export function useObjectFields(pack: string, object: string | undefined): readonly RecordField[] {
  const { data } = useData(
    async () =>
      object === undefined || pack === ''
        ? undefined
        : await call<JsonObject>('GET', `/api/packs/${encodeURIComponent(pack)}/objects/${encodeURIComponent(object)}`),
    `object ${pack} ${object}`,
  );
  return useMemo(() => (isObject(data) ? fieldsOf(data) : []), [data]);
}

export function fieldsOf(schema: JsonObject): readonly RecordField[] {
  const properties = isObject(schema.properties) ? schema.properties : {};
  return Object.entries(properties)
    .filter(([, property]) => isObject(property) && property['x-out'] !== false)
    .map(([name, property]) => ({
      name,
      kind: isObject(property) ? kindOf(property) : 'string',
      reference: isObject(property) && typeof property['x-ref'] === 'string' ? property['x-ref'] : undefined,
    }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

function kindOf(property: JsonObject): string {
  if (typeof property.format === 'string') return property.format;
  const types = Array.isArray(property.type) ? property.type : [property.type];
  const type = types.find((each) => each !== 'null' && each !== undefined);
  if (type === 'array') return 'list';
  return typeof type === 'string' ? type : 'object';
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// Owns saying what of its packs a pipeline uses, as places with a short text each: a lock keeps them, a changed pack is held to them.
import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { LoadedSnap, Operation, Pack, PackRegistry, Resource } from '../pack/index.ts';
import { type JsonSchema, schemaAt } from '../schema/index.ts';
import { chooseOperation, requiredCalls } from '../snap/choose-operation.ts';
import { filteredFields } from '../snap/filters.ts';
import { describeField, fieldSchema, resourceOf } from '../snap/record-fields.ts';
import type { PlannedSnap } from './plan.ts';

/** Place to text: `field status of invoices` to `string`. A place that is new in a pack takes nothing away from a pipeline. */
export type UsedParts = Readonly<Record<string, string>>;

/** Words for people, and hints for forms: they change nothing that a run does. */
const wordKeys = new Set(['title', 'description', 'examples', 'documentation', '$comment', '$id', '$schema']);
const meaningfulHints = new Set(['x-ref', 'x-expression', 'x-literal']);
/** Below it an operation's declaration is one part: deep enough to name one operator or one paging word. */
const depthMax = 3;
const hashCharacters = 16;

/** What each pack is used for by these snaps; disabled ones use nothing. */
export function usedParts(snaps: readonly PlannedSnap[], registry: PackRegistry): Readonly<Record<string, UsedParts>> {
  const used: Record<string, Record<string, string>> = {};
  for (const { snap, settings, execution } of snaps) {
    if (execution === 'disabled') continue;
    const pack = registry.pack(snap.pack);
    used[pack.name] = { ...used[pack.name], ...partsOfSnap(pack, snap, settings) };
  }
  return used;
}

/** A hash that the order of members, words and hints do not change. */
export function meaningHash(value: JsonValue): string {
  return createHash('sha256').update(meaningOf(value)).digest('hex').slice(0, hashCharacters);
}

function partsOfSnap(pack: Pack, snap: LoadedSnap, settings: JsonObject): Record<string, string> {
  const operation = chooseOperation(pack, snap, settings);
  const resource = resourceOf(pack, snap, settings);
  return {
    [`views of ${snap.id}`]: meaningHash(snap.declaration.views as unknown as JsonObject),
    ...partsOfSettings(snap, settings),
    ...(operation === undefined ? {} : partsOfOperation(snap, operation)),
    ...apiParts(pack),
    ...Object.fromEntries(
      requiredCalls(pack, snap, settings).map(({ id, verb, path }) => [`call ${id}`, `${verb} ${path}`]),
    ),
    ...(operation === undefined || resource === undefined ? {} : partsOfResource(pack, operation, resource, settings)),
  };
}

/** Given settings mean what they meant, and left-out ones default to what they did. */
function partsOfSettings({ id, settingsSchema }: LoadedSnap, settings: JsonObject): Record<string, string> {
  const names = Object.keys((settingsSchema.properties ?? {}) as JsonObject);
  const parts = names.flatMap((name): [string, string][] => {
    const schema = schemaAt(settingsSchema, [name]) as JsonObject | undefined;
    if (schema === undefined) return [];
    const { default: fallback, ...rest } = schema;
    if (Object.hasOwn(settings, name)) return [[`setting "${name}" of ${id}`, meaningHash(rest)]];
    return fallback === undefined ? [] : [[`default of "${name}" of ${id}`, meaningOf(fallback)]];
  });
  return Object.fromEntries(parts);
}

function partsOfOperation(snap: LoadedSnap, operation: Operation): Record<string, string> {
  const parts: Record<string, string> = { [`operation of ${snap.id}`]: operation.id };
  const add = (place: string, value: JsonValue, depth: number): void => {
    if (depth === depthMax || value === null || typeof value !== 'object' || Array.isArray(value)) {
      parts[place] = typeof value === 'object' ? meaningHash(value) : meaningOf(value);
      return;
    }
    for (const [name, inner] of Object.entries(value)) {
      if (!wordKeys.has(name)) add(`${place} ${name}`, inner, depth + 1);
    }
  };
  add(`operation ${operation.id}:`, operation as unknown as JsonObject, 0);
  return parts;
}

function apiParts({ manifest }: Pack): Record<string, string> {
  if (manifest.api === undefined) return {};
  const { baseUrl, headers = {} } = manifest.api;
  return { 'base URL': baseUrl, headers: meaningHash(headers) };
}

/** The record's fields that are read, or may be written; for a write also what a field may hold, and which must be there. */
function partsOfResource(
  pack: Pack,
  operation: Operation,
  resource: Resource,
  settings: JsonObject,
): Record<string, string> {
  const { key, schema: file, cursorField, naturalKey } = resource;
  const schema = pack.recordSchema(resource);
  const properties = (schema?.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  const isWritten = operation.write !== undefined;
  const tree = isWritten ? undefined : fieldTree(operation, settings);
  const chosen = tree && new Set(pathsOf(tree).map(([name]) => name));
  const fields = Object.entries(properties).filter(([name]) => chosen?.has(name) !== false);
  const named = [...pathsOf(tree ?? []), ...filteredFields(operation, settings), ...orderField(operation, settings)];
  return {
    [`record of ${key}`]: file,
    [`cursor field of ${key}`]: cursorField ?? 'none',
    [`natural key of ${key}`]: naturalKey?.join() ?? 'none',
    ...Object.fromEntries(fields.map(([name, field]) => [`field ${name} of ${key}`, shapeOf(field, isWritten)])),
    ...(schema === undefined ? {} : namedParts(pack, { key, schema, paths: named })),
    ...(isWritten ? objectParts(pack, Object.values(properties)) : {}),
    ...(isWritten ? { [`required fields of ${key}`]: [...((schema?.required ?? []) as string[])].sort().join() } : {}),
  };
}

/** Fields that the settings name, those behind references too. */
function namedParts(
  pack: Pack,
  { key, schema, paths }: { key: string; schema: JsonSchema; paths: readonly (readonly string[])[] },
): Record<string, string> {
  const parts = paths.flatMap((path): [string, string][] => {
    const field = fieldSchema(pack, schema, path);
    return field === undefined ? [] : [[`field ${path.join('.')} of ${key}`, shapeOf(field, false)]];
  });
  return Object.fromEntries(parts);
}

/** The fields of the objects that a written record holds: a document may carry any of them. */
function objectParts(pack: Pack, properties: readonly JsonSchema[]): Record<string, string> {
  const parts = properties.flatMap((property): [string, string][] => {
    const fields = Object.entries(
      (describeField(pack, property).target?.properties ?? {}) as Record<string, JsonSchema>,
    );
    return fields.map(([name, field]) => [
      `field ${name} of object ${String(property['x-ref'])}`,
      shapeOf(field, true),
    ]);
  });
  return Object.fromEntries(parts);
}

/** The field tree that the settings hold; undefined where all fields are read. */
function fieldTree({ query }: Operation, settings: JsonObject): readonly JsonValue[] | undefined {
  const setting = Object.values(query ?? {}).find(({ holds }) => holds === 'field-tree')?.setting;
  const tree = settings[setting ?? ''];
  return Array.isArray(tree) ? (tree as readonly JsonValue[]) : undefined;
}

/** The paths of all names in a field tree. */
function pathsOf(tree: readonly JsonValue[]): string[][] {
  return tree.flatMap((entry): string[][] => {
    if (typeof entry === 'string') return [[entry]];
    return Object.entries((entry ?? {}) as JsonObject).flatMap(([name, inner]) => [
      [name],
      ...pathsOf(Array.isArray(inner) ? inner : []).map((path) => [name, ...path]),
    ]);
  });
}

function orderField({ order }: Operation, settings: JsonObject): string[][] {
  const field = ((settings[order?.setting ?? ''] ?? {}) as JsonObject).field;
  return typeof field === 'string' ? [[field]] : [];
}

function shapeOf(field: JsonSchema, isWritten: boolean): string {
  const { type = 'any', format, 'x-ref': target, ...rest } = field as JsonObject;
  const types = Array.isArray(type) ? (type as readonly string[]).toSorted().join(' or ') : String(type);
  const words = [types, format, target === undefined ? undefined : `of ${String(target)}`];
  // Whoever reads can live with a value more or a bound less; a write that was taken must not be refused tomorrow.
  const limits = isWritten ? meaningHash(rest) : undefined;
  return [...words, limits].filter((word) => word !== undefined).join(' ');
}

function meaningOf(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((each: JsonValue) => meaningOf(each)).join(',')}]`;
  const members = Object.entries(value)
    .filter(([key]) => !wordKeys.has(key) && (!key.startsWith('x-') || meaningfulHints.has(key)))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([key, inner]) => `${JSON.stringify(key)}:${meaningOf(inner)}`).join(',')}}`;
}

// Owns finding a setting by its pointer: its schema, what it may hold, and the resource and operation around it.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { ConfigurationError } from '../../errors.ts';
import { type LoadedSnap, type Operation, type Pack, settingsOf } from '../../pack/index.ts';
import { type JsonSchema, joinPointer, nearestWord, schemaAt, splitPointer, valueAt } from '../../schema/index.ts';
import { resourceOf } from '../record-fields.ts';
import type { SuggestionPlace } from './suggestion.ts';

/** Settings inside of settings are looked for no deeper. */
const depthMax = 4;

/** Finds the setting at a pointer; the leading slash may be left out. Throws SNAP_USAGE, naming the settings that there are. */
export function placeOf(pack: Pack, snap: LoadedSnap, settings: JsonObject, setting: string): SuggestionPlace {
  const pointer = setting.startsWith('/') ? setting : `/${setting}`;
  const segments = splitPointer(pointer);
  const schema = schemaAt(snap.settingsSchema, segments);
  if (schema === undefined) throw unknownSetting(snap, pointer);
  const part = isList(schema) ? (schemaAt(snap.settingsSchema, [...segments, '0']) ?? schema) : schema;
  const word = part['x-suggest'] ?? schema['x-suggest'];
  const operation = operationOf(pack, snap, segments[0] ?? '');
  return {
    pack,
    snap,
    settings,
    segments,
    schema: part,
    within: withinOf(operation, segments),
    word: typeof word === 'string' ? word : undefined,
    resource: resourceOf(pack, snap, settings),
    operation,
    field: comparedField(operation, settings, segments),
  };
}

const isList = ({ type }: JsonSchema) => type === 'array';

function operationOf(pack: Pack, { declaration }: LoadedSnap, setting: string): Operation | undefined {
  return (declaration.operations ?? [])
    .map(({ operation }) => pack.operations.get(operation))
    .find((operation) => operation !== undefined && settingsOf(operation).includes(setting));
}

function withinOf(operation: Operation | undefined, [setting, ...below]: readonly string[]): string[] {
  const isForm = setting === operation?.filters?.setting || setting === operation?.order?.setting;
  return isForm ? [] : below.filter((segment) => !/^\d+$/.test(segment));
}

function comparedField(operation: Operation | undefined, settings: JsonObject, segments: readonly string[]) {
  const { setting } = operation?.filters ?? {};
  if (setting === undefined || segments[0] !== setting) return undefined;
  const field: JsonValue | undefined = valueAt(settings, joinPointer('', setting, segments[1] ?? '', 'field'));
  return typeof field === 'string' ? field : undefined;
}

function unknownSetting({ id, settingsSchema }: LoadedSnap, pointer: string): ConfigurationError {
  const known = pointersOf(settingsSchema, settingsSchema, '');
  const near = nearestWord(pointer, known);
  return new ConfigurationError('SNAP_USAGE', `The snap ${id} has no setting ${pointer}.`, {
    reason: `its settings are ${known.join(', ') || 'none'}`,
    resolution: `write ${near ?? 'one of them'}; a number names a place in a list`,
  });
}

function pointersOf(root: JsonSchema, schema: JsonSchema, pointer: string): string[] {
  const segments = splitPointer(pointer);
  if (segments.length > depthMax) return [];
  if (isList(schema)) {
    const inner = schemaAt(root, [...segments, '0']);
    const below = inner?.properties === undefined ? [] : pointersOf(root, inner, joinPointer(pointer, '0'));
    return below.length > 0 ? below : [pointer];
  }
  const names = Object.keys((schema.properties ?? {}) as JsonObject);
  if (names.length === 0) return pointer === '' ? [] : [pointer];
  return names.flatMap((name) => {
    const inner = schemaAt(root, [...segments, name]);
    return inner === undefined ? [] : pointersOf(root, inner, joinPointer(pointer, name));
  });
}

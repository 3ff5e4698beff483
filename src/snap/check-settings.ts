// Owns the whole check of a snap's settings before anything is sent: shape, resource, call, filters, fields. All faults at once.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import { type LoadedSnap, type Operation, type Pack, type Resource, settingsOf } from '../pack/index.ts';
import { joinPointer, nearestWord } from '../schema/index.ts';
import { callFor, chooseOperation } from './choose-operation.ts';
import { checkFieldTree } from './field-tree.ts';
import { checkFilters } from './filters.ts';
import { checkMode } from './read-mode.ts';
import { findField } from './record-fields.ts';
import { checkWriteSettings } from './write/check-write-settings.ts';

/** All faults of a snap's settings, with pointers into them. `isResolved`: expressions have been evaluated and none may be left. */
export function checkSettings(
  pack: Pack,
  snap: LoadedSnap,
  settings: JsonValue,
  options: { readonly isResolved?: boolean } = {},
): Fault[] {
  const faults = snap.checkSettings(settings, options);
  if (
    snap.declaration.operations === undefined ||
    settings === null ||
    typeof settings !== 'object' ||
    Array.isArray(settings)
  ) {
    return faults;
  }
  return [...faults, ...checkMeaning(pack, snap, settings as JsonObject)];
}

function checkMeaning(pack: Pack, snap: LoadedSnap, settings: JsonObject): Fault[] {
  const setting = snap.declaration.resourceSetting ?? '';
  const key = settings[setting];
  const operation = chooseOperation(pack, snap, settings);
  if (typeof key !== 'string' || operation === undefined) return [];
  const resource = pack.resources.get(key);
  if (resource === undefined) return [{ pointer: joinPointer('', setting), message: unknownResource(pack, key) }];
  const faults = checkUse(pack, snap, operation, settings);
  if (operation.write !== undefined) return [...faults, ...checkWriteSettings(pack, operation, resource, settings)];
  if (operation.call === 'download') return [...faults, ...checkFile(operation, resource, settings)];
  if (callFor(operation, resource) === undefined) {
    const place = operation.call === 'get' ? (operation.idSetting ?? setting) : setting;
    const what = operation.call === 'get' ? 'to read one record by its ID' : 'to read all its records';
    faults.push({ pointer: joinPointer('', place), message: `${key} has no documented call ${what}` });
  }
  faults.push(...checkMode({ pack, snap, operation, resource, settings }));
  return [...faults, ...checkNames(pack, resource, operation, settings)];
}

function checkFile(operation: Operation, resource: Resource, settings: JsonObject): Fault[] {
  if (callFor(operation, resource, settings) !== undefined) return [];
  const files = resource.calls.filter(({ kind }) => kind === operation.call);
  const offers = files.map(({ action, path }) => `${action} (${path})`).join(', ');
  const message = files.length === 0 ? `${resource.key} has no documented files` : `name one of its files: ${offers}`;
  return [{ pointer: joinPointer('', operation.actionSetting ?? ''), message }];
}

function checkNames(pack: Pack, resource: Resource, operation: Operation, settings: JsonObject): Fault[] {
  const schema = pack.recordSchema(resource);
  if (schema === undefined) return [];
  const faults: Fault[] = [];
  for (const { holds, setting } of Object.values(operation.query)) {
    if (holds === 'field-tree') {
      faults.push(...checkFieldTree(settings[setting], joinPointer('', setting), { pack, schema }));
    }
  }
  if (operation.filters !== undefined) {
    faults.push(...checkFilters(settings, { pack, schema, filters: operation.filters }));
  }
  const order = operation.order === undefined ? undefined : settings[operation.order.setting];
  const field = order !== null && typeof order === 'object' ? (order as JsonObject).field : undefined;
  if (operation.order !== undefined && typeof field === 'string') {
    const found = findField(pack, schema, [field]);
    const message =
      typeof found === 'string' ? found : found.kind === 'reference' ? `"${field}" is a record and gives no order` : '';
    if (message !== '') faults.push({ pointer: joinPointer('', operation.order.setting, 'field'), message });
  }
  return faults;
}

/** Settings that another operation of the snap reads and this one does not: they would be silently without effect. */
function checkUse(pack: Pack, snap: LoadedSnap, operation: Operation, settings: JsonObject): Fault[] {
  const choices = snap.declaration.operations ?? [];
  const chosenBy = choices.find((choice) => choice.operation === operation.id)?.when;
  if (chosenBy === undefined) return [];
  const used = settingsOf(operation);
  return choices
    .flatMap((choice) => settingsOf(pack.operations.get(choice.operation) ?? operation))
    .filter((name) => settings[name] !== undefined && !used.includes(name))
    .map((name) => ({
      pointer: joinPointer('', name),
      message: `has no effect together with "${chosenBy}"; leave one of them out`,
    }));
}

function unknownResource(pack: Pack, key: string): string {
  const near = nearestWord(key, pack.resources.keys());
  return near === undefined
    ? `no resource is named "${key}"; "snaps resource list" shows them`
    : `no resource is named "${key}"; did you mean "${near}"?`;
}

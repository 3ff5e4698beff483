// Owns which mode a list is read in, and whether the resource and the settings fit it. Reads nothing.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import type { LoadedSnap, Operation, Pack, Resource, ResourceCall } from '../pack/index.ts';
import { joinPointer } from '../schema/index.ts';
import { findField } from './record-fields.ts';

export type ReadMode = 'full' | 'incremental' | 'drain';

/** The mode that the snap always has, else the one of the setting, else full. */
export function readModeOf(snap: LoadedSnap, operation: Operation, settings: JsonObject): ReadMode {
  const always = snap.declaration.operations?.find((choice) => choice.operation === operation.id)?.mode;
  const chosen = always ?? settings[operation.modes?.setting ?? ''];
  return chosen === 'incremental' || chosen === 'drain' ? chosen : 'full';
}

/** The field that tells when a record was changed last: the setting's, else the catalog's. */
export function cursorField(operation: Operation, resource: Resource, settings: JsonObject): string | undefined {
  const setting = settings[operation.modes?.incremental?.cursorSetting ?? ''];
  return typeof setting === 'string' ? setting : (resource.cursorField ?? undefined);
}

/** The call that marks one record of a drained resource. */
export function markCall(resource: Resource): ResourceCall | undefined {
  return resource.calls.find((call) => call.kind === 'update' && /^[^:]*\/:id$/.test(call.path));
}

export interface ModeCheck {
  readonly pack: Pack;
  readonly snap: LoadedSnap;
  readonly operation: Operation;
  readonly resource: Resource;
  readonly settings: JsonObject;
}

/** Faults of a mode that the resource does not serve, and of settings without effect in it. */
export function checkMode(check: ModeCheck): Fault[] {
  const { snap, operation, settings } = check;
  const { modes } = operation;
  if (modes === undefined) return [];
  const mode = readModeOf(snap, operation, settings);
  const faults = useless(mode, operation, settings);
  if (mode === 'incremental') return [...faults, ...checkCursor(check)];
  return mode === 'drain' ? [...faults, ...checkDrain(check)] : faults;
}

function useless(mode: ReadMode, { modes, order }: Operation, settings: JsonObject): Fault[] {
  const { incremental } = modes ?? {};
  const names = [
    ...(mode === 'incremental' ? [] : [incremental?.cursorSetting, incremental?.startSetting, incremental?.lagSetting]),
    ...(mode === 'full' ? [] : [order?.setting]),
  ];
  return names
    .filter((name) => name !== undefined && settings[name] !== undefined)
    .map((name) => ({
      pointer: joinPointer('', name ?? ''),
      message: `has no effect in the mode "${mode}"; leave it out`,
    }));
}

function checkCursor({ pack, snap, operation, resource, settings }: ModeCheck): Fault[] {
  const { setting = '', incremental } = operation.modes ?? {};
  const named = incremental !== undefined && settings[incremental.cursorSetting] !== undefined;
  // A snap that has one mode only has no setting to name.
  const place = Object.hasOwn(settings, setting) ? setting : (snap.declaration.resourceSetting ?? '');
  const pointer = joinPointer('', named ? incremental.cursorSetting : place);
  const field = cursorField(operation, resource, settings);
  const schema = pack.recordSchema(resource);
  if (field === undefined)
    return [{ pointer, message: `${resource.key} has no field that tells when a record was changed` }];
  if (schema === undefined) return [];
  const found = findField(pack, schema, [field]);
  if (typeof found === 'string') return [{ pointer, message: found }];
  return found.kind === 'date-time' || found.kind === 'any'
    ? []
    : [{ pointer, message: `"${field}" holds no time; a cursor needs one` }];
}

function checkDrain({ operation, resource }: ModeCheck): Fault[] {
  const { setting = '', drain } = operation.modes ?? {};
  if (resource.exportable && markCall(resource) !== undefined) return [];
  const message = `${resource.key} has no mark "${drain?.field ?? ''}" that a drain could set`;
  return [{ pointer: joinPointer('', setting), message }];
}

/** Settings with one more condition, as a person would have written it. */
export function withConditions(operation: Operation, settings: JsonObject, more: readonly JsonObject[]): JsonObject {
  const setting = operation.filters?.setting ?? '';
  const own = settings[setting];
  return { ...settings, [setting]: [...(Array.isArray(own) ? (own as readonly JsonValue[]) : []), ...more] };
}

// Owns the checks of a snap that a schema cannot make: its operations, account types and settings exist.
import type { Fault } from '../errors.ts';
import type { Manifest, Operation, OperationChoice, Snap } from '../generated/host/manifest.ts';
import { type JsonSchema, schemaAt } from '../schema/index.ts';
import { settingsOf } from './operation-settings.ts';

/** The pack whose snaps may name an executor of the host. */
const builtinPack = 'core';

export interface SnapSurroundings {
  readonly manifest: Manifest;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly settingsSchema: JsonSchema;
  readonly pointer: string;
}

/** All faults of one snap, with pointers into the manifest. */
export function checkSnap(snap: Snap, around: SnapSurroundings): Fault[] {
  const { manifest, operations, settingsSchema, pointer } = around;
  const faults: Fault[] = [];
  const fault = (place: string, message: string) => faults.push({ pointer: `${pointer}${place}`, message });
  const properties = (settingsSchema.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  const needs = (name: string | undefined, place: string) => {
    if (name !== undefined && !Object.hasOwn(properties, name))
      fault(place, `${snap.settings} has no setting "${name}"`);
  };
  if ((snap.operations === undefined) === (snap.builtin === undefined)) {
    fault('', 'must have either "operations" or "builtin"');
  }
  if (snap.builtin !== undefined && manifest.pack.name !== builtinPack) {
    fault('/builtin', `only the pack "${builtinPack}" may name an executor of the host`);
  }
  const needsResource = (snap.operations ?? []).some(
    ({ operation }) => !['request', 'query'].includes(operations.get(operation)?.call ?? ''),
  );
  if (needsResource && snap.resourceSetting === undefined) {
    fault('', 'a snap with "operations" needs "resourceSetting"');
  }
  if (snap.operations !== undefined && snap.accountTypes === undefined) {
    fault('', 'a snap with "operations" needs "accountTypes"');
  }
  needs(snap.resourceSetting, '/resourceSetting');
  needs(snap.views.input.namesFrom, '/views/input/namesFrom');
  needs(snap.views.output.namesFrom, '/views/output/namesFrom');
  for (const side of ['input', 'output'] as const) {
    if (snap.views[side].min > snap.views[side].max) fault(`/views/${side}`, 'min is more than max');
  }
  const types = (manifest.accountTypes ?? []).map((type) => type.id);
  for (const [index, type] of (snap.accountTypes ?? []).entries()) {
    if (!types.includes(type)) fault(`/accountTypes/${index}`, `no account type is named "${type}"`);
  }
  for (const [index, choice] of (snap.operations ?? []).entries()) {
    const place = `/operations/${index}`;
    needs(choice.when, `${place}/when`);
    const operation = operations.get(choice.operation);
    if (operation === undefined) fault(`${place}/operation`, `no operation is named "${choice.operation}"`);
    else
      for (const name of settingsOf(operation))
        needs(isFixed(choice, operation, name) ? undefined : name, `${place}/operation`);
    for (const name of unknownOperators(operation, settingsSchema)) {
      fault(`${place}/operation`, `${snap.settings} offers the operator "${name}", which the operation does not have`);
    }
  }
  return faults;
}

/** Whether the snap itself says what a setting would: its mode, and with it the order. Settings of other modes serve nothing. */
function isFixed({ mode }: OperationChoice, { modes, order }: Operation, name: string): boolean {
  if (mode === undefined || modes === undefined) return false;
  const { cursorSetting, startSetting, lagSetting } = modes.incremental ?? {};
  return (
    name === modes.setting ||
    name === order?.setting ||
    (mode !== 'incremental' && [cursorSetting, startSetting, lagSetting].includes(name))
  );
}

function unknownOperators(operation: Operation | undefined, settingsSchema: JsonSchema): string[] {
  if (operation?.filters === undefined) return [];
  const { setting, operators } = operation.filters;
  const offered = schemaAt(settingsSchema, [setting, '0', 'operator'])?.enum;
  return Array.isArray(offered) ? offered.map(String).filter((name) => !Object.hasOwn(operators, name)) : [];
}

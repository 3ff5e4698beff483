// Owns the choice of operation and call: which one these settings mean, and whether the resource documents it.
import type { JsonObject } from '../document/json.ts';
import type { LoadedSnap, Operation, Pack, Resource, ResourceCall } from '../pack/index.ts';
import { markCall, readModeOf } from './read-mode.ts';
import { existingCalls, isSkipping, parentsOf, placeholdersIn, writeCalls } from './write/write-call.ts';

/** The first operation of the snap whose condition holds for these settings; a named action is made by an operation that makes it. */
export function chooseOperation(pack: Pack, snap: LoadedSnap, settings: JsonObject): Operation | undefined {
  const choices = snap.declaration.operations ?? [];
  const choice = choices.find(({ when, operation }) => {
    if (when === undefined) return true;
    const value = settings[when];
    const { actions, actionSetting } = pack.operations.get(operation) ?? {};
    return value !== undefined && (when !== actionSetting || actions?.includes(String(value)) !== false);
  });
  return choice === undefined ? undefined : pack.operations.get(choice.operation);
}

/** The resource's documented call for an operation: its whole collection, or one record with :id as the only placeholder. */
export function callFor(operation: Operation, resource: Resource, settings: JsonObject = {}): ResourceCall | undefined {
  const calls = resource.calls.filter((call) => call.kind === operation.call);
  if (operation.call === 'get') return calls.find((call) => /^[^:]*\/:id$/.test(call.path));
  if (operation.call === 'download') return fileCall(operation, calls, settings);
  // Some collections also document lists of their own below them; the collection itself has the shortest path.
  return calls
    .filter((call) => !call.path.includes(':'))
    .sort((left, right) => left.path.length - right.path.length)[0];
}

/** The documented file of a record that settings name; the only one when they name none. */
function fileCall(
  operation: Operation,
  calls: readonly ResourceCall[],
  settings: JsonObject,
): ResourceCall | undefined {
  const action = settings[operation.actionSetting ?? ''];
  const names = (path: string) => placeholdersIn(path).filter((name) => name !== 'id');
  const parents = Object.keys(parentsOf(operation, settings)).sort().join();
  const fitting = calls.filter(
    (call) => (action === undefined || call.action === action) && names(call.path).sort().join() === parents,
  );
  return fitting.length === 1 || action !== undefined ? fitting[0] : undefined;
}

/** The scopes that an account needs for this snap with these settings. Settings with faults need none. */
export function requiredScopes(pack: Pack, snap: LoadedSnap, settings: JsonObject): string[] {
  return [...new Set(requiredCalls(pack, snap, settings).map(({ scope }) => scope))];
}

/** The documented calls that this snap makes with these settings, the first one first. Settings with faults make none. */
export function requiredCalls(pack: Pack, snap: LoadedSnap, settings: JsonObject): ResourceCall[] {
  const operation = chooseOperation(pack, snap, settings);
  const key = settings[snap.declaration.resourceSetting ?? ''];
  const resource = typeof key === 'string' ? pack.resources.get(key) : undefined;
  if (operation === undefined || resource === undefined) return [];
  if (operation.write !== undefined) return callsOfWrite(pack, operation, resource, settings);
  const call = callFor(operation, resource, settings);
  if (call === undefined) return [];
  const mark = readModeOf(snap, operation, settings) === 'drain' ? markCall(resource) : undefined;
  return mark === undefined ? [call] : [call, mark];
}

/** An upsert reads before it writes, and so does what is not to be there twice; other writes look something up only when an answer is lost. */
function callsOfWrite(pack: Pack, operation: Operation, resource: Resource, settings: JsonObject): ResourceCall[] {
  if (operation.call === 'upload') {
    const [call] = writeCalls(operation, resource, settings);
    const { list, bytes } = isSkipping(operation, settings) ? existingCalls(resource, call) : {};
    return [list, bytes, call].filter((each) => each !== undefined);
  }
  const lookup = operation.call === 'upsert' ? pack.operations.get(operation.write?.key?.operation ?? '') : undefined;
  const read = lookup === undefined ? undefined : callFor(lookup, resource);
  return [...(read === undefined ? [] : [read]), ...writeCalls(operation, resource, settings)];
}

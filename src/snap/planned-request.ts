// Owns saying, before anything is sent, which request a snap's settings mean and which scope it needs.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { LoadedSnap, Operation, Pack, ResourceCall } from '../pack/index.ts';
import { callFor, chooseOperation } from './choose-operation.ts';
import { commonParameters } from './request.ts';

export interface PlannedRequest {
  readonly method: string;
  /** Below the account's host; a record's ID stands as `:id`. Values of expressions stand as `{text of the expression}`. */
  readonly path: string;
  readonly scope: string;
  /** Whether the far side documents that scope for this call, or its name suggests it. */
  readonly scopeSource: ResourceCall['scopeSource'];
}

/** The request of a snap's settings; undefined for a snap that calls no API and for settings with faults. */
export function plannedRequest(pack: Pack, snap: LoadedSnap, settings: JsonObject): PlannedRequest | undefined {
  const operation = chooseOperation(pack, snap, settings);
  const call = operation === undefined ? undefined : requiredCall(pack, snap, { operation, settings });
  if (operation === undefined || call === undefined) return undefined;
  const shown = withoutExpressions(settings) as JsonObject;
  const baseUrl = new URL('http://host.invalid');
  const parameters = commonParameters({ pack, operation, call, settings: shown, baseUrl });
  const query = parameters.map(([name, value]) => `${name}=${value}`).join('&');
  return {
    method: call.verb,
    path: `${call.path}${query === '' ? '' : `?${query}`}`,
    scope: call.scope,
    scopeSource: call.scopeSource,
  };
}

function requiredCall(
  pack: Pack,
  snap: LoadedSnap,
  { operation, settings }: { readonly operation: Operation; readonly settings: JsonObject },
): ResourceCall | undefined {
  const key = settings[snap.declaration.resourceSetting ?? ''];
  const resource = typeof key === 'string' ? pack.resources.get(key) : undefined;
  return resource === undefined ? undefined : callFor(operation, resource, settings);
}

function withoutExpressions(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((each: JsonValue) => withoutExpressions(each));
  if (value === null || typeof value !== 'object') return value;
  const { expression } = value as JsonObject;
  if (typeof expression === 'string' && Object.keys(value).length === 1) return `{${expression}}`;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutExpressions(inner)]));
}

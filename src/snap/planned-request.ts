// Owns saying, before anything is sent, which requests a snap's settings mean and which scopes they need.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { LoadedSnap, Pack, ResourceCall } from '../pack/index.ts';
import { chooseOperation, requiredCalls } from './choose-operation.ts';
import { type Binding, commonParameters } from './request.ts';

export interface PlannedRequest {
  readonly method: string;
  /** Below the account's host; a record's ID stands as `:id`. Values of expressions stand as `{text of the expression}`. */
  readonly path: string;
  readonly scope: string;
  /** Whether the far side documents that scope for this call, or its name suggests it. */
  readonly scopeSource: ResourceCall['scopeSource'];
}

/** The requests that a snap's settings mean; none for a snap that calls no API and for settings with faults. */
export function plannedRequests(pack: Pack, snap: LoadedSnap, settings: JsonObject): PlannedRequest[] {
  const operation = chooseOperation(pack, snap, settings);
  if (operation === undefined) return [];
  const shown = withoutExpressions(settings) as JsonObject;
  return requiredCalls(pack, snap, settings).map((call) => ({
    method: call.verb,
    path: `${call.path}${queryOf({ pack, operation, call, settings: shown })}`,
    scope: call.scope,
    scopeSource: call.scopeSource,
  }));
}

/** What the settings say of the query; where pages begin and end is found while reading. */
function queryOf(binding: Omit<Binding, 'baseUrl'>): string {
  if (binding.call.kind !== binding.operation.call) return '';
  const parameters = commonParameters({ ...binding, baseUrl: new URL('http://host.invalid') });
  const query = parameters.map(([name, value]) => `${name}=${value}`).join('&');
  return query === '' ? '' : `?${query}`;
}

function withoutExpressions(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((each: JsonValue) => withoutExpressions(each));
  if (value === null || typeof value !== 'object') return value;
  const { expression } = value as JsonObject;
  if (typeof expression === 'string' && Object.keys(value).length === 1) return `{${expression}}`;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutExpressions(inner)]));
}

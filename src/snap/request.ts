// Owns binding an operation and settings to one request. Values are encoded; nothing from a document can change host or path.
import type { JsonObject, JsonValue } from '../document/json.ts';
import { DataError } from '../errors.ts';
import type { HttpRequest } from '../http/contract.ts';
import { fillTemplate, type Operation, type Pack, type QueryParameter, type ResourceCall } from '../pack/index.ts';
import { writeFieldTree } from './field-tree.ts';
import { filterParameters, spell } from './filters.ts';

/** An operation with the settings of one read, ready for requests. */
export interface Binding {
  readonly pack: Pack;
  readonly operation: Operation;
  readonly call: ResourceCall;
  readonly settings: JsonObject;
  readonly baseUrl: URL;
  /** Fields that the read itself needs of every record, whatever fields are asked for. */
  readonly needs?: readonly string[];
}

/** The query parameters that every request of the read has: fields, response type, saved filter, filters. */
export function commonParameters({
  operation,
  settings,
  needs = [],
}: Partial<Binding> & Pick<Binding, 'operation' | 'settings'>): [string, string][] {
  const parameters: [string, string][] = [];
  for (const [name, { setting, omit = [], holds }] of Object.entries(operation.query)) {
    const value = settings[setting];
    if (value === undefined || (omit as readonly JsonValue[]).includes(value)) continue;
    const always = operation.paging === undefined ? needs : [operation.paging.idField, ...needs];
    parameters.push([name, written(value, holds, { operation, always })]);
  }
  return [...parameters, ...filterParameters(operation, settings)];
}

function written(
  value: JsonValue,
  holds: QueryParameter['holds'],
  { operation, always }: { readonly operation: Operation; readonly always: readonly string[] },
): string {
  if (holds === 'field-tree') return writeFieldTree(value, operation, always);
  if (holds !== 'list' || !Array.isArray(value)) return asText(value);
  return [...new Set([...always, ...(value as readonly JsonValue[]).map(asText)])].join(',');
}

/** Parameters from templates; one whose placeholder has no value is left out. */
export function pageParameters(
  query: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string | undefined>>,
): [string, string][] {
  const known: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) known[name] = value;
  const absent = Object.keys(values).filter((name) => values[name] === undefined);
  return Object.entries(query)
    .filter(([, template]) => !absent.some((name) => template.includes(`{${name}}`)))
    .map(([name, template]) => [name, fillTemplate(template, known)]);
}

/** The parameters of a chosen order; none when the setting is absent. */
export function orderParameters({ operation, settings }: Binding): [string, string][] {
  const order = operation.order === undefined ? undefined : settings[operation.order.setting];
  if (operation.order === undefined || order === null || typeof order !== 'object') return [];
  const { field, direction = 'asc' } = order as JsonObject;
  return pageParameters(operation.order.query, {
    field: spell(operation, String(field)),
    direction: String(direction),
  });
}

/** The URL of a call. Throws SNAP_DOCUMENT_INVALID for an id that cannot stand in a path. */
export function callUrl(binding: Binding, parameters: readonly (readonly [string, string])[], id?: JsonValue): URL {
  const url = new URL(binding.baseUrl);
  const path = binding.call.path.replace(':id', () => encodeURIComponent(idText(id)));
  url.pathname = url.pathname.replace(/\/$/, '') + path;
  url.search = new URLSearchParams(joined(parameters, binding.operation)).toString();
  return url;
}

/** The request for a URL, with the API's headers and bounds. Only operations declared safe are made here, so it is repeatable. */
export function readRequest(binding: Binding, url: URL, signal: AbortSignal): HttpRequest {
  const { headers = {}, timeoutSeconds = 60, bodyBytesMax = 1 } = binding.pack.manifest.api ?? {};
  return {
    method: binding.call.verb,
    url,
    headers,
    repeatable: binding.operation.idempotence === 'safe',
    totalTimeoutMs: timeoutSeconds * 1000,
    bodyBytesMax,
    signal,
  };
}

/** Parameters of one name that stand once in a query, with their values joined in order. */
function joined(parameters: readonly (readonly [string, string])[], { joins = {} }: Operation): [string, string][] {
  const query: [string, string][] = [];
  for (const [name, value] of parameters) {
    const before = joins[name] === undefined ? undefined : query.find(([other]) => other === name);
    if (before === undefined) query.push([name, value]);
    else before[1] += `${joins[name]}${value}`;
  }
  return query;
}

function idText(id: JsonValue | undefined): string {
  const text = typeof id === 'string' || typeof id === 'number' ? String(id).trim() : '';
  // "." and ".." would be resolved away as path segments, encoded or not.
  if (text !== '' && text !== '.' && text !== '..') return text;
  throw new DataError('SNAP_DOCUMENT_INVALID', 'No record can be read by this ID.', {
    reason: `the setting "id" must give a number or a text; it gave ${JSON.stringify(id) ?? 'nothing'}`,
    resolution: 'correct the expression of "id", or filter out documents without one',
  });
}

const asText = (value: JsonValue) => (typeof value === 'string' ? value : JSON.stringify(value));

// Owns saying what changed between two versions of a pipeline, in the words of its own parts.
import type { JsonObject, JsonValue } from '../../../../src/document/json.ts';
import { asJson, type Pipeline } from './pipeline.ts';
import { linkKey } from './views.ts';

export interface Change {
  readonly kind: 'added' | 'removed' | 'changed';
  /** Where: "snap read: settings.resource", "link read > shape". */
  readonly place: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
}

/** Every change from one version to another; snaps are compared by their ids, so that an order is no change. */
export function differences(before: Pipeline, after: Pipeline): readonly Change[] {
  const head = (pipeline: Pipeline): JsonObject => {
    const { snaps: _snaps, links: _links, ...rest } = asJson(pipeline);
    return rest;
  };
  const linkSet = (pipeline: Pipeline): JsonObject =>
    Object.fromEntries(pipeline.links.map((link) => [`link ${linkKey(link)}`, true]));
  const snapSet = (pipeline: Pipeline): JsonObject =>
    Object.fromEntries(pipeline.snaps.map((snap) => [`snap ${snap.id}`, snap as unknown as JsonObject]));
  return [
    ...compare(head(before), head(after), ''),
    ...compare(snapSet(before), snapSet(after), ''),
    ...compare(linkSet(before), linkSet(after), ''),
  ];
}

function compare(before: JsonObject, after: JsonObject, place: string): Change[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key): Change[] => {
    const here = place === '' ? key : `${place}${place.includes(': ') ? '.' : ': '}${key}`;
    const [old, fresh] = [before[key], after[key]];
    if (JSON.stringify(old) === JSON.stringify(fresh)) return [];
    if (old === undefined) return [{ kind: 'added', place: here, ...(fresh === undefined ? {} : { after: fresh }) }];
    if (fresh === undefined) return [{ kind: 'removed', place: here, before: old }];
    if (isObject(old) && isObject(fresh)) return compare(old, fresh, here);
    return [{ kind: 'changed', place: here, before: old, after: fresh }];
  });
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

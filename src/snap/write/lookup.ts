// Owns looking a record up by its natural key. It answers only what it is certain of: a guess could double or overwrite a record.
import { parseExact } from '../../document/index.ts';
import type { JsonObject, JsonValue } from '../../document/json.ts';
import type { Operation, Pack, Resource } from '../../pack/index.ts';
import { callFor } from '../choose-operation.ts';
import type { Connection } from '../connection.ts';
import type { SnapTraffic } from '../executor.ts';
import { uncertainEnd } from '../page.ts';
import { type Reading, readPage } from '../read-page.ts';
import { callUrl, commonParameters, pageParameters } from '../request.ts';
import { compareKey, keyConditions, type NaturalKey } from './natural-key.ts';

export type Found =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly id: JsonValue | undefined; readonly json: string }
  | { readonly kind: 'many' | 'uncertain'; readonly reason: string };

export interface LookupOptions {
  readonly pack: Pack;
  readonly operation: Operation;
  readonly resource: Resource;
  readonly connection: Connection;
  readonly traffic: SnapTraffic;
  readonly referencesMax: number;
  readonly signal: AbortSignal;
}

/** Pages that one look-up reads: a filter that the far side ignores would otherwise read everything. */
const lookupPagesMax = 40;

/** Finds the record with a key. Throws what the read throws. */
export async function findByKey(key: NaturalKey, options: LookupOptions): Promise<Found> {
  const { pack, operation, resource, referencesMax, connection, traffic, signal } = options;
  const call = callFor(operation, resource);
  if (call === undefined || operation.paging === undefined || operation.filters === undefined) {
    return { kind: 'uncertain', reason: `${resource.key} has no documented call that finds records` };
  }
  const settings = { [operation.filters.setting]: keyConditions(key, referencesMax) };
  const binding = { pack, operation, call, settings, baseUrl: connection.baseUrl };
  const reading: Reading = { binding, connection, traffic, resource: resource.key };
  const { window, recordsPerPage, idField } = operation.paging;
  const found: string[] = [];
  let after: number | undefined;
  for (let page = 0; page < lookupPagesMax; page += 1) {
    const place = {
      after: after === undefined ? undefined : String(after),
      skip: undefined,
      limit: `${recordsPerPage}`,
    };
    const url = callUrl(binding, [...commonParameters(binding), ...pageParameters(window, place)]);
    const { records, isComplete, name } = await readPage(reading, url, signal);
    for (const { bytes } of records) {
      const json = bytes.toString();
      const verdict = compareKey(key, parseExact(json) as JsonObject, { pack, schema: pack.recordSchema(resource) });
      if (verdict === 'unknown') return { kind: 'uncertain', reason: 'a record that may be it does not show its key' };
      if (verdict === 'same') found.push(json);
    }
    const last = records.at(-1)?.id;
    if (records.length === 0 && !isComplete) throw uncertainEnd(name);
    if (records.length === 0 || last === undefined || found.length > 1) return verdictOf(found, idField);
    after = last;
  }
  return { kind: 'uncertain', reason: `more than ${lookupPagesMax} pages of records answered the look-up` };
}

function verdictOf(found: readonly string[], idField: string): Found {
  const [json, another] = found;
  if (json === undefined) return { kind: 'none' };
  if (another !== undefined) return { kind: 'many', reason: 'several records have its natural key' };
  return { kind: 'one', id: (parseExact(json) as JsonObject)[idField], json };
}

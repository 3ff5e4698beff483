// Owns looking a record up by its natural key. It answers only what it is certain of: a guess could double or overwrite a record.
import { parseExact } from '../../document/index.ts';
import type { JsonObject, JsonValue } from '../../document/json.ts';
import type { Operation, Pack, Paging, Resource } from '../../pack/index.ts';
import { callFor } from '../choose-operation.ts';
import type { Connection } from '../connection.ts';
import type { SnapTraffic } from '../executor.ts';
import { pagingStuck, uncertainEnd } from '../page.ts';
import { type Reading, readPage } from '../read-page.ts';
import { callUrl, commonParameters, pageParameters } from '../request.ts';
import { compareKey, keyConditions, type NaturalKey } from './natural-key.ts';

export type Found =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly id: JsonValue | undefined; readonly json: string }
  /** `json` is one of them, where any will do. */
  | { readonly kind: 'many' | 'uncertain'; readonly reason: string; readonly json?: string };

export interface LookupOptions {
  readonly pack: Pack;
  readonly operation: Operation;
  readonly resource: Resource;
  readonly connection: Connection;
  readonly traffic: SnapTraffic;
  readonly referencesMax: number;
  readonly signal: AbortSignal;
}

/** Records that one look-up reads: a filter that the far side ignores would otherwise read everything. */
const lookupRecordsMax = 2_000;

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
  const found: string[] = [];
  let read = 0;
  for await (const json of listRecords(reading, operation.paging, signal)) {
    read += 1;
    if (read > lookupRecordsMax) {
      return { kind: 'uncertain', reason: `more than ${lookupRecordsMax} records answered the look-up` };
    }
    const verdict = compareKey(key, parseExact(json) as JsonObject, { pack, schema: pack.recordSchema(resource) });
    if (verdict === 'unknown') return { kind: 'uncertain', reason: 'a record that may be it does not show its key' };
    if (verdict === 'same') found.push(json);
    if (found.length > 1) break;
  }
  return verdictOf(found, operation.paging.idField);
}

/** Reads a list by keyset, page after page, to its certain end. Throws what the reads throw. */
export async function* listRecords(
  reading: Reading,
  { window, recordsPerPage }: Paging,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { binding } = reading;
  let after: number | undefined;
  for (;;) {
    const place = {
      after: after === undefined ? undefined : String(after),
      skip: undefined,
      limit: `${recordsPerPage}`,
    };
    const url = callUrl(binding, [...commonParameters(binding), ...pageParameters(window, place)]);
    const { records, isComplete, name } = await readPage(reading, url, signal);
    for (const { bytes } of records) yield bytes.toString();
    const last = records.at(-1)?.id;
    if (records.length === 0 && !isComplete) throw uncertainEnd(name);
    if (records.length === 0 || last === undefined) return;
    if (after !== undefined && last <= after) throw pagingStuck(name, `id ${last} came after ${after}`);
    after = last;
  }
}

function verdictOf(found: readonly string[], idField: string): Found {
  const [json, another] = found;
  if (json === undefined) return { kind: 'none' };
  if (another !== undefined) return { kind: 'many', reason: 'several records have its natural key' };
  return { kind: 'one', id: (parseExact(json) as JsonObject)[idField], json };
}

// Owns reading what is not marked yet, and marking it once it has arrived for good. Never marks what changed since it was read.
import { readMember } from '../document/index.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ExecutionError, SnapError } from '../errors.ts';
import type { Drain, ResourceCall } from '../pack/index.ts';
import { mapInOrder } from './map-in-order.ts';
import { type ListOptions, type ListPage, readList } from './read-list.ts';
import { withConditions } from './read-mode.ts';
import { exchange, type Reading, readPage } from './read-page.ts';
import { callUrl, commonParameters, pageParameters } from './request.ts';

/** A run marks no more than this; what is left is read by the next run. Bounds the list of what is to be marked. */
export const drainedRecordsMax = 100_000;
/** Refusals that an error names. */
const refusalsNamedMax = 5;

export interface DrainOptions extends ListOptions {
  readonly drain: Drain;
  /** The field that tells when a record was changed; undefined when the resource has none. */
  readonly field: string | undefined;
}

/** A record that was read: its id, and when it was changed last by then. */
type Drained = readonly [id: number, changedAt: string | null];

interface DrainPosition {
  readonly list: JsonValue;
  /** Page by page what was read and must be marked once it has arrived. */
  readonly unmarked: readonly (readonly Drained[])[];
}

/** Gives the records that are not marked. The positions hold what `markDrained` needs. */
export async function* readDrain(options: DrainOptions): AsyncGenerator<ListPage> {
  const { binding } = options.reading;
  const before = positionOf(options.restored);
  let { unmarked } = before;
  const pages = readList({
    ...options,
    reading: { ...options.reading, binding: { ...binding, settings: unmarkedOnly(options) } },
    restored: before.list ?? undefined,
    limit: Math.min(options.limit ?? drainedRecordsMax, drainedRecordsMax),
  });
  for await (const page of pages) {
    unmarked = [...unmarked, page.records.map(({ id, bytes }): Drained => [id ?? 0, changedAt(bytes, options.field)])];
    yield { ...page, position: { list: page.position, unmarked } as unknown as JsonObject };
  }
}

export interface MarkOptions extends Pick<DrainOptions, 'reading' | 'paging' | 'drain' | 'field' | 'signal'> {
  /** The position of the last page. */
  readonly position: JsonValue | undefined;
  /** The call that marks one record. */
  readonly call: ResourceCall;
}

/**
 * Marks what was read, page by page. Before each page it asks which of the records are unmarked still and unchanged:
 * one that changed stays unmarked and is read again by the next run. May be repeated. Throws when records were refused,
 * after all others have been marked.
 */
export async function markDrained(options: MarkOptions): Promise<void> {
  const { reading, signal, call } = options;
  const concurrency = reading.binding.pack.manifest.api?.concurrency ?? 1;
  const refusals: SnapError[] = [];
  for (const page of positionOf(options.position).unmarked) {
    const ids = page.length === 0 ? [] : await stillUnchanged(options, page);
    await mapInOrder(ids, concurrency, async (id) => {
      signal.throwIfAborted();
      try {
        await mark(options, id);
      } catch (thrown) {
        const code = thrown instanceof SnapError ? thrown.code : undefined;
        if (thrown instanceof SnapError && code === 'SNAP_RECORD_REFUSED') refusals.push(thrown);
        // A record that is gone by now needs no mark.
        else if (code !== 'SNAP_NOT_FOUND') throw thrown;
      }
    });
  }
  if (refusals.length === 0) return;
  const named = refusals.slice(0, refusalsNamedMax).map(({ reason }) => reason);
  throw new ExecutionError(
    'SNAP_RECORD_REFUSED',
    `${refusals.length} records of ${reading.resource} were not marked.`,
    {
      reason: `${named.join('; ')}${refusals.length > named.length ? '; and more' : ''}`,
      resolution: `everything was delivered; correct what is named, then resume the run, or it is read again (${call.path})`,
    },
  );
}

async function mark({ reading, drain, call, signal }: MarkOptions, id: number): Promise<void> {
  const { binding, connection } = reading;
  const url = callUrl({ ...binding, call }, Object.entries(drain.mark), id);
  const asked = {
    doing: `Marking ${id} of ${reading.resource}`,
    path: url.pathname,
    scope: call.scope,
    account: connection.account,
    isOneRecord: true,
  };
  // Declared by the manifest as a call that may be repeated: the mark is the same however often it is set.
  await exchange(reading, { url, method: call.verb, body: '{}', repeatable: true }, { asked, signal });
}

/** Ids of the records of a page that are unmarked and as they were when they were read. */
async function stillUnchanged(options: MarkOptions, page: readonly Drained[]): Promise<number[]> {
  const { reading, paging, drain, field, signal } = options;
  const { binding } = reading;
  const oneOf = { field: paging.idField, operator: drain.oneOf, value: page.map(([id]) => id) };
  const settings = withConditions(binding.operation, unmarkedOnly(options, true), [oneOf]);
  const check: Reading = { ...reading, binding: { ...binding, settings } };
  const url = callUrl(check.binding, [
    ...commonParameters(check.binding),
    ...pageParameters(paging.window, { after: undefined, skip: undefined, limit: String(page.length) }),
  ]);
  const was = new Map(page);
  const { records } = await readPage(check, url, signal);
  return records.flatMap(({ id, bytes }) =>
    id !== undefined && was.has(id) && was.get(id) === changedAt(bytes, field) ? [id] : [],
  );
}

/** The person's own filters do not count when marks are set: what was delivered is marked unless it has changed. */
function unmarkedOnly(options: Pick<DrainOptions, 'reading' | 'paging' | 'drain' | 'field'>, isMarking = false) {
  const { reading, paging, drain, field } = options;
  const { operation, settings } = reading.binding;
  const condition = { field: drain.field, value: false };
  if (!isMarking) return withConditions(operation, settings, [condition]);
  const tree = Object.entries(operation.query).find(([, { holds }]) => holds === 'field-tree')?.[1].setting;
  const fields = tree === undefined ? {} : { [tree]: [paging.idField, ...(field === undefined ? [] : [field])] };
  return withConditions(operation, fields, [condition]);
}

function changedAt(record: Buffer, field: string | undefined): string | null {
  const at = field === undefined ? undefined : readMember(record, field);
  return typeof at === 'string' ? at : null;
}

function positionOf(json: JsonValue | undefined): DrainPosition {
  const position = json !== null && typeof json === 'object' ? (json as unknown as Partial<DrainPosition>) : {};
  return { list: position.list ?? null, unmarked: position.unmarked ?? [] };
}

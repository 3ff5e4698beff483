// Owns reading a whole resource with its settings: which way of paging, from which position, up to which limit.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Paging } from '../pack/index.ts';
import type { JsonSchema } from '../schema/index.ts';
import { readIdWindows, type WindowRequest } from './id-windows.ts';
import { type OffsetPosition, readOffsetPages } from './offset-pages.ts';
import type { Page, PageRecord } from './page.ts';
import { type Reading, readPage } from './read-page.ts';
import { type Binding, callUrl, commonParameters, orderParameters, pageParameters } from './request.ts';

/** Records in order, with what a later read must be given to go on right behind them. */
export interface ListPage {
  readonly records: readonly PageRecord[];
  /** Where the page was, for lineage. */
  readonly place: string;
  readonly position: JsonValue;
}

export interface ListOptions {
  readonly reading: Reading;
  readonly paging: Paging;
  /** The position of the last page that was dealt with; undefined to begin. */
  readonly restored: JsonValue | undefined;
  readonly limit: number | undefined;
  readonly signal: AbortSignal;
  readonly onEstimate: (records: number) => void;
}

/** Reads by id windows, or by offset when an order is chosen or the records have no whole number as id. */
export async function* readList(options: ListOptions): AsyncGenerator<ListPage> {
  const { reading, limit = Number.POSITIVE_INFINITY } = options;
  const restored = asObject(options.restored);
  const read = typeof restored.read === 'number' ? restored.read : 0;
  if (read >= limit) return;
  const pages = isOrderedById(reading.binding) ? byId(options, restored, read) : byOffset(options, restored, read);
  for await (const page of pages) {
    const { read: after } = page.position as { readonly read: number };
    if (after >= limit) {
      const kept = page.records.slice(0, page.records.length - (after - limit));
      yield { ...page, records: kept, position: { ...asObject(page.position), read: limit } };
      return;
    }
    yield page;
  }
}

async function* byId(options: ListOptions, restored: JsonObject, readBefore: number): AsyncGenerator<ListPage> {
  const { reading, paging, limit, signal } = options;
  const { binding } = reading;
  const common = commonParameters(binding);
  const source = {
    window: ({ after, skip, limit: records, signal: stop }: WindowRequest): Promise<Page> => {
      const values = { after: text(after), skip: skip === 0 ? undefined : text(skip), limit: text(records) };
      return readPage(reading, callUrl(binding, [...common, ...pageParameters(paging.window, values)]), stop);
    },
    last: (stop: AbortSignal): Promise<Page> =>
      readPage(reading, callUrl(binding, [...common, ...pageParameters(paging.last, {})]), stop),
  };
  const canSkip = Object.values(paging.window).some((template) => template.includes('{skip}'));
  let after = typeof restored.after === 'number' ? restored.after : undefined;
  let read = readBefore;
  const pages = readIdWindows({
    source,
    after,
    recordsPerPage: paging.recordsPerPage,
    concurrency: canSkip ? (binding.pack.manifest.api?.concurrency ?? 1) : 1,
    limit: limit === undefined ? undefined : limit - readBefore,
    signal,
    onEstimate: (records) => options.onEstimate(readBefore + records),
  });
  for await (const records of pages) {
    const place = after === undefined ? 'from the first id' : `behind id ${after}`;
    after = records.at(-1)?.id;
    read += records.length;
    yield { records, place, position: { after: after ?? null, read } };
  }
}

async function* byOffset(options: ListOptions, restored: JsonObject, readBefore: number): AsyncGenerator<ListPage> {
  const { reading, paging, signal } = options;
  const { binding } = reading;
  const common = [...commonParameters(binding), ...orderParameters(binding)];
  const limit = text(paging.recordsPerPage);
  const ask = (offset: number): Promise<Page> => {
    const parameters = pageParameters(paging.offset, { offset: text(offset), limit });
    return readPage(reading, callUrl(binding, [...common, ...parameters]), signal);
  };
  let read = readBefore;
  for await (const { records, position } of readOffsetPages({ ask, from: offsetPosition(restored) })) {
    read += records.length;
    yield { records, place: `before offset ${position.offset}`, position: { ...position, read } };
  }
}

function isOrderedById({ pack, operation, call, settings }: Binding): boolean {
  const { order, paging } = operation;
  if (paging === undefined || (order !== undefined && settings[order.setting] !== undefined)) return false;
  const resource = [...pack.resources.values()].find((each) => each.calls.includes(call));
  const schema = resource === undefined ? undefined : pack.recordSchema(resource);
  const properties = (schema?.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  const type = properties[paging.idField]?.type;
  return type === 'integer' || (Array.isArray(type) && type.includes('integer'));
}

function offsetPosition({ offset, recent }: JsonObject): OffsetPosition | undefined {
  if (typeof offset !== 'number' || !Array.isArray(recent)) return undefined;
  return { offset, recent: recent.filter((key) => typeof key === 'number' || typeof key === 'string') };
}

const text = (value: number | undefined) => (value === undefined ? undefined : String(value));

const asObject = (value: JsonValue | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};

// Owns reading what was made or changed since the last completed run. Goes by the far side's times alone, never by our clock.
// Why nothing is lost or doubled: docs/decisions/0016-reading-what-has-changed.md.
import { createHash } from 'node:crypto';
import { readMember } from '../document/index.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Incremental } from '../pack/index.ts';
import { malformedAnswer } from './answer-error.ts';
import type { PageRecord } from './page.ts';
import { type ListOptions, type ListPage, readList } from './read-list.ts';
import { withConditions } from './read-mode.ts';
import { type Reading, readPage } from './read-page.ts';
import { callUrl, commonParameters, orderParameters, pageParameters } from './request.ts';
import { SeenRecords } from './seen-records.ts';

/**
 * A span of time that is read by ascending id: records changed at `from` or later and not after `upTo`, the highest time
 * of change when the span was opened. What changes meanwhile leaves the span and belongs to the next one.
 */
interface Span {
  /** What was read: another resource, filter or tenant begins anew. */
  readonly of: string;
  readonly from: string | null;
  /** Null when there was no record at all. */
  readonly upTo: string | null;
  /** Remembers what is there and gives nothing: the first run of a watch. */
  readonly isSilent: boolean;
  readonly isDone: boolean;
  readonly list: JsonValue;
  /** Given before this span was opened. */
  readonly known: JsonValue;
  /** Read in this span, near its end. */
  readonly seen: JsonValue;
}

export interface IncrementalOptions extends ListOptions {
  readonly incremental: Incremental;
  readonly field: string;
  /** What the last completed run left. */
  readonly cursor: JsonValue | undefined;
}

/** Gives new and changed records. The last page's position is the cursor for the next run; it may be without records. */
export async function* readIncremental(options: IncrementalOptions): AsyncGenerator<ListPage> {
  const of = subjectOf(options);
  const restored = asSpan(options.restored, of);
  const left = asSpan(options.cursor, of);
  let span = restored ?? (left === undefined || left.isDone ? await openSpan(options, of, left) : anew(left));
  let given = yield* readSpan(options, span, 0);
  // A limit had cut the last run's span short; behind its end is what has changed since.
  const isRest = restored === undefined && left?.isDone === false;
  if (isRest && given.isDone) {
    span = await openSpan(options, of, given);
    given = yield* readSpan(options, span, readCount(given));
  }
}

async function* readSpan(options: IncrementalOptions, span: Span, before: number): AsyncGenerator<ListPage, Span> {
  let now = span;
  if (span.upTo !== null && !span.isDone) {
    const { reading, limit } = options;
    const { binding } = reading;
    const settings = withConditions(binding.operation, binding.settings, conditionsOf(span, options));
    const known = SeenRecords.from(span.known);
    const seen = SeenRecords.from(span.seen);
    const lookBackMs = Date.parse(span.upTo) - lagMs(options);
    const pages = readList({
      ...options,
      reading: { ...reading, binding: { ...binding, settings } },
      restored: span.list ?? undefined,
      limit: span.isSilent || limit === undefined ? undefined : Math.max(0, limit - before),
    });
    for await (const { records, place, position } of pages) {
      const timed = records.map((record) => timedRecord(record, options));
      const fresh = timed.filter(({ at, id, bytes }) => !span.isSilent && !known.has(at, id, bytes));
      seen.add(timed.filter(({ at }) => Date.parse(at) >= lookBackMs));
      now = { ...now, list: position, seen: seen.toJson() };
      yield { records: fresh.map(({ record }) => record), place, position: asJson(now) };
    }
    if (limit !== undefined && !span.isSilent && before + readCount(now) >= limit) return now;
  }
  now = { ...now, isDone: true, known: [] };
  yield { records: [], place: `up to ${now.upTo ?? 'nothing'}`, position: asJson(now) };
  return now;
}

/** The span that follows the last one; without one, the first, as the start setting says. */
async function openSpan(options: IncrementalOptions, of: string, last: Span | undefined): Promise<Span> {
  const highest = await readHighest(options);
  // The highest record may be gone by now; the cursor never goes back.
  const upTo = later(highest, last?.upTo ?? null);
  const start = startOf(options);
  const isSilent = last === undefined && start === 'now';
  const lookBack = (time: string) => new Date(Date.parse(time) - lagMs(options)).toISOString();
  const first = start === 'now' || start === 'beginning' ? null : start;
  const since = isSilent ? upTo : (last?.upTo ?? null);
  return {
    of,
    from: since === null ? first : lookBack(since),
    upTo,
    isSilent,
    isDone: false,
    list: null,
    known: last?.seen ?? [],
    seen: [],
  };
}

async function readHighest({
  reading,
  paging,
  incremental,
  field,
  signal,
}: IncrementalOptions): Promise<string | null> {
  const { binding } = reading;
  const { order } = binding.operation;
  const settings = { ...binding.settings, [order?.setting ?? '']: { field, direction: 'desc' } };
  const highest: Reading = { ...reading, binding: { ...binding, settings } };
  const url = callUrl(highest.binding, [
    ...commonParameters(highest.binding),
    ...orderParameters(highest.binding),
    ...pageParameters(paging.offset, { offset: '0', limit: '1' }),
  ]);
  const page = await readPage(highest, url, signal);
  const [record] = page.records;
  return record === undefined ? null : timedRecord(record, { reading, incremental, field }).at;
}

interface Timed {
  readonly record: PageRecord;
  readonly id: number | string;
  readonly bytes: Buffer;
  readonly at: string;
}

function timedRecord(
  record: PageRecord,
  { reading, field }: Pick<IncrementalOptions, 'reading' | 'incremental' | 'field'>,
): Timed {
  const at = readMember(record.bytes, field);
  if (typeof at === 'string' && !Number.isNaN(Date.parse(at))) {
    return { record, id: record.id ?? record.key ?? record.bytes.toString(), bytes: record.bytes, at };
  }
  const { binding, connection, resource } = reading;
  const asked = { doing: `Reading changes of ${resource}`, path: binding.call.path, scope: binding.call.scope };
  throw malformedAnswer(
    { ...asked, account: connection.account, isOneRecord: false },
    `holds a record without a time in "${field}"; choose a response type and a cursor field that every record has`,
  );
}

/** A second is added to the end: far sides that show whole seconds may keep parts of them. */
function conditionsOf({ from, upTo }: Span, { incremental, field }: IncrementalOptions): JsonObject[] {
  const end = new Date(Date.parse(upTo ?? '') + 1000).toISOString();
  return [
    ...(from === null ? [] : [{ field, operator: incremental.from, value: from }]),
    { field, operator: incremental.before, value: end },
  ];
}

function startOf({ reading, incremental }: IncrementalOptions): string {
  const start = reading.binding.settings[incremental.startSetting];
  return typeof start === 'string' ? start : 'beginning';
}

function lagMs({ reading, incremental }: IncrementalOptions): number {
  const lag = reading.binding.settings[incremental.lagSetting];
  return (typeof lag === 'number' ? lag : incremental.lagSeconds) * 1000;
}

/** What the cursor is about. How much of it is read in one run, and where the first began, may change. */
function subjectOf({ reading, incremental, field }: IncrementalOptions): string {
  const { binding, resource } = reading;
  const { modes, limitSetting = '', query, filters } = binding.operation;
  const aside = [limitSetting, modes?.setting, incremental.startSetting, incremental.lagSetting];
  const names = [...Object.values(query).map(({ setting }) => setting), filters?.setting ?? ''];
  const chosen = names.filter((name) => !aside.includes(name)).map((name) => binding.settings[name] ?? null);
  const subject = JSON.stringify([binding.baseUrl.href, resource, field, chosen]);
  return createHash('sha256').update(subject).digest('hex').slice(0, 32);
}

const later = (left: string | null, right: string | null): string | null => {
  if (left === null || right === null) return left ?? right;
  return Date.parse(left) >= Date.parse(right) ? left : right;
};

const asJson = (span: Span): JsonValue => span as unknown as JsonObject;

function asSpan(json: JsonValue | undefined, of: string): Span | undefined {
  const span = json !== null && typeof json === 'object' ? (json as unknown as Span) : undefined;
  return span?.of === of ? span : undefined;
}

/** The rest of a span for a new run, whose limit counts from nought. */
const anew = (span: Span): Span => ({ ...span, list: { ...(span.list as JsonObject | null), read: 0 } });

const readCount = ({ list }: Span): number => {
  const { read } = (list ?? {}) as { readonly read?: number };
  return read ?? 0;
};

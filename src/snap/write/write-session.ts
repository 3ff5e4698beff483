// Owns what happens to one write from its note in the journal to its outcome, over crashes. Never sends twice what may have happened.
import { setTimeout as wait } from 'node:timers/promises';
import type { Document } from '../../document/index.ts';
import { DataError, type SnapError } from '../../errors.ts';
import type { Operation, Pack } from '../../pack/index.ts';
import type { Connection } from '../connection.ts';
import type { SnapContext } from '../executor.ts';
import { answered } from './answered.ts';
import { EarlierWrites } from './earlier-writes.ts';
import { findExisting } from './existing-file.ts';
import type { RecordedForm } from './form-body.ts';
import type { JournalRow, WriteJournal } from './journal.ts';
import { type Found, findByKey } from './lookup.ts';
import { keyFromText, type NaturalKey } from './natural-key.ts';
import type { PlannedWrite } from './plan-write.ts';
import { type Outcome, type RecordedRequest, sendWrite } from './send-write.ts';
import { recordedRefusal, type UndecidedWrite, unknownFiles } from './undecided.ts';
import { isSkipping, writeCalls } from './write-call.ts';

/** The record as the far side answered it, the refusal of one document, or a write of which nobody knows. */
export type WriteResult = Document | { readonly error: SnapError } | UndecidedWrite;

export interface SessionOptions {
  readonly pack: Pack;
  readonly context: SnapContext;
  readonly connection: Connection;
  readonly journal: WriteJournal;
  readonly operation: Operation;
  /** The first sequence that no checkpoint covers. */
  readonly from: number;
}

/** Sendings of one write in all: each further one only after a look-up found nothing. */
const sendingsMax = 3;
/** How long requests under way may come home when the run is stopped: less of them are left in doubt. */
const homecomingMs = 1_000;
/** A run with more writes in doubt than this has a fault that repeating does not mend. */
const undecidedMax = 1_000;

/** One write under way. */
interface Entry {
  readonly sequence: number;
  readonly attempt: number;
  readonly request: RecordedRequest;
  readonly key: NaturalKey | undefined;
  readonly planned: PlannedWrite;
}

export class WriteSession {
  readonly #options: SessionOptions;
  readonly #earlier: EarlierWrites;
  readonly #undecided: UndecidedWrite[];
  /** Writes of one key follow one another: two that look it up at once would both make it. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #signal: AbortSignal;
  #next: number;

  private constructor(options: SessionOptions, rows: readonly JournalRow[]) {
    this.#options = options;
    this.#earlier = new EarlierWrites(rows, options.from);
    this.#next = Math.max(options.from, ...rows.map(({ sequence }) => sequence + 1));
    this.#undecided = rows
      .filter(({ state, sequence }) => state === 'undecided' && sequence < options.from)
      .map((row) => undecidedOf(row, 'it was undecided when the run was resumed'));
    this.#signal = homecoming(options.context.signal);
  }

  static async open(options: SessionOptions): Promise<WriteSession> {
    return new WriteSession(options, options.context.isPreview ? [] : await options.journal.load());
  }

  /** The number that the next write gets; all lower ones have been noted. */
  get sequence(): number {
    return this.#next;
  }

  get undecided(): readonly UndecidedWrite[] {
    return this.#undecided;
  }

  /** Brings one write to its outcome. Throws what stops the run; the journal then knows how far the write came. */
  async write(planned: PlannedWrite): Promise<WriteResult> {
    const match = this.#earlier.take(planned);
    if (match?.kind === 'changed') return this.#park(match.row, 'it came again with other content after a resume');
    if (match !== undefined) {
      const goOn = () => this.#goOn(match.row, planned);
      // What comes behind it with the same key must find what becomes of this one.
      return planned.operation.call === 'upsert' ? await this.#inTurn(planned.key?.text ?? '', goOn) : await goOn();
    }
    const sequence = this.#next;
    this.#next += 1;
    if (isSkipping(planned.operation, planned.settings)) {
      // By record: two names of one file that are looked for at once would both be attached.
      return await this.#inTurn(planned.request().target, () => this.#unlessThere(sequence, planned));
    }
    if (planned.operation.call !== 'upsert') return await this.#begin(sequence, planned, planned.request());
    return await this.#inTurn(planned.key?.text ?? '', async () => {
      try {
        return await this.#begin(sequence, planned, await this.#upsertRequest(planned));
      } catch (thrown) {
        if (thrown instanceof DataError) return { error: thrown };
        throw thrown;
      }
    });
  }

  /** Drops journal rows that checkpoints cover. */
  async prune(below: number): Promise<void> {
    const kept = Math.min(below, ...this.#earlier.left.map(({ sequence }) => sequence));
    if (!this.#options.context.isPreview) await this.#options.journal.prune(kept);
  }

  /** Parks what an earlier attempt sent and no document came for; gives every undecided write. */
  async finish(): Promise<readonly UndecidedWrite[]> {
    for (const row of this.#earlier.left) {
      if (row.state === 'sent') await this.#park(row, 'the document did not come again after a resume');
      else if (row.state === 'undecided') this.#undecided.push(undecidedOf(row, 'it was undecided before'));
    }
    return this.#undecided;
  }

  async #goOn(row: JournalRow, again: PlannedWrite): Promise<WriteResult> {
    // What was sent is told of, whatever the file has become since.
    const isForm = row.request.isForm === true;
    const planned = isForm ? { ...again, form: JSON.parse(row.body ?? '{}') as RecordedForm } : again;
    if (row.state === 'done') return answered(row.outcome ?? '', planned);
    if (row.state === 'refused') return { error: recordedRefusal(row.outcome ?? '{}') };
    const request = requestOf(row);
    const { sequence, attempt } = row;
    const entry = { sequence, attempt, request, planned, key: row.key === null ? undefined : keyFromText(row.key) };
    if (request.repeatable) return await this.#send({ ...entry, attempt: attempt + 1 });
    return await this.#findOut(entry, 'the run ended before its answer came');
  }

  async #begin(sequence: number, planned: PlannedWrite, request: RecordedRequest): Promise<WriteResult> {
    return await this.#send({ sequence, attempt: 1, request, planned, key: planned.key });
  }

  /** Sends nothing when the record has the file: the document then goes on with what is there. */
  async #unlessThere(sequence: number, planned: PlannedWrite): Promise<WriteResult> {
    const request = planned.request();
    let found: Found;
    try {
      found = await this.#findFile(request, planned);
    } catch (thrown) {
      if (thrown instanceof DataError) return { error: thrown };
      throw thrown;
    }
    if (found.kind === 'none') return await this.#begin(sequence, planned, request);
    if (found.json !== undefined) return answered(found.json, planned, false);
    const { reason } = found as Extract<Found, { readonly reason: string }>;
    return { error: unknownFiles(reason) };
  }

  async #upsertRequest(planned: PlannedWrite): Promise<RecordedRequest> {
    if (planned.key === undefined) {
      throw new DataError('SNAP_RECORD_INVALID', 'A record cannot be looked up by its natural key.', {
        reason:
          planned.keyFields.length === 0
            ? 'the resource has no natural key'
            : `one of ${planned.keyFields.join(', ')} is missing or empty`,
        resolution: 'fill these fields, or name other ones in the setting "key"',
      });
    }
    const found = await this.#find(planned.key, planned);
    if (found.kind === 'none') return planned.request();
    if (found.kind === 'one') return planned.request({ id: found.id });
    throw new DataError('SNAP_RECORD_AMBIGUOUS', 'The natural key of a record does not name one record.', {
      reason: `${found.reason}: ${planned.key.text}`,
      resolution: 'name fields in the setting "key" that together name one record',
    });
  }

  /** Notes, sends and settles. The note is durable before the first byte leaves. */
  async #send(entry: Entry): Promise<WriteResult> {
    const { context, journal, pack, connection } = this.#options;
    const { sequence, attempt, request, planned, key } = entry;
    const { hash, origin, doing, scope } = planned;
    const { method, target, repeatable, body, isForm } = request;
    context.signal.throwIfAborted();
    await journal.note({
      sequence,
      attempt,
      hash,
      origin,
      key: key?.text ?? null,
      request: { method, target, repeatable, ...(isForm === true ? { isForm } : {}) },
      body,
    });
    context.signal.throwIfAborted();
    const { traffic } = context;
    const { open } = planned;
    const outcome = await sendWrite(request, { pack, connection, traffic, doing, scope, open, signal: this.#signal });
    return await this.#settle(entry, outcome);
  }

  async #settle(entry: Entry, outcome: Outcome): Promise<WriteResult> {
    const { context, journal } = this.#options;
    const { sequence, planned, request } = entry;
    switch (outcome.kind) {
      case 'done':
        await journal.settle({ sequence, state: 'done', outcome: outcome.text });
        return answered(outcome.text, planned);
      case 'refused':
        await journal.settle({ sequence, state: 'refused', outcome: JSON.stringify(outcome.error) });
        return { error: outcome.error };
      case 'not-done':
        await journal.settle({ sequence, state: 'not-done' });
        throw outcome.error;
      case 'unknown':
        // The row stays as sent: a resume sends it again, or finds out.
        if (request.repeatable || context.signal.aborted) throw outcome.error;
        return await this.#findOut(entry, outcome.error.reason);
    }
  }

  /** After the quiet time looks for the record: what is there is adopted, what is not there is sent again, the rest is parked. */
  async #findOut(entry: Entry, reason: string): Promise<WriteResult> {
    const { operation, journal, context } = this.#options;
    const { key, planned, sequence, attempt } = entry;
    if (operation.onUnknownOutcome !== 'lookup' || key === undefined) return await this.#park(rowOf(entry), reason);
    await wait(this.#quietMs(planned), undefined, { signal: context.signal });
    const { request } = entry;
    const found = await (request.isForm ? this.#findFile(request, planned) : this.#find(key, planned)).catch(
      asUncertain,
    );
    if (found.kind === 'one') {
      await journal.settle({ sequence, state: 'done', outcome: found.json });
      return answered(found.json, planned);
    }
    if (found.kind !== 'none') return await this.#park(rowOf(entry), `${reason}; ${found.reason}`);
    if (attempt >= sendingsMax) return await this.#park(rowOf(entry), `${reason}; it was sent ${attempt} times`);
    return await this.#send({ ...entry, attempt: attempt + 1 });
  }

  async #find(key: NaturalKey, { operation, resource }: PlannedWrite): Promise<Found> {
    const { pack, connection, context } = this.#options;
    const declared = operation.write?.key;
    const lookup = pack.operations.get(declared?.operation ?? '');
    if (declared === undefined || lookup === undefined || resource === undefined) {
      return { kind: 'uncertain', reason: 'nothing is declared that finds it' };
    }
    const { referencesMax } = declared;
    const { traffic, signal } = context;
    return await findByKey(key, { pack, operation: lookup, resource, connection, traffic, referencesMax, signal });
  }

  async #findFile(request: RecordedRequest, { operation, resource, settings }: PlannedWrite): Promise<Found> {
    const { pack, connection, context } = this.#options;
    const list = pack.operations.get(operation.upload?.existing?.operation ?? '');
    const [call] = resource === undefined ? [] : writeCalls(operation, resource, settings);
    if (list === undefined || resource === undefined || call === undefined) {
      return { kind: 'uncertain', reason: 'nothing is declared that finds it' };
    }
    const { target } = request;
    const { traffic, signal } = context;
    const mark = JSON.parse(request.body ?? '{}') as RecordedForm;
    const around = { pack, operation: list, resource, call, target, connection, traffic, signal };
    return await findExisting(mark, around);
  }

  async #park(row: Pick<JournalRow, 'sequence' | 'request' | 'key'>, reason: string): Promise<UndecidedWrite> {
    const undecided = undecidedOf(row, reason);
    await this.#options.journal.settle({ sequence: row.sequence, state: 'undecided' });
    if (this.#undecided.length < undecidedMax) this.#undecided.push(undecided);
    return undecided;
  }

  async #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }

  #quietMs({ operation, settings }: PlannedWrite): number {
    const quiet = operation.write?.quiet;
    const seconds = settings[quiet?.setting ?? ''] ?? quiet?.seconds;
    return (typeof seconds === 'number' ? seconds : 0) * 1000;
  }
}

/** The record that a lost write belongs to may be gone by now. */
function asUncertain(thrown: unknown): Found {
  if (thrown instanceof DataError) return { kind: 'uncertain', reason: thrown.reason };
  throw thrown;
}

function requestOf(row: JournalRow): RecordedRequest {
  const { method, target, repeatable, isForm } = row.request;
  return {
    method: String(method),
    target: String(target),
    repeatable: repeatable === true,
    body: row.body,
    isForm: isForm === true,
  };
}

function rowOf({ sequence, request, key }: Entry): Pick<JournalRow, 'sequence' | 'request' | 'key'> {
  const { method, target, repeatable } = request;
  return { sequence, key: key?.text ?? null, request: { method, target, repeatable } };
}

function undecidedOf(row: Pick<JournalRow, 'sequence' | 'request' | 'key'>, reason: string): UndecidedWrite {
  const { method, target } = row.request;
  return { sequence: row.sequence, request: `${String(method)} ${String(target)}`, key: row.key, reason };
}

/** Aborts a little after the run is stopped, so that requests under way can come home. */
function homecoming(signal: AbortSignal): AbortSignal {
  const late = new AbortController();
  const abort = () => setTimeout(() => late.abort(signal.reason), homecomingMs).unref();
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return late.signal;
}

// Owns the log of one run under way: what is worth an entry, entries of a kind gathered into one, and writing them to the store.
import type { JsonObject } from '../document/json.ts';
import type { SnapError } from '../errors.ts';
import type { HttpEvent } from '../http/contract.ts';
import type { EngineEvent } from '../pipeline/engine-event.ts';
import type { RunLogInsert, RunLogRow } from '../store/contract.ts';
import type { RunLogEntry, RunLogEvent } from './run-log-contract.ts';

/** How often entries go to the store. */
const flushMs = 500;
/** Entries that wait for the store; what comes on top is only counted. */
const waitingMax = 500;
/** After an entry of a kind, others of that kind are gathered for so long into one. */
const gatherMs = 10_000;
const checkpointGatherMs = 60_000;
/** Kinds that are gathered at once; the first to come stay. */
const kindsMax = 200;
const messageCharactersMax = 2_000;
/** Waits shorter than this together are pace; they are told at the end. */
const throttledMsMin = 1_000;

type OutageEvent = Extract<HttpEvent, { kind: 'down' | 'up' }>;

interface Note {
  readonly level: RunLogInsert['level'];
  readonly event: RunLogEvent;
  readonly snap?: string | undefined;
  readonly message: string;
  readonly details?: JsonObject;
}

/** Entries of one kind that were gathered since the last one was written. */
interface Gathered {
  readonly windowMs: number;
  endsAt: number;
  count: number;
  last: Note | undefined;
}

/**
 * An entry is written at once, unless one of its kind (event, snap and code) was written a moment ago: then it is gathered, and the
 * kind is told again with its count when the moment has passed. So a run that is refused a thousand times tells it a dozen
 * times. Nothing here ever fails or holds up a run.
 */
export class RunLog {
  readonly #append: (entries: readonly RunLogInsert[]) => Promise<unknown>;
  readonly #say: ((line: string) => void) | undefined;
  /** Accounts whose far side is down. */
  readonly #down = new Set<string>();
  readonly #kinds = new Map<string, Gathered>();
  readonly #throttled = new Map<string, { readonly waitedMs: number; readonly quietUntil: number }>();
  #waiting: RunLogInsert[] = [];
  #omitted = 0;
  #writing: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  /** Whoever follows the run is also told by `say` that it waits for a far side, and goes on. */
  constructor(append: (entries: readonly RunLogInsert[]) => Promise<unknown>, say?: (line: string) => void) {
    this.#append = append;
    this.#say = say;
    this.#timer = setInterval(() => this.#flush(), flushMs);
    this.#timer.unref();
  }

  /** Writes an entry whatever was written before. */
  tell(note: Note): void {
    if (this.#waiting.length >= waitingMax) {
      this.#omitted += 1;
      return;
    }
    this.#put(note);
  }

  #put({ level, event, snap, message, details }: Note): void {
    this.#waiting.push({
      ...{ at: Date.now(), level, event, snapId: snap ?? null, details: details ?? null },
      message: printable(message).slice(0, messageCharactersMax),
    });
  }

  /** Writes an entry, or counts it into the next of its kind. */
  gather(note: Note, { code = '', windowMs = gatherMs }: { code?: string; windowMs?: number } = {}): void {
    const key = JSON.stringify([note.event, note.snap, code]);
    const kind = this.#kinds.get(key);
    if (kind !== undefined) {
      kind.count += 1;
      kind.last = note;
      return;
    }
    this.tell(note);
    if (this.#kinds.size >= kindsMax) return;
    this.#kinds.set(key, { windowMs, endsAt: performance.now() + windowMs, count: 0, last: undefined });
  }

  /** What happened to a request of a snap. */
  request(snap: string, event: HttpEvent, account: string): void {
    if (event.kind === 'throttled') {
      const { waitedMs = 0, quietUntil = 0 } = this.#throttled.get(snap) ?? {};
      this.#throttled.set(snap, { waitedMs: waitedMs + event.waitedMs, quietUntil });
    } else if (event.kind === 'refused') {
      const message = `the far side refused a request for its rate (429); everything waits ${seconds(event.delayMs)}`;
      const details = { delayMs: Math.round(event.delayMs) };
      this.gather({ level: 'warning', event: 'refused', snap, message, details });
    } else if (event.kind === 'retry') {
      const message = `a request is sent again in ${seconds(event.delayMs)}: ${event.reason}`;
      const details = { delayMs: Math.round(event.delayMs), reason: event.reason };
      this.gather({ level: 'warning', event: 'retry', snap, message, details }, { code: event.reason });
    } else if (event.kind === 'down' || event.kind === 'up') {
      this.#outage(snap, event, account);
    } else if (event.kind === 'token-refused') {
      const message =
        'the far side refused the access token (401); the request is sent again with another or an older one';
      this.gather({ level: 'warning', event: 'retry', snap, message }, { code: 'token' });
    }
  }

  /** An outage is told once at its beginning and once at its end, however many requests wait. */
  #outage(snap: string, event: OutageEvent, account: string): void {
    if (event.kind === 'down') {
      if (this.#down.has(account)) return;
      this.#down.add(account);
      const tried = `one request is tried every ${Math.round(event.retryMs / 1000)} s, the others wait`;
      const message = `the far side of account "${account}" is down: ${event.reason}; ${tried}`;
      this.#tellAloud({ level: 'warning', event: 'down', snap, message, details: { account, reason: event.reason } });
    } else if (this.#down.delete(account)) {
      const waitedMs = Math.round(event.waitedMs);
      const message = `the far side of account "${account}" answers again; requests go on after ${seconds(waitedMs)}`;
      this.#tellAloud({ level: 'info', event: 'up', snap, message, details: { account, waitedMs } });
    }
  }

  #tellAloud(note: Note): void {
    this.tell(note);
    this.#say?.(printable(note.message));
  }

  /** What happened in the engine. */
  engine(event: EngineEvent): void {
    if (event.kind === 'checkpoint') {
      const message = 'a checkpoint is durable; a resume would go on from here';
      const note: Note = { level: 'info', event: 'checkpoint', message, details: { documents: event.documents } };
      this.gather(note, { windowMs: checkpointGatherMs });
    } else if (event.kind === 'snap') {
      const { snap, state, counts } = event;
      const level = state === 'failed' ? 'error' : 'info';
      const { input, output, errors, dropped } = counts;
      const tail = state === 'running' ? '' : `: ${input} in, ${output} out, ${errors} failed, ${dropped} dropped`;
      this.tell({ level, event: 'state', snap, message: `${snap} is ${state}${tail}`, details: { state } });
    } else {
      const { snap, error, isWarning } = event;
      const { code, message, reason } = error;
      const level = isWarning ? 'warning' : 'error';
      const words = `${isWarning ? 'a document is warned about' : 'a document failed'}: ${message} ${reason}`;
      this.gather({ level, event: 'document', snap, message: words, details: { code } }, { code });
    }
  }

  /** An account of the run was renewed, or was not. */
  renewal(account: string, error: SnapError | undefined): void {
    const message =
      error === undefined
        ? `account "${account}" got a new access token`
        : `account "${account}" got no new access token: ${error.message} ${error.reason}`;
    const level = error === undefined ? 'info' : 'warning';
    this.gather(
      { level, event: 'renewal', message, details: { account } },
      { code: `${account} ${error?.code ?? ''}` },
    );
  }

  /** Writes what was gathered, ahead of a last word. */
  settle(): void {
    for (const kind of this.#kinds.values()) kind.endsAt = 0;
    this.#flush(true);
  }

  /** Resolves when everything is in the store. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.settle();
    await this.#writing;
  }

  #flush(isLast = false): void {
    this.#tellThrottled(isLast);
    const now = performance.now();
    for (const [key, kind] of this.#kinds) {
      if (kind.endsAt > now) continue;
      if (kind.last === undefined) {
        this.#kinds.delete(key);
        continue;
      }
      const { message, details } = kind.last;
      const words = kind.count === 1 ? message : `${message} (the last of ${kind.count} such)`;
      this.tell({ ...kind.last, message: words, details: { ...details, count: kind.count } });
      Object.assign(kind, { count: 0, last: undefined, endsAt: now + kind.windowMs });
    }
    if (this.#omitted > 0) {
      const message = `${this.#omitted} entries came too fast and are left out`;
      this.#omitted = 0;
      this.#put({ level: 'info', event: 'omitted', message });
    }
    this.#write();
  }

  #tellThrottled(isLast: boolean): void {
    const now = performance.now();
    for (const [snap, { waitedMs, quietUntil }] of this.#throttled) {
      if (waitedMs === 0 || (!isLast && (waitedMs < throttledMsMin || now < quietUntil))) continue;
      this.#throttled.set(snap, { waitedMs: 0, quietUntil: now + gatherMs });
      const message = `requests waited ${seconds(waitedMs)} together for the rate limit`;
      this.tell({ level: 'info', event: 'throttled', snap, message, details: { waitedMs } });
    }
  }

  #write(): void {
    const entries = this.#waiting;
    if (entries.length === 0) return;
    this.#waiting = [];
    // A log that cannot be written is no reason to end a run; its own rows will tell.
    this.#writing = this.#writing
      .then(() => this.#append(entries))
      .then(
        () => undefined,
        () => undefined,
      );
  }
}

/** An entry as commands and routes show it. */
export function runLogEntry({ sequence, at, level, event, snapId, message, details }: RunLogRow): RunLogEntry {
  return {
    ...{ id: sequence, at: new Date(at).toISOString(), level, message },
    event: event as RunLogEvent,
    snap: snapId,
    details: details ?? {},
  };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Takes control characters of a far side's words out: a log is shown on terminals. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, ' ');

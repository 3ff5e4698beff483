// Owns what the store knows of one run under way: its row, its lease, its checkpoints and kept error documents.
// Every write is fenced by the lease, so that a process that was asleep can never overwrite what a later one did.
import { setTimeout as setTimeoutAsync } from 'node:timers/promises';
import type { JsonObject } from '../document/json.ts';
import { ExecutionError } from '../errors.ts';
import type { InHand } from '../pipeline/careful-turn.ts';
import type { WriteJournal } from '../snap/write/journal.ts';
import {
  type CareRow,
  type CursorRow,
  type Lease,
  type RunChange,
  type RunLogInsert,
  type RunPoint,
  runLeaseName,
  type Store,
} from '../store/contract.ts';
import { HeldLease, leaseTtlMs } from './held-lease.ts';
import { isLeft, isOwnerGone, ownerName } from './run-owner.ts';
import { openWriteJournal } from './write-journal.ts';

/** How long a start waits for the lease of a process that ended without a word, on another machine say. */
const leasePatienceMs = leaseTtlMs + 5_000;
const leasePollMs = 200;

export class RunJournal {
  readonly runId: string;
  readonly #store: Store;
  readonly #lease: Lease;
  readonly #held: HeldLease;
  #errorDocuments = 0;

  private constructor(store: Store, runId: string, held: HeldLease) {
    this.#store = store;
    this.runId = runId;
    this.#held = held;
    this.#lease = held.lease;
  }

  /** Takes the run for this process, at once or when the lease of a killed one has ended. Throws SNAP_LEASE_LOST while another process has it. */
  static async take(store: Store, runId: string, patienceMs = leasePatienceMs): Promise<RunJournal> {
    const held = await acquire(store, runId, patienceMs);
    if (held === undefined) {
      throw new ExecutionError('SNAP_LEASE_LOST', `The run ${runId} was not taken.`, {
        reason: 'another process is running it',
        resolution: `see "snaps runs show ${runId}", or stop that process first`,
      });
    }
    return new RunJournal(store, runId, held);
  }

  /** Takes the run, does the work and gives the run back, however the work ends. Throws what `take` throws. */
  static async holding<T>(
    store: Store,
    { runId, patienceMs }: { readonly runId: string; readonly patienceMs?: number },
    work: (journal: RunJournal) => Promise<T>,
  ): Promise<T> {
    const journal = await RunJournal.take(store, runId, patienceMs);
    try {
      return await work(journal);
    } finally {
      await journal.close();
    }
  }

  /** Gives the run back when the work fails: a lease that was forgotten would be renewed for as long as this process lives. */
  async orGiveBack<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      // A store that is away lets the lease end by itself.
      await this.close().catch(() => undefined);
      throw thrown;
    }
  }

  /** What a run that this one starts is added under. */
  get parent(): { readonly runId: string; readonly lease: Lease } {
    return { runId: this.runId, lease: this.#lease };
  }

  /** Aborts when the lease is lost: nothing of the run may be written or sent any more. */
  get signal(): AbortSignal {
    return this.#held.signal;
  }

  /**
   * Asked before anything leaves this process for the run: nothing while it certainly is this process's, else what resolves when
   * that is known again. It rejects when another one has it, and when the signal aborts.
   */
  confirm(signal: AbortSignal): Promise<void> | undefined {
    return this.#held.confirm(signal);
  }

  async update(change: RunChange): Promise<void> {
    this.#must(await this.#store.runs.update(this.#lease, this.runId, change));
  }

  /** The points of the run's plots until now. */
  async readPoints(): Promise<readonly RunPoint[]> {
    return (await this.#store.runs.points(this.runId)) ?? [];
  }

  /** Stores a checkpoint with the error documents that lie before it, in one step. */
  async saveCheckpoint(checkpoint: JsonObject, errors: readonly JsonObject[]): Promise<void> {
    const errorDocuments = this.#errorDocuments + errors.length;
    const body = { checkpoint, errorDocuments };
    this.#must(await this.#store.checkpoints.put(this.#lease, this.runId, body, errors));
    this.#errorDocuments = errorDocuments;
  }

  /** Keeps error documents that no checkpoint holds, so that a person sees them; a resume makes them again. */
  async keepErrors(documents: readonly JsonObject[]): Promise<void> {
    if (documents.length > 0) this.#must(await this.#store.errorDocuments.append(this.#lease, this.runId, documents));
  }

  /** Goes back to the last checkpoint: error documents that came after it are taken away, for they will come again. */
  async restore(): Promise<JsonObject | undefined> {
    const body = await this.#store.checkpoints.read(this.runId);
    this.#errorDocuments = Number(body?.errorDocuments ?? 0);
    this.#must(await this.#store.errorDocuments.removeAfter(this.#lease, this.runId, this.#errorDocuments));
    return body?.checkpoint as JsonObject | undefined;
  }

  /** What is known from deaths of the run's process; undefined while there was none. */
  async readCare(): Promise<CareRow | undefined> {
    return await this.#store.care.read(this.runId);
  }

  async putCare(care: JsonObject): Promise<void> {
    this.#must(await this.#store.care.put(this.#lease, this.runId, care));
  }

  /** Puts down what is in hand, and whose hand it is. */
  async hold(inHand: InHand | null): Promise<void> {
    const owned = inHand === null ? null : ({ ...inHand, owner: this.#lease.owner } as unknown as JsonObject);
    this.#must(await this.#store.care.hold(this.#lease, this.runId, owned));
  }

  /** What the last completed run of this pipeline left for its snaps. */
  async readCursors(pipeline: string): Promise<readonly CursorRow[]> {
    return await this.#store.cursors.list(pipeline);
  }

  /** Adds to the log of the run; one that was taken over by another process gets no more. */
  async appendLog(entries: readonly RunLogInsert[]): Promise<void> {
    await this.#store.runLog.append(this.#lease, this.runId, entries);
  }

  /** The journal of what one snap writes to a far side. */
  writes(snapId: string): WriteJournal {
    const expect = (isDone: boolean): void => this.#must(isDone);
    return openWriteJournal(snapId, { store: this.#store, lease: this.#lease, runId: this.runId, expect });
  }

  /** Whether somebody asked, through the store, for the run to stop. */
  async isStopRequested(): Promise<boolean> {
    return (await this.#store.runs.state(this.runId)) === 'stopping';
  }

  /** Gives the run back; others may take it. */
  async close(): Promise<void> {
    await this.#held.close();
  }

  #must(isDone: boolean): void {
    if (isDone) return;
    throw this.#held.lose();
  }
}

/** Marks a run as stopped whose process is gone, if nobody runs it; gives whether it did. */
export async function stopAbandoned(store: Store, runId: string): Promise<boolean> {
  const name = runLeaseName(runId);
  const holder = await store.leases.holder(name);
  if (!isLeft(holder?.owner)) return false;
  if (holder !== undefined) await store.leases.release(holder);
  const lease = await store.leases.acquire(name, ownerName(), leaseTtlMs);
  if (lease === undefined) return false;
  try {
    const row = await store.runs.find(runId);
    if (row?.state !== 'stopping') return false;
    return await store.runs.update(lease, runId, { state: 'stopped', finishedAt: new Date().toISOString() });
  } finally {
    await store.leases.release(lease);
  }
}

async function acquire(store: Store, runId: string, patienceMs: number): Promise<HeldLease | undefined> {
  const name = runLeaseName(runId);
  const endsAt = performance.now() + patienceMs;
  do {
    const askedFor = performance.now();
    const lease = await store.leases.acquire(name, ownerName(), leaseTtlMs);
    if (lease !== undefined) return new HeldLease(store, lease, { askedFor, lost: () => leaseLost(runId) });
    const holder = await store.leases.holder(name);
    // The fence in the release sees to it that only the dead holder's own lease ends.
    if (holder !== undefined && isOwnerGone(holder.owner)) await store.leases.release(holder);
    else await setTimeoutAsync(leasePollMs);
  } while (performance.now() < endsAt);
  return undefined;
}

/** The error of a run that belongs to another process by now. */
export function leaseLost(runId: string): ExecutionError {
  return new ExecutionError('SNAP_LEASE_LOST', `The run ${runId} ended here.`, {
    reason: 'another process has taken it over',
    resolution: `see "snaps runs show ${runId}"`,
  });
}

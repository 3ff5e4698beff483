// What the store keeps, as one small interface a role. Rows and their meaning only; no SQL, no sealing, no policy.
import type { JsonObject } from '../document/json.ts';
import type { AccountRow, AccountRows, SealedFields, WriteOutcome } from './account-contract.ts';
import type { BudgetRows } from './budget-contract.ts';
import type { CareRows } from './care-contract.ts';
import type { RunParent, RunParentInsert } from './child-run-contract.ts';
import type { CursorChange, CursorRows } from './cursor-contract.ts';
import type { PipelineRows } from './pipeline-contract.ts';
import type { RunLogRows } from './run-log-contract.ts';
import type { RunPoint } from './run-point-contract.ts';
import type { ScheduleRows } from './schedule-contract.ts';

export type * from './account-contract.ts';
export type * from './care-contract.ts';
export type * from './child-run-contract.ts';
export { errorPipelineSnap } from './child-run-contract.ts';
export type * from './cursor-contract.ts';
export type * from './pipeline-contract.ts';
export type * from './run-log-contract.ts';
export type * from './run-point-contract.ts';
export type * from './schedule-contract.ts';

/** Everything the host keeps between two starts. `openStore` gives one; the caller closes it. */
export interface Store {
  readonly accounts: AccountRows;
  readonly tokenSets: TokenSetRows;
  readonly authorizations: AuthorizationRows;
  readonly keys: KeyRows;
  readonly leases: LeaseRows;
  readonly runs: RunRows;
  readonly checkpoints: CheckpointRows;
  readonly care: CareRows;
  readonly errorDocuments: ErrorDocumentRows;
  readonly runLog: RunLogRows;
  readonly pipelines: PipelineRows;
  readonly writes: WriteRows;
  readonly cursors: CursorRows;
  readonly schedules: ScheduleRows;
  readonly budgets: BudgetRows;
  /** The database's own clock, in ms since the epoch: the only clock that leases and expiry times go by. */
  now(): Promise<number>;
  /** What `doctor` shows: each setting of the database that durability rests on, read back. */
  inspect(): Promise<readonly StoreFinding[]>;
  /** Overwrites what was deleted, in every file of the database that this host can reach. */
  scrub(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreFinding {
  readonly name: string;
  readonly value: string;
  readonly isGood: boolean;
  /** What the value should be and how to get there; '' when it is good. */
  readonly resolution: string;
}

// ---- token sets ----

export interface TokenSetValues {
  /** Sealed `access` and, when there is one, `refresh`. */
  readonly sealed: SealedFields;
  /** Scopes as the authorization server granted them; undefined when it did not say. */
  readonly scopes: readonly string[] | undefined;
  /** How long the access token lives from the moment of the write, in ms. */
  readonly lifetimeMs: number;
  /** How long the refresh token still lives, in ms; undefined when there is none or nobody knows. */
  readonly refreshLifetimeMs: number | undefined;
  /** True when the renewal was asked for by a 401: a further 401 then is not the token's fault. */
  readonly answersRejection: boolean;
  /** What was wrong with the answer though it could be used, in words without secrets. */
  readonly flaws: readonly string[];
}

export interface TokenSetRow extends Omit<TokenSetValues, 'lifetimeMs' | 'refreshLifetimeMs' | 'flaws'> {
  readonly version: number;
  /** True once the far side refused this version with 401. */
  readonly isRejected: boolean;
  /** By the database's clock, ms since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly refreshExpiresAt: number | undefined;
}

/** The journal of renewals of one account: written before a request leaves, settled with its answer. */
export interface RenewalRow {
  /** The token set version that an unsettled renewal came from; undefined when none is out. */
  readonly sentFromVersion: number | undefined;
  readonly sentAt: number | undefined;
  /** How often the refresh token of that version was presented with no answer kept. */
  readonly attempts: number;
  readonly failures: number;
  readonly coolDownUntil: number;
  /** Why the last renewal failed, or, with no failures, what was wrong with its answer; '' when all is well. */
  readonly lastFailure: string;
}

export interface TokenSetView {
  readonly set: TokenSetRow | undefined;
  readonly renewal: RenewalRow;
  readonly account: AccountRow;
  /** The database's clock at the read. */
  readonly now: number;
}

export interface TokenSetRows {
  /** Account, token set and journal of one moment. */
  read(accountId: string): Promise<TokenSetView | undefined>;
  /** Stores the set that follows `fromVersion` and settles the journal. Durable when it resolves. `stale` when another set is current or settings changed. */
  commit(
    accountId: string,
    from: { readonly version: number; readonly revision: number },
    values: TokenSetValues,
  ): Promise<WriteOutcome>;
  /** Notes durably that a renewal of this version leaves now; false when the lease is not held any more. */
  noteSent(lease: Lease, accountId: string, fromVersion: number): Promise<boolean>;
  /** Settles a renewal that certainly changed nothing at the far side, or keeps it open when nobody knows; sets the cool-down. */
  noteFailure(accountId: string, failure: RenewalFailure): Promise<void>;
  markRejected(accountId: string, version: number): Promise<void>;
  reseal(accountId: string, version: number, fromKeyId: string, sealed: SealedFields): Promise<WriteOutcome>;
}

export interface RenewalFailure {
  readonly fromVersion: number;
  readonly isOutcomeKnown: boolean;
  readonly coolDownMs: number;
  /** Words without secrets. */
  readonly reason: string;
}

// ---- pending authorizations ----

/** One authorization that a person began in a browser. Looked up by the hash of its state, used at most once. */
export interface AuthorizationRow {
  readonly stateHash: string;
  readonly accountId: string;
  readonly revision: number;
  readonly redirectUri: string;
  readonly nonceHash: string | undefined;
  readonly sealed: SealedFields;
}

export interface AuthorizationRows {
  /** Adds a row that lives for `lifetimeMs` and drops those that ended. */
  add(row: AuthorizationRow, lifetimeMs: number): Promise<WriteOutcome>;
  /** Takes the row away and gives it, once, unless it ended. */
  take(stateHash: string): Promise<AuthorizationRow | undefined>;
  /** Drops all that were sealed with this key: they live minutes, so a rotation does not carry them over. */
  dropSealedWith(keyId: string): Promise<void>;
}

// ---- keys ----

/** A data key, wrapped once for each master key that may open it. */
export interface KeyRow {
  readonly id: string;
  /** `active` seals new values; `retiring` only opens, until everything is sealed anew. */
  readonly state: 'active' | 'retiring';
  /** Wrapped data key by the fingerprint of the master key. */
  readonly wraps: Readonly<Record<string, string>>;
  readonly createdAt: number;
}

export interface KeyRows {
  list(): Promise<readonly KeyRow[]>;
  /** Adds the first key of a store; false when there is one already. */
  addFirst(id: string, wraps: Readonly<Record<string, string>>): Promise<boolean>;
  /** Adds an active key and makes `fromKeyId` retiring, in one step; false when that one is not the active one any more. */
  succeed(fromKeyId: string, id: string, wraps: Readonly<Record<string, string>>): Promise<boolean>;
  dropWrap(id: string, fingerprint: string): Promise<void>;
  /** Deletes a retiring key; false while something is still sealed with it. */
  retire(id: string): Promise<boolean>;
}

// ---- leases ----

/** The right to do something alone, until it ends by the database's clock. `fence` grows with every holder. */
export interface Lease {
  readonly name: string;
  readonly owner: string;
  readonly fence: number;
}

export interface LeaseRows {
  /** Gives the lease when nobody holds it; undefined otherwise. */
  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined>;
  /** Who holds the lease now; undefined when nobody does. */
  holder(name: string): Promise<Lease | undefined>;
  /** Makes a held lease longer; false when somebody else has it by now. */
  extend(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Ends the lease if it is still this owner's. */
  release(lease: Lease): Promise<void>;
}

// ---- runs ----

export type RunState = 'queued' | 'running' | 'stopping' | 'completed' | 'failed' | 'stopped';
export const statesUnderWay: readonly RunState[] = ['queued', 'running', 'stopping'];

/** The run report of the product's contract plus what a resume needs. Times are ISO 8601. */
export interface RunRow {
  readonly runId: string;
  readonly pipeline: string;
  readonly state: RunState;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly attempt: number;
  /** How often its process died since a person started or resumed it. */
  readonly crashes: number;
  readonly parameters: JsonObject;
  readonly snaps: readonly JsonObject[];
  readonly outputs: readonly JsonObject[];
  readonly error: JsonObject | null;
  /** What the host needs to run it again: pipeline, accounts by name, directories. */
  readonly definition: JsonObject;
  /** Null for a run that somebody started. */
  readonly parent: RunParent | null;
  /** Runs that it started. */
  readonly children: number;
  /** The run whose error documents it sent back in. */
  readonly replayOf: string | null;
  /** Runs that sent its error documents back in. */
  readonly replays: number;
  /** What it takes turns by with other runs that are handed to workers; null for a run that its host runs itself. */
  readonly lane: string | null;
  /** Who holds its lease now; null when nobody does. */
  readonly holder: string | null;
}

export interface RunInsert {
  readonly runId: string;
  readonly pipeline: string;
  readonly parameters: JsonObject;
  readonly definition: JsonObject;
  readonly parent?: RunParentInsert;
  readonly replayOf?: string;
  /** Hands it to workers. */
  readonly lane?: string | null;
}

export interface RunChange {
  readonly state?: RunState;
  readonly startedAt?: string;
  readonly finishedAt?: string | null;
  readonly attempt?: number;
  readonly crashes?: number;
  readonly snaps?: readonly JsonObject[];
  readonly outputs?: readonly JsonObject[];
  readonly error?: JsonObject | null;
  readonly definition?: JsonObject;
  readonly lane?: string;
  readonly points?: readonly RunPoint[];
  /** Kept in the same step as the change. */
  readonly cursors?: CursorChange;
  /** A run that follows from this one, added in the same step. */
  readonly follower?: RunInsert;
}

export interface RunListing {
  readonly limit: number;
  /** The `createdAt` and `runId` of the last run of the page before. */
  readonly before?: { readonly createdAt: string; readonly runId: string };
  readonly state?: RunState;
  /** Runs of this pipeline only. */
  readonly pipeline?: string;
  /** Runs that were added at this moment or later, ISO 8601. */
  readonly since?: string;
  /** Runs that were added before this moment, ISO 8601. */
  readonly until?: string;
  /** Runs that this run started; without it only runs that nobody else started are listed. */
  readonly parent?: string;
  /** Runs that sent error documents of this run back in, whoever started them. */
  readonly replayOf?: string;
  /** Runs of error pipelines, of whatever run. */
  readonly isErrorRun?: boolean;
  /** Runs that are handed to workers, or those that their hosts run themselves. */
  readonly isHandedOver?: boolean;
}

/** A run as a list shows it: what it was made of can be megabytes, and a list needs none of it. */
export type ListedRun = Omit<RunRow, 'definition' | 'parameters' | 'outputs' | 'crashes' | 'replays'>;

/** The name of the lease that fences everything a run writes. */
export const runLeaseName = (runId: string): string => `run:${runId}`;

/** A run that workers are to run. */
export interface HandedOverRun extends Pick<RunRow, 'runId' | 'state' | 'createdAt' | 'holder'> {
  readonly lane: string;
}

/** A run that another one started. */
export interface ChildRun extends Pick<RunRow, 'runId' | 'state'> {
  readonly sequence: number;
  readonly hash: string;
}

export interface RunRows {
  /** Adds a queued run; false when there is one of that id, or a later holder of the run that starts it exists. */
  insert(run: RunInsert): Promise<boolean>;
  /** Runs of one snap behind a sequence, in order, at most 10,000. */
  children(runId: string, snapId: string, after: number): Promise<readonly ChildRun[]>;
  find(runId: string): Promise<RunRow | undefined>;
  /** The state alone, for whoever asks again and again. */
  state(runId: string): Promise<RunState | undefined>;
  /** The points of its plots, in order; undefined when there is no such run. */
  points(runId: string): Promise<readonly RunPoint[] | undefined>;
  /** Newest first. */
  list(listing: RunListing): Promise<readonly ListedRun[]>;
  /** Runs that are handed to workers and have not ended, at most 500 of them: those under way first, then the oldest. */
  handedOver(states: readonly RunState[]): Promise<readonly HandedOverRun[]>;
  /** The names of pipelines that runs are kept of, by name. */
  pipelines(): Promise<readonly string[]>;
  /** Writes as the holder of the run's lease; false (and nothing written) when a later holder exists. */
  update(lease: Lease, runId: string, change: RunChange): Promise<boolean>;
  /** Asks whoever owns the run to stop: queued becomes stopped, running becomes stopping. Gives the state after it. */
  requestStop(runId: string): Promise<RunState | undefined>;
  /** Deletes the run with its checkpoint, error documents and the runs that it started. */
  remove(runId: string): Promise<boolean>;
  /** Deletes runs that ended longer ago than this, at most `limit`; gives how many. Runs under way stay. */
  removeEnded(olderThanMs: number, limit: number): Promise<number>;
}

export interface CheckpointRows {
  read(runId: string): Promise<JsonObject | undefined>;
  /** Replaces the checkpoint and appends error documents of the same moment; false when a later holder of the run exists. */
  put(lease: Lease, runId: string, checkpoint: JsonObject, errors?: readonly JsonObject[]): Promise<boolean>;
}

export interface StoredErrorDocument {
  /** Grows by one within a run. */
  readonly sequence: number;
  readonly document: JsonObject;
}

export interface ErrorDocumentRows {
  /** Appends in order; false when a later holder of the run exists. */
  append(lease: Lease, runId: string, documents: readonly JsonObject[]): Promise<boolean>;
  list(
    runId: string,
    page: { readonly after?: number; readonly limit: number },
  ): Promise<readonly StoredErrorDocument[]>;
  count(runId: string): Promise<number>;
  /** Takes away those behind a sequence: a resumed run makes them again. False when a later holder of the run exists. */
  removeAfter(lease: Lease, runId: string, sequence: number): Promise<boolean>;
}

// ---- writes ----

/** One write to a far side, noted before its request leaves. `sequence` counts the documents that came to the snap. */
export interface WriteNote {
  readonly snapId: string;
  readonly sequence: number;
  /** 1 for the first sending. */
  readonly attempt: number;
  /** Tells the same write of the same document when it comes again after a resume. */
  readonly hash: string;
  /** The values of the record's natural key; null when it has none. */
  readonly key: string | null;
  /** Where the document came from. */
  readonly origin: string;
  /** Method, path with query, and whether sending it twice does no harm. */
  readonly request: JsonObject;
  /** The exact body; a repetition sends these very characters. */
  readonly body: string | null;
}

/** `sent`: nobody knows yet; `undecided`: nobody could find out, a person must look. */
export type WriteState = 'sent' | 'done' | 'refused' | 'undecided';

export interface WriteRow extends WriteNote {
  readonly state: WriteState;
  /** The answered record of a write that is done, or the error of a refused one, as JSON text. */
  readonly outcome: string | null;
}

export interface WriteSettlement {
  readonly snapId: string;
  readonly sequence: number;
  /** `not-done` takes the row away: nothing happened, and it may be sent as if for the first time. */
  readonly state: 'done' | 'refused' | 'undecided' | 'not-done';
  readonly outcome?: string | undefined;
}

export interface WriteRows {
  /** Notes writes as sent, durably when it resolves; false when a later holder of the run exists: then nothing may be sent. */
  note(lease: Lease, runId: string, notes: readonly WriteNote[]): Promise<boolean>;
  /** Settles noted writes; false when a later holder of the run exists. */
  settle(lease: Lease, runId: string, settlements: readonly WriteSettlement[]): Promise<boolean>;
  /** Rows of one snap by sequence. */
  list(
    runId: string,
    page: { readonly snapId: string; readonly after?: number; readonly limit: number },
  ): Promise<readonly WriteRow[]>;
  /** The undecided writes of a run, at most 1,000 of them. */
  undecided(runId: string): Promise<readonly WriteRow[]>;
  /** Drops settled rows below a sequence that a checkpoint covers. Undecided ones stay. */
  prune(lease: Lease, runId: string, below: { readonly snapId: string; readonly sequence: number }): Promise<boolean>;
}

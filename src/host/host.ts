// The contract of the host: what commands, routes and users of the library can ask of it. Types only.
import type { JsonObject } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import type { PlannedRequest } from '../snap/index.ts';
import type { AccountView, KeyRotation, KeyVerification } from '../vault/contract.ts';
import type { ActivityCounts } from './activity.ts';
import type { Authorizations } from './authorization-contract.ts';
import type { Catalog } from './catalog-contract.ts';
import type { HostConfig } from './config.ts';
import type { Cursors } from './cursors.ts';
import type { PipelineImport } from './import-contract.ts';
import type {
  EvaluateRequest,
  Evaluation,
  Preview,
  PreviewRequest,
  ReplayRequest,
  RunHandle,
  RunRequest,
  Runs,
} from './run-contract.ts';
import type { Schedules } from './schedule-contract.ts';
import type { SuggestionRequest, Suggestions } from './suggestion-contract.ts';
import type { Worker, WorkOptions } from './worker-contract.ts';

export type { AccountView, KeyRotation, KeyVerification } from '../vault/contract.ts';
export type * from './authorization-contract.ts';
export type * from './catalog-contract.ts';
export type * from './import-contract.ts';
export type * from './run-contract.ts';
export type * from './run-log-contract.ts';
export type * from './schedule-contract.ts';
export type * from './suggestion-contract.ts';
export type * from './worker-contract.ts';

export interface Host {
  readonly config: HostConfig;
  readonly catalog: Catalog;
  readonly accounts: Accounts;
  readonly authorizations: Authorizations;
  readonly runs: Runs;
  readonly cursors: Cursors;
  readonly pipelines: SavedPipelines;
  readonly schedules: Schedules;
  /** Goes on, from its start until the host is closed, with runs whose process died, where that is asked for. */
  readonly crashedRuns: { start(): Promise<void> };
  readonly keys: Keys;
  /** Joins the fleet: takes runs that wait until the worker is closed. Throws SNAP_CONFIG_INVALID for a store that is no PostgreSQL. */
  work(options: WorkOptions): Promise<Worker>;
  /** All faults of a pipeline, with nothing sent. Throws SNAP_PIPELINE_NOT_FOUND when the file cannot be read. */
  checkPipeline(file: string, options?: CheckOptions): Promise<PipelineCheck>;
  /** Writes the lock beside a pipeline's file. Throws SNAP_PIPELINE_NOT_FOUND, SNAP_PIPELINE_INVALID, SNAP_FILE_FAILED. */
  lockPipeline(file: string): Promise<LockedPipeline>;
  /** All faults of a pipeline that is in no file; its accounts are looked up in the store. */
  checkDraft(pipeline: JsonObject, options?: CheckOptions): Promise<readonly Fault[]>;
  /** A pipeline made of an .slp file, or of the content of one, whose file then only has a name. Throws SNAP_PIPELINE_NOT_FOUND, SNAP_PIPELINE_INVALID. */
  importPipeline(file: string, content?: JsonObject): PipelineImport;
  /** The requests that a pipeline means, with the scopes they need; nothing is sent. Throws SNAP_PIPELINE_INVALID. */
  planRequests(file: string, options?: CheckOptions): Promise<PipelineRequests>;
  /** Checks a pipeline and starts it. Throws SNAP_PIPELINE_INVALID with every fault before anything is sent. */
  startRun(request: RunRequest): Promise<RunHandle>;
  /** Sends error documents back into the snaps they failed in, in a run of their own. Throws SNAP_RUN_NOT_FOUND, SNAP_USAGE, SNAP_PIPELINE_INVALID. */
  replayRun(request: ReplayRequest): Promise<RunHandle>;
  /** What may stand in a setting, as pack and account know it. Throws SNAP_PACK_NOT_FOUND, SNAP_USAGE. */
  suggest(request: SuggestionRequest): Promise<Suggestions>;
  /** Runs a bounded sample with no effect outside and no trace in the history. Throws SNAP_PIPELINE_INVALID. */
  preview(request: PreviewRequest): Promise<Preview>;
  /** Evaluates an expression for documents, each on its own. Throws SNAP_EXPRESSION_INVALID. */
  evaluate(request: EvaluateRequest): Promise<readonly Evaluation[]>;
  /** What this process has counted of its requests and renewals. */
  activity(): ActivityCounts;
  /** Checks the machine, the store, the key, the clock and the accounts. */
  inspect(): Promise<readonly Finding[]>;
  /** Whether the store answers. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

// ---- accounts ----

export interface AccountInput {
  readonly name: string;
  readonly type: string;
  /** Public settings; texts become what the account type's schema says. */
  readonly settings: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface AccountTest {
  readonly name: string;
  readonly ok: true;
  /** HTTP status of the answer; null where it was no HTTP. */
  readonly status: number | null;
  readonly url: string;
  readonly durationMs: number;
  /** Scopes as granted to the token; null where the far side did not say. */
  readonly scopes: readonly string[] | null;
}

export interface Accounts {
  add(input: AccountInput): Promise<AccountView>;
  /** Takes an account with a given token for the life of this host; gives the name to run with. It is stored nowhere. */
  give(input: AccountInput): string;
  /**
   * Changes single settings, or all of them when the change is whole, and secrets that are not empty or masked. A change
   * of where secrets go or as whom clears secrets and tokens that are not given anew.
   */
  update(
    name: string,
    change: Omit<AccountInput, 'name' | 'type'> & { readonly isWhole?: boolean },
  ): Promise<AccountView>;
  list(): Promise<readonly AccountView[]>;
  show(name: string): Promise<AccountView>;
  /** Obtains a token now. Throws SNAP_ACCOUNT_* when a person must act. */
  authorize(name: string): Promise<AccountView>;
  /** Makes the account type's test call. Throws what went wrong. */
  test(name: string): Promise<AccountTest>;
  remove(name: string): Promise<{ readonly isRevoked: boolean }>;
}

// ---- checks ----

export interface CheckOptions {
  /** Names of accounts by the account ids that the pipeline uses. */
  readonly accounts?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface PipelineCheck {
  readonly file: string;
  readonly pipeline: string;
  readonly faults: readonly Fault[];
}

export interface LockedPipeline {
  readonly file: string;
  readonly lockFile: string;
  readonly pipeline: string;
  /** Versions by the names of packs. */
  readonly packs: Readonly<Record<string, string>>;
  /** How many parts of packs were pinned. */
  readonly parts: number;
}

export interface PipelineRequests {
  readonly file: string;
  readonly pipeline: string;
  readonly requests: readonly (PlannedRequest & {
    readonly id: string;
    readonly snap: string;
    readonly account: string;
  })[];
  /** Scopes by the name of the account that needs them. */
  readonly scopes: Readonly<Record<string, readonly string[]>>;
}

// ---- saved pipelines ----

export interface SavedPipeline {
  readonly name: string;
  readonly version: number;
  /** The newest version. */
  readonly newest: number;
  /** As it stands in a file. */
  readonly pipeline: JsonObject;
  /** Where the designer shows its snaps. */
  readonly layout: JsonObject;
  /** ISO 8601. */
  readonly updatedAt: string;
}

/** Pipelines that are built on the web page. A pipeline may be saved with faults; it cannot be run with them. */
export interface SavedPipelines {
  list(): Promise<readonly SavedPipeline[]>;
  /** Throws SNAP_PIPELINE_NOT_FOUND. */
  show(name: string, version?: number): Promise<SavedPipeline>;
  /** Adds a version when the pipeline changed. Throws SNAP_PIPELINE_INVALID for a wrong name, SNAP_PIPELINE_STALE when somebody else saved. */
  save(save: PipelineSave): Promise<SavedPipeline>;
  versions(
    name: string,
  ): Promise<readonly { readonly version: number; readonly savedAt: string; readonly snaps: number }[]>;
  /** Throws SNAP_PIPELINE_NOT_FOUND. */
  remove(name: string): Promise<void>;
}

export interface PipelineSave {
  readonly name: string;
  readonly pipeline: JsonObject;
  readonly layout?: JsonObject;
  /** The newest version that the writer knew; 0 for a new pipeline. */
  readonly basedOn: number;
}

// ---- keys and health ----

export interface Keys {
  /** Seals everything anew under a new key. */
  rotate(newKeyText?: string): Promise<KeyRotation>;
  /** Opens everything sealed and says what does not open. */
  verify(): Promise<KeyVerification>;
}

export interface Finding {
  readonly name: string;
  readonly isGood: boolean;
  readonly value: string;
  readonly resolution: string;
}

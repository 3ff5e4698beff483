// The contract of the host: what commands, routes and users of the library can ask of it. Types only.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { ErrorBody, Fault } from '../errors.ts';
import type { PlannedRequest } from '../snap/index.ts';
import type { AccountView, KeyRotation, KeyVerification } from '../vault/contract.ts';
import type { Authorizations } from './authorization-contract.ts';
import type { HostConfig } from './config.ts';
import type { Cursors } from './cursors.ts';
import type { PipelineImport } from './import-contract.ts';
import type { OutputFile, RunDefinition, RunListing, RunState, RunSummary } from './run-contract.ts';
import type { Schedules } from './schedule-contract.ts';

export type { AccountView, KeyRotation, KeyVerification } from '../vault/contract.ts';
export type * from './authorization-contract.ts';
export type * from './import-contract.ts';
export type * from './run-contract.ts';
export type * from './schedule-contract.ts';

export interface Host {
  readonly config: HostConfig;
  readonly catalog: Catalog;
  readonly accounts: Accounts;
  readonly authorizations: Authorizations;
  readonly runs: Runs;
  readonly cursors: Cursors;
  readonly pipelines: SavedPipelines;
  readonly schedules: Schedules;
  readonly keys: Keys;
  /** All faults of a pipeline, with nothing sent. Throws SNAP_PIPELINE_NOT_FOUND when the file cannot be read. */
  checkPipeline(file: string, options?: CheckOptions): Promise<PipelineCheck>;
  /** All faults of a pipeline that is in no file; its accounts are looked up in the store. */
  checkDraft(pipeline: JsonObject, options?: CheckOptions): Promise<readonly Fault[]>;
  /** A pipeline made of an .slp file. Throws SNAP_PIPELINE_NOT_FOUND, SNAP_PIPELINE_INVALID. */
  importPipeline(file: string): PipelineImport;
  /** The requests that a pipeline means, with the scopes they need; nothing is sent. Throws SNAP_PIPELINE_INVALID. */
  planRequests(file: string, options?: CheckOptions): Promise<PipelineRequests>;
  /** Checks a pipeline and starts it. Throws SNAP_PIPELINE_INVALID with every fault before anything is sent. */
  startRun(request: RunRequest): Promise<RunHandle>;
  /** Sends error documents back into the snaps they failed in, in a run of their own. Throws SNAP_RUN_NOT_FOUND, SNAP_USAGE, SNAP_PIPELINE_INVALID. */
  replayRun(request: ReplayRequest): Promise<RunHandle>;
  /** Runs a bounded sample with no effect outside and no trace in the history. Throws SNAP_PIPELINE_INVALID. */
  preview(request: PreviewRequest): Promise<Preview>;
  /** Evaluates an expression for documents, each on its own. Throws SNAP_EXPRESSION_INVALID. */
  evaluate(request: EvaluateRequest): Promise<readonly Evaluation[]>;
  /** Checks the machine, the store, the key, the clock and the accounts. */
  inspect(): Promise<readonly Finding[]>;
  /** Whether the store answers. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

// ---- catalog ----

export interface PackView {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly description: string;
  readonly snaps: number;
  readonly resources: number;
}

/** An account type with what a form needs. */
export interface AccountTypeView {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly pack: string;
  readonly documentation: string | null;
  readonly grants: readonly string[];
  /** The settings schema. */
  readonly settings: JsonObject;
}

export interface SnapView {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly accountTypes: readonly string[];
}

export interface ResourceView {
  readonly key: string;
  readonly title: string;
  readonly pack: string;
  readonly listable: boolean;
  readonly calls: number;
}

/** What the packs offer. */
export interface Catalog {
  packs(): readonly PackView[];
  /** The account types that can be stored. */
  accountTypes(): readonly AccountTypeView[];
  snaps(): readonly SnapView[];
  /** One snap with its settings schema, views and filter operators. Throws SNAP_PACK_NOT_FOUND naming near ids. */
  snap(id: string): JsonObject;
  resources(): readonly ResourceView[];
  /** One resource with its calls, scopes and record schema. Throws SNAP_PACK_NOT_FOUND. */
  resource(key: string): JsonObject;
  /** The schema of an object that records refer to (`x-ref`). Throws SNAP_PACK_NOT_FOUND. */
  object(pack: string, name: string): JsonObject;
  /** Checks one pack folder. Throws SNAP_PACK_INVALID with every fault. */
  checkPack(directory: string): Promise<PackView>;
  /** The reference page of a pack folder, in Markdown. Throws SNAP_PACK_INVALID. */
  packPage(directory: string): Promise<{ readonly name: string; readonly page: string }>;
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

// ---- runs ----

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

export interface RunRequest extends CheckOptions {
  /** The pipeline's file, or the pipeline itself; a resumed run that names neither runs what it ran before. */
  readonly file?: string;
  readonly pipeline?: JsonObject;
  /** The id of a fresh run, a UUID; chosen when left out. */
  readonly runId?: string;
  readonly outputDirectory: string;
  readonly allowPaths?: boolean;
  /** The run to go on with, from its last checkpoint. */
  readonly resume?: string;
  /** Told about progress, at most ten times a second. */
  readonly onProgress?: (progress: RunProgress) => void;
  /** Told each line of a snap that logs documents. */
  readonly onLog?: (line: string) => void;
}

export interface ReplayRequest extends Pick<RunRequest, 'allowPaths' | 'onProgress' | 'onLog'> {
  /** The run that the documents failed in. */
  readonly runId: string;
  /** The id of the replay, a UUID; chosen when left out. */
  readonly replayId?: string;
  /** Error documents, mended; those that the run kept when left out. */
  readonly documents?: readonly JsonObject[];
  /** Where files go; a folder of its own in the first run's when left out, for that run's files are whole. */
  readonly outputDirectory?: string;
}

export interface RunProgress {
  readonly runId: string;
  /** Documents that sources have read. */
  readonly read: number;
  /** Documents that destinations have taken. */
  readonly written: number;
  readonly errors: number;
  /** How many documents the sources expect in all; undefined while unknown. */
  readonly expected: number | undefined;
  readonly elapsedMs: number;
  /** The rows of the run report as they are now. */
  readonly snaps: readonly JsonObject[];
}

export interface PreviewRequest extends CheckOptions {
  /** The pipeline's file, or the pipeline itself. */
  readonly file?: string;
  readonly pipeline?: JsonObject;
  /** Where relative paths of reading snaps begin; a folder of its own when left out. */
  readonly outputDirectory?: string;
  readonly allowPaths?: boolean;
  /** Told each line of a snap that logs documents. */
  readonly onLog?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Documents at most of each snap. */
  readonly documentsMax: number;
}

export interface Preview {
  readonly report: RunReport;
  /** The first documents that each snap gave, by the snap's id. */
  readonly samples: Readonly<Record<string, readonly JsonObject[]>>;
}

export interface EvaluateRequest {
  readonly expression: string;
  readonly documents: readonly JsonObject[];
  readonly parameters: JsonObject;
}

/** The value for one document; both are absent when the expression gives nothing. */
export interface Evaluation {
  readonly value?: JsonValue;
  readonly error?: ErrorBody;
}

export interface RunHandle {
  readonly runId: string;
  /** Resolves with the report when the run has ended, however it ended. Rejects only for a fault of the host itself. */
  readonly finished: Promise<RunReport>;
  /** Stops the run cleanly at its last checkpoint, so that it can be resumed. */
  stop(): void;
}

export interface RunReport {
  readonly runId: string;
  readonly pipeline: string;
  readonly state: RunState;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly attempt: number;
  readonly parameters: JsonObject;
  readonly snaps: readonly JsonObject[];
  readonly outputs: readonly JsonObject[];
  /** Why the run ended; `snap` is the one that failed. */
  readonly error?: ErrorBody & { readonly snap?: string };
}

export interface Runs {
  /** Newest first. */
  list(listing: RunListing): Promise<readonly RunSummary[]>;
  /** The names of pipelines that runs are kept of, by name. */
  pipelines(): Promise<readonly string[]>;
  /** Asks a run to stop at its last checkpoint, whatever process it is in; one whose process is gone is stopped at once. Throws SNAP_RUN_NOT_FOUND. */
  stop(runId: string): Promise<RunState>;
  /** Where the file of an output is. Throws SNAP_RUN_NOT_FOUND, and SNAP_FILE_FAILED when it is a file no longer. */
  output(runId: string, index: number): Promise<OutputFile>;
  /** What a run was started from, for running it again. */
  definition(runId: string): Promise<RunDefinition>;
  /** Throws SNAP_RUN_NOT_FOUND. */
  show(runId: string): Promise<RunReport>;
  /** Error documents of a run in the order they came. Throws SNAP_RUN_NOT_FOUND. */
  errors(runId: string, page: { readonly after?: number; readonly limit: number }): Promise<readonly JsonObject[]>;
  /** Writes of which nobody knows whether they took effect. Throws SNAP_RUN_NOT_FOUND. */
  undecided(runId: string): Promise<readonly UndecidedWriteView[]>;
  /** Takes a person's word about one of them. Throws SNAP_RUN_NOT_FOUND, SNAP_WRITE_NOT_FOUND, SNAP_LEASE_LOST while the run is under way. */
  decide(runId: string, decision: WriteDecision): Promise<void>;
}

export interface UndecidedWriteView {
  readonly id: string;
  readonly snap: string;
  readonly write: number;
  /** Method and path with query. */
  readonly request: string;
  /** The values of the record's natural key, as JSON. */
  readonly key: string | null;
  readonly attempts: number;
  /** The exact body that was sent. */
  readonly body: string | null;
}

export interface WriteDecision {
  readonly snap: string;
  readonly write: number;
  readonly isDone: boolean;
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

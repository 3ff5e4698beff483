// The contract of runs: starting, previewing, following and looking them up. Types only.

import type { JsonObject, JsonValue } from '../document/json.ts';
import type { ErrorBody } from '../errors.ts';
import type { AfterCrash, RunLimits } from '../pipeline/plan.ts';
import type { RunPoint } from '../store/contract.ts';
import type { CheckOptions } from './host.ts';
import type { RunLogPage } from './run-log-contract.ts';

export type { RunLimits } from '../pipeline/plan.ts';
export type { RunPoint } from '../store/contract.ts';

export type RunState = 'queued' | 'running' | 'stopping' | 'completed' | 'failed' | 'stopped';

export interface RunSummary {
  readonly id: string;
  readonly runId: string;
  readonly pipeline: string;
  readonly state: RunState;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** Documents that sources have read. */
  readonly read: number;
  readonly errors: number;
  /** The message of the error that ended it. */
  readonly failure: string | null;
  /** The run that started it; null for one that somebody started. */
  readonly parent: string | null;
  /** The snap of that run which started it; null for a run of the error pipeline. */
  readonly parentSnap: string | null;
  /** How many runs it started. */
  readonly children: number;
  /** The run whose error documents it sent back in. */
  readonly replayOf: string | null;
  /** The machine and process that run it now; null when none does. */
  readonly heldBy: string | null;
}

export interface RunListing {
  readonly limit: number;
  /** The id of the last run of the page before. */
  readonly before?: string;
  readonly pipeline?: string;
  readonly state?: RunState;
  /** Runs that were started at this moment or later, ISO 8601. */
  readonly since?: string;
  /** Runs that were started before this moment, ISO 8601. */
  readonly until?: string;
  /** Runs that this run started; without it only runs that somebody started are listed. */
  readonly parent?: string;
  /** Runs that sent error documents of this run back in. */
  readonly replayOf?: string;
}

export interface OutputFile {
  readonly path: string;
  /** The file's name without folders. */
  readonly name: string;
  readonly bytes: number;
}

export interface RunDefinition {
  /** The pipeline itself; null when it came from a file. */
  readonly pipeline: JsonObject | null;
  readonly file: string | null;
  readonly accounts: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface RunRequest extends CheckOptions {
  /** The pipeline's file, or the pipeline itself; a resumed run that names neither runs what it ran before. */
  readonly file?: string;
  readonly pipeline?: JsonObject;
  /** The id of a fresh run, a UUID; chosen when left out. */
  readonly runId?: string;
  readonly outputDirectory: string;
  readonly allowPaths?: boolean;
  /** What becomes of the run if its process dies; left out, what the pipeline says, else the host's configuration. */
  readonly afterCrash?: AfterCrash;
  /** Bounds of this run in place of the pipeline's own. */
  readonly limits?: RunLimits;
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
  /** The same by the view that they left by, as SNAP.VIEW, and in SNAP.error those that failed. */
  readonly views: Readonly<Record<string, readonly JsonObject[]>>;
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
  /** Whether it was handed to workers; `finished` then resolves at once, with a report that says so. */
  readonly isQueued: boolean;
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
  readonly error?: ErrorBody & { readonly snap?: string; readonly original?: JsonObject };
  /** The run that started it. */
  readonly parent?: string;
  /** The snap of that run which started it; left out for a run of the error pipeline. */
  readonly parentSnap?: string;
  /** How many runs it started. */
  readonly children?: number;
  /** The run whose error documents it sent back in. */
  readonly replayOf?: string;
  /** How many runs sent its error documents back in. */
  readonly replays?: number;
  /** The machine and process that run it now. */
  readonly heldBy?: string;
  /** The run of the error pipeline that followed last. */
  readonly errorRun?: { readonly runId: string; readonly state: RunState };
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
  /** The points of a run's plots, from zero to its end, at most 240. Throws SNAP_RUN_NOT_FOUND. */
  points(runId: string): Promise<readonly RunPoint[]>;
  /** Error documents of a run in the order they came. Throws SNAP_RUN_NOT_FOUND. */
  errors(runId: string, page: { readonly after?: number; readonly limit: number }): Promise<readonly JsonObject[]>;
  /** The log of a run in order, behind entry `after`. Throws SNAP_RUN_NOT_FOUND. */
  log(runId: string, page: { readonly after?: number; readonly limit: number }): Promise<RunLogPage>;
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

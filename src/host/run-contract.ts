// The contract of the history of runs: what a list shows, and what a run was started from. Types only.
import type { JsonObject } from '../document/json.ts';

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
  /** The run whose error documents it sent back in; null for a run of its own. */
  readonly replayOf: string | null;
}

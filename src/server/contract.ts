// The bodies of the HTTP API that are not the host's own views. Types only: the page and the routes share them.
import type { JsonObject } from '../document/json.ts';
import type { RunState, RunSummary } from '../host/host.ts';

/** One page of the history, newest first. */
export interface RunPage {
  readonly runs: readonly RunSummary[];
  /** What asks for the next page; null at the end. */
  readonly next: string | null;
}

/** What a run is started from: a pipeline of the store by its name, or a pipeline as it stands in the request. */
export interface StartRun {
  readonly pipeline?: string | JsonObject;
  /** Names of accounts by the account ids that the pipeline uses. */
  readonly accounts?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, string>>;
  /** A run to go on with from its last checkpoint, in place of a fresh one. */
  readonly resume?: string;
}

/** Error documents that go back in, mended or not; all that the run kept when left out. */
export interface ReplayRun {
  readonly documents?: readonly JsonObject[];
}

export interface SavedPipelineView {
  readonly name: string;
  readonly description: string;
  /** Counted from 1; the newest in a list. */
  readonly version: number;
  readonly snaps: number;
  /** Names of the accounts that its snaps use. */
  readonly accounts: readonly string[];
  readonly updatedAt: string;
}

export interface SavedPipeline extends SavedPipelineView {
  readonly newest: number;
  /** The pipeline as it stands in a file. */
  readonly pipeline: JsonObject;
  /** Where the designer shows its snaps; kept apart, so that a file holds no positions. */
  readonly layout: JsonObject;
}

export interface PipelineVersion {
  readonly version: number;
  readonly savedAt: string;
  readonly snaps: number;
}

/**
 * An event of a run's stream: `progress` while it works, `log` for a line, `report` when its state changes, `end` last. A run of
 * another process has reports alone, one whenever its counts change.
 */
export interface RunEvent {
  readonly id: number;
  readonly type: 'progress' | 'log' | 'report';
  readonly data: JsonObject;
}

/** The data of a `progress` event. */
export interface RunProgressData {
  readonly at: string;
  readonly state: RunState;
  readonly elapsedMs: number;
  readonly read: number;
  readonly written: number;
  readonly errors: number;
  readonly expected: number | null;
  /** Rows of the run report as they are now. */
  readonly snaps: readonly JsonObject[];
}

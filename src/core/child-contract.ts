// The contract between core.pipeline and whoever runs pipelines for it. Types only.
import type { Batch } from '../document/document.ts';
import type { JsonObject } from '../document/json.ts';
import type { SnapError } from '../errors.ts';
import type { SnapTraffic } from '../snap/executor.ts';

/** One run that a snap asks for. */
export interface ChildRequest {
  readonly snapId: string;
  /** Names the run within those of the snap: asked for again, the same run goes on, or is given as it ended. */
  readonly sequence: number;
  /** Tells the same document when it comes again after a resume. */
  readonly hash: string;
  readonly parameters: JsonObject;
  /** JSON text of the document, for the child's open input; undefined when the snap has no input. */
  readonly text: string | undefined;
  /** Whether the documents that leave the child are wanted. */
  readonly isCollected: boolean;
  readonly signal: AbortSignal;
}

export interface ChildResult {
  readonly runId: string;
  readonly pipeline: string;
  readonly state: 'completed' | 'failed' | 'stopped';
  /** Why it failed. */
  readonly error: SnapError | undefined;
  /** Documents that its sources gave, that its destinations took, and that failed. */
  readonly read: number;
  readonly written: number;
  readonly errors: number;
  readonly outputs: readonly JsonObject[];
  readonly traffic: SnapTraffic;
  /** What left by its open outputs, when that was wanted. */
  documents(): AsyncIterable<Batch>;
}

/** A run that was begun before this process. */
export interface EarlierChild {
  readonly sequence: number;
  readonly hash: string;
}

export interface ChildRunner {
  /** Runs of a snap behind a sequence, in order. */
  earlier(snapId: string, after: number): Promise<readonly EarlierChild[]>;
  /** Runs a child to its end, or gives it as it ended. Throws SNAP_PIPELINE_INVALID when a value is not what its parameter says. */
  run(request: ChildRequest): Promise<ChildResult>;
  /** The runs of a snap are not needed any more: its own run has completed. */
  forget(snapId: string): Promise<void>;
}

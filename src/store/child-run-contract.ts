// Runs that another run started, as the store keeps them. Types only.
import type { Lease } from './contract.ts';

/** The run that started a run, and which of its runs this is. */
export interface RunParent {
  readonly runId: string;
  /** The snap that started it, or `errorPipelineSnap`. */
  readonly snapId: string;
  /** Grows with the runs of one snap. */
  readonly sequence: number;
  /** Tells the document that it was started for. */
  readonly hash: string;
}

export interface RunParentInsert extends RunParent {
  /** The lease of the run that starts it: one that was outlived starts nothing. */
  readonly lease: Lease;
}

/** Stands in the place of a snap for runs of the error pipeline; no snap has such an id. */
export const errorPipelineSnap = 'error:pipeline';

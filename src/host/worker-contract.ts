// The contract of workers: taking runs that wait, until told to end. Types only.
import type { RunState } from './host.ts';

export interface WorkOptions {
  /** Runs at once. */
  readonly concurrency: number;
  /** How long runs under way may go on after `close`, in ms; then each stops at its last checkpoint and waits for another worker. */
  readonly graceMs: number;
  /** Told what the worker does. */
  readonly onEvent?: (event: WorkerEvent) => void;
}

export type WorkerEvent =
  | { readonly kind: 'taken'; readonly runId: string; readonly pipeline: string; readonly attempt: number }
  /** `state` is `queued` for a run that was given back. */
  | { readonly kind: 'ended'; readonly runId: string; readonly pipeline: string; readonly state: RunState }
  /** The store or the queue does not answer; it is asked again. */
  | { readonly kind: 'waiting'; readonly reason: string };

export interface Worker {
  /** How it is called where it holds a run. */
  readonly name: string;
  /** Runs under way. */
  readonly active: number;
  /** Takes no more runs, gives those under way their grace, and gives back what is left. */
  close(): Promise<void>;
}

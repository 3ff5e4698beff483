// The log of a run as the store keeps it. Types only.
import type { JsonObject } from '../document/json.ts';
import type { Lease } from './contract.ts';

export type RunLogLevel = 'info' | 'warning' | 'error';

export interface RunLogInsert {
  /** By the host's clock, ms since the epoch. */
  readonly at: number;
  readonly level: RunLogLevel;
  /** What kind of thing happened; scripts go by it. */
  readonly event: string;
  /** Null for what concerns the whole run. */
  readonly snapId: string | null;
  readonly message: string;
  /** Numbers and names of the entry; null when there are none. */
  readonly details: JsonObject | null;
}

export interface RunLogRow extends RunLogInsert {
  /** Grows by one within a run. */
  readonly sequence: number;
}

export interface RunLogRows {
  /** Appends in order and drops the oldest beyond the bound; false when a later holder of the run exists. */
  append(lease: Lease, runId: string, entries: readonly RunLogInsert[]): Promise<boolean>;
  list(runId: string, page: { readonly after?: number; readonly limit: number }): Promise<readonly RunLogRow[]>;
  /** The first sequence that is still kept; undefined when the log is empty. */
  first(runId: string): Promise<number | undefined>;
}

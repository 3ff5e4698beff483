// What is kept of a run whose process has died before, until it has ended. Types only.
import type { JsonObject } from '../document/json.ts';
import type { Lease } from './contract.ts';

export interface CareRow {
  /** What is known from the deaths until now. */
  readonly care: JsonObject;
  /** What was put down last; null when nothing was in hand. */
  readonly inHand: JsonObject | null;
}

export interface CareRows {
  read(runId: string): Promise<CareRow | undefined>;
  /** Replaces what is known, with nothing in hand; false when a later holder of the run exists. */
  put(lease: Lease, runId: string, care: JsonObject): Promise<boolean>;
  /**
   * Puts down what is in hand of a run that has a row. When it resolves this survives the death of the process, not a power
   * cut: it costs a tenth of what a checkpoint does. False when a later holder of the run exists.
   */
  hold(lease: Lease, runId: string, inHand: JsonObject | null): Promise<boolean>;
}

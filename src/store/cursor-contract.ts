// What snaps of a pipeline leave for its next run, as the store keeps it. Types only.
import type { JsonValue } from '../document/json.ts';

/** What the snaps of one pipeline left for its next run. */
export interface CursorChange {
  readonly pipeline: string;
  readonly cursors: readonly (Pick<CursorRow, 'snapId' | 'value'> & {
    /** The version that the run began with; 0 for none. A cursor that another run has moved meanwhile stays as it is. */
    readonly fromVersion: number;
  })[];
}

export interface CursorRow {
  readonly pipeline: string;
  readonly snapId: string;
  readonly value: JsonValue;
  /** Counts the changes. */
  readonly version: number;
  readonly updatedAt: string;
}

export interface CursorRows {
  /** All by pipeline and snap, or those of one pipeline. */
  list(pipeline?: string): Promise<readonly CursorRow[]>;
  /** Makes the next run begin anew; gives how many cursors there were. */
  remove(pipeline: string, snapId?: string): Promise<number>;
}

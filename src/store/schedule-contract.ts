// What the store keeps of pipelines that run at set times. Types only.
import type { JsonObject } from '../document/json.ts';

/** When a pipeline runs by itself. Times are ms since the epoch by the database's clock. */
export interface ScheduleRow {
  readonly name: string;
  /** What is run: file, accounts, parameters, directories. */
  readonly definition: JsonObject;
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
  /** `once`: ticks that were missed count as one; `skip`: they are left out. */
  readonly misfire: 'once' | 'skip';
  /** Whether a tick starts a run while the one before is still under way. */
  readonly mayOverlap: boolean;
  /** A paused schedule starts nothing; ticks of the pause are not made up for. */
  readonly isPaused: boolean;
  /** The next tick; null when there is none any more, or while it is paused. */
  readonly nextAt: number | null;
  readonly lastRunId: string | null;
  /** What came of the last tick, in words. */
  readonly lastOutcome: string;
}

export type ScheduleChange = Partial<Omit<ScheduleRow, 'name' | 'lastRunId' | 'lastOutcome'>>;

export interface ScheduleRows {
  /** False when the name is taken. */
  add(schedule: Omit<ScheduleRow, 'lastRunId' | 'lastOutcome'>): Promise<boolean>;
  find(name: string): Promise<ScheduleRow | undefined>;
  /** All by name. */
  list(): Promise<readonly ScheduleRow[]>;
  /** Replaces what is given; false when there is no schedule of that name. */
  change(name: string, change: ScheduleChange): Promise<boolean>;
  remove(name: string): Promise<boolean>;
  /** Takes one tick for this host alone: moves `nextAt` on from the value that was read; false when another host was first. */
  claim(name: string, tick: { readonly dueAt: number; readonly nextAt: number | null }): Promise<boolean>;
  /** Notes what came of a tick. */
  note(name: string, outcome: { readonly runId: string | null; readonly text: string }): Promise<void>;
}

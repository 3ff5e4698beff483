// The contract of schedules. Types only.
import type { AfterCrash } from '../pipeline/plan.ts';

export interface ScheduleInput {
  readonly name: string;
  /** The pipeline's file; or `saved`, the name of a pipeline in the store, whose newest version runs at each tick. */
  readonly file?: string;
  readonly saved?: string;
  /** Names of accounts by the account ids that the pipeline uses. */
  readonly accounts?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Five fields, or six with seconds first. */
  readonly cron: string;
  /** IANA name; UTC when left out. */
  readonly timeZone?: string;
  /** What becomes of ticks while no host was up: one run for all (`once`, the default), or none. */
  readonly misfire?: 'once' | 'skip';
  /** Whether a run may start while the one before is under way; false when left out. */
  readonly mayOverlap?: boolean;
  /** Where relative file paths begin; a folder of the schedule in the data directory when left out. */
  readonly outputDirectory?: string;
  readonly allowPaths?: boolean;
  /** What becomes of a run whose process died; left out, what the pipeline says, else the host's configuration. */
  readonly afterCrash?: AfterCrash;
}

/** What may be changed of a schedule; what is left out stays. */
export interface ScheduleChange
  extends Partial<Pick<ScheduleInput, 'cron' | 'timeZone' | 'misfire' | 'mayOverlap' | 'parameters'>> {
  /** A paused schedule starts nothing, and nothing is made up for afterwards. */
  readonly isPaused?: boolean;
}

export interface ScheduleView {
  readonly name: string;
  /** Null for a saved pipeline. */
  readonly file: string | null;
  /** Null for a file. */
  readonly saved: string | null;
  readonly cron: string;
  readonly timeZone: string;
  readonly misfire: 'once' | 'skip';
  readonly mayOverlap: boolean;
  readonly parameters: Readonly<Record<string, string>>;
  readonly isPaused: boolean;
  /** ISO 8601; null when there is no further tick, or while it is paused. */
  readonly nextAt: string | null;
  readonly lastRunId: string | null;
  /** What came of the last tick, in words. */
  readonly lastOutcome: string;
}

export interface Schedules {
  /** Checks the pipeline and adds the schedule. Throws SNAP_SCHEDULE_INVALID, SNAP_PIPELINE_INVALID. */
  add(input: ScheduleInput): Promise<ScheduleView>;
  /** Changes, pauses or goes on. Throws SNAP_SCHEDULE_INVALID, SNAP_PIPELINE_INVALID; the schedule is then as it was. */
  change(name: string, change: ScheduleChange): Promise<ScheduleView>;
  list(): Promise<readonly ScheduleView[]>;
  /** The next ticks of a pattern, ISO 8601. Throws SNAP_SCHEDULE_INVALID. */
  ticks(cron: string, timeZone: string): Promise<readonly string[]>;
  /** Throws SNAP_SCHEDULE_INVALID when there is none of that name. */
  remove(name: string): Promise<void>;
  /** Starts what is due from now on, and removes old runs, until the host is closed. */
  start(): Promise<void>;
}

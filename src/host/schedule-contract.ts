// The contract of schedules. Types only.

export interface ScheduleInput {
  readonly name: string;
  readonly file: string;
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
  readonly outputDirectory: string;
  readonly allowPaths?: boolean;
}

export interface ScheduleView {
  readonly name: string;
  readonly file: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly misfire: 'once' | 'skip';
  readonly mayOverlap: boolean;
  /** ISO 8601; null when there is no further tick. */
  readonly nextAt: string | null;
  readonly lastRunId: string | null;
  /** What came of the last tick, in words. */
  readonly lastOutcome: string;
}

export interface Schedules {
  /** Checks the pipeline and adds the schedule. Throws SNAP_SCHEDULE_INVALID, SNAP_PIPELINE_INVALID. */
  add(input: ScheduleInput): Promise<ScheduleView>;
  list(): Promise<readonly ScheduleView[]>;
  /** Throws SNAP_SCHEDULE_INVALID when there is none of that name. */
  remove(name: string): Promise<void>;
  /** Starts what is due from now on, and removes old runs, until the host is closed. */
  start(): Promise<void>;
}

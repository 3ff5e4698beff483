// One point of a run's plots as the store keeps it. Types only.

/** How far a run was: totals of all its snaps. */
export interface RunPoint {
  /** Time that the run had worked until then; over a resume it goes on where the work does. */
  readonly seconds: number;
  /** Documents that sources had read. */
  readonly read: number;
  /** Documents that destinations had taken. */
  readonly written: number;
  readonly errors: number;
  readonly requests: number;
  /** Time that requests had waited for the rate limit, all together. */
  readonly throttledMs: number;
}

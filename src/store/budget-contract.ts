// The contract of budget rows. Types only.

export interface BudgetRows {
  /**
   * Puts requests into the bucket of a tenant, each of which fills it for `intervalMs`. Gives how long it takes, in ms, until what was
   * in it before has drained; 0 when it was empty.
   */
  fill(key: string, requests: number, intervalMs: number): Promise<number>;
  /** Keeps the bucket filled for this long at least. */
  pause(key: string, delayMs: number): Promise<void>;
}

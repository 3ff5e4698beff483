// Owns what this process counts of its requests and renewals, and telling runs that an account of theirs was renewed.
import type { SnapError } from '../errors.ts';
import type { HttpEvent } from '../http/contract.ts';

/** Since the process started. */
export interface ActivityCounts {
  readonly requests: number;
  readonly retries: number;
  /** Waited for rate limits, in ms, over all requests. */
  readonly throttledMs: number;
  /** Requests that far sides refused for their rate (429). */
  readonly refusals: number;
  readonly renewals: number;
  readonly renewalFailures: number;
  /** How late the last tick of a schedule was taken here, in ms. */
  readonly scheduleLagMs: number;
}

type RenewalListener = (account: string, error: SnapError | undefined) => void;

export class Activity {
  readonly #counts = {
    requests: 0,
    retries: 0,
    throttledMs: 0,
    refusals: 0,
    renewals: 0,
    renewalFailures: 0,
    scheduleLagMs: 0,
  };
  readonly #listeners = new Set<RenewalListener>();

  get counts(): ActivityCounts {
    return { ...this.#counts };
  }

  request(event: HttpEvent): void {
    if (event.kind === 'sent') this.#counts.requests += 1;
    else if (event.kind === 'throttled') this.#counts.throttledMs += event.waitedMs;
    else if (event.kind !== 'down' && event.kind !== 'up') this.#counts.retries += 1;
    if (event.kind === 'refused') this.#counts.refusals += 1;
  }

  tick(lateMs: number): void {
    this.#counts.scheduleLagMs = lateMs;
  }

  renewal(account: string, error: SnapError | undefined): void {
    if (error === undefined) this.#counts.renewals += 1;
    else this.#counts.renewalFailures += 1;
    for (const listener of this.#listeners) listener(account, error);
  }

  /** Tells of renewals until the function that it gives is called. */
  onRenewal(listener: RenewalListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

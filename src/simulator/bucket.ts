// Owns the rate limit of the instance: a leaky bucket, 25 requests a second with a burst of 20 unless told otherwise.

/** The size of the bucket. */
export interface BucketOptions {
  /** How many requests leak out in a second; 0 means no limit. */
  readonly ratePerSecond: number;
  /** How many requests the bucket holds. */
  readonly burst: number;
  /** Gives the time in milliseconds. */
  readonly now: () => number;
}

/** Takes requests until it is full. */
export class Bucket {
  readonly #options: BucketOptions;
  #level = 0;
  #at: number;

  constructor(options: BucketOptions) {
    this.#options = options;
    this.#at = options.now();
  }

  /** Takes one request: 0 when there was room, else the milliseconds until there is. */
  take(): number {
    const { ratePerSecond, burst, now } = this.#options;
    if (ratePerSecond <= 0) return 0;
    const at = now();
    this.#level = Math.max(0, this.#level - (Math.max(0, at - this.#at) * ratePerSecond) / 1000);
    this.#at = at;
    // A little slack: levels are sums of fractions, and a full bucket must not refuse for the last bit.
    if (this.#level + 1 > burst + 1e-9) return Math.ceil(((this.#level + 1 - burst) * 1000) / ratePerSecond);
    this.#level += 1;
    return 0;
  }

  reset(): void {
    this.#level = 0;
  }
}

// Owns one probe of a read by id windows: a run of pages by ascending id, each behind the last. Never emits.
import type { PageRecord } from './page.ts';

/** A promise that others settle. */
export interface Signal {
  readonly promise: Promise<void>;
  readonly raise: () => void;
}

export function createSignal(): Signal {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, raise: resolve };
}

/**
 * States: *asked* (its first page is under way, `first` unknown), *reading* (`first` known), *done* (`isDone`), *failed*
 * (`failure`). asked -> reading on a first page with records; asked -> done on an empty one (`first` is Infinity);
 * reading -> done when it has met the next probe, the end of the read, or an empty page. Any -> failed on an error.
 */
export class Probe {
  /** The expected rank (1 is the first record of the read) of its first record. Only a guess: records come and go. */
  readonly startRank: number;
  /** The first id that it saw: what the probe before it must reach. */
  first: number | undefined;
  /** The last id that it saw, and its rank by count. */
  last: number | undefined;
  rank: number;
  readonly pages: (readonly PageRecord[])[] = [];
  isDone = false;
  failure: unknown;

  constructor(startRank: number, last: number | undefined) {
    this.startRank = startRank;
    this.rank = startRank - 1;
    this.last = last;
  }

  /** Whether its first page had records. */
  get hasRecords(): boolean {
    return this.first !== undefined && this.first !== Number.POSITIVE_INFINITY;
  }

  /** Takes a page's records; an empty page ends the probe. */
  take(records: readonly PageRecord[]): void {
    const first = records[0]?.id;
    const last = records.at(-1)?.id;
    this.first ??= first ?? Number.POSITIVE_INFINITY;
    if (last === undefined) {
      this.isDone = true;
      return;
    }
    this.last = last;
    this.rank += records.length;
    this.pages.push(records);
  }
}

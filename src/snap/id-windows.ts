// Owns reading a whole resource by ascending id, several places at once, in order and exactly once. Knows no transport.
// The way of reading and why it loses nothing: docs/decisions/0008-reading-by-id-windows.md.
import { createSignal, Probe, type Signal } from './id-window-probe.ts';
import { askSoundPage, keysetFault, type Page, type PageRecord, pagesMax, pagingStuck } from './page.ts';

/** Asks for pages by ascending id; all pages of one read are under the same filters. */
export interface WindowSource {
  /** Up to `limit` records with ids above `after`, ascending, without the first `skip` of them. */
  window(request: WindowRequest): Promise<Page>;
  /** The one record with the highest id. */
  last(signal: AbortSignal): Promise<Page>;
}

export interface WindowRequest {
  readonly after: number | undefined;
  readonly skip: number;
  readonly limit: number;
  readonly signal: AbortSignal;
}

export interface IdWindowsOptions {
  readonly source: WindowSource;
  /** Reads behind this id: where an earlier read has stopped. */
  readonly after: number | undefined;
  readonly recordsPerPage: number;
  /** Requests under way at once; 1 where the far side cannot skip records. */
  readonly concurrency: number;
  /** The most records to give. */
  readonly limit?: number | undefined;
  readonly signal: AbortSignal;
  /** Told the expected number of records, better with every page. */
  readonly onEstimate?: (records: number) => void;
}

/** A probe runs over this many pages before it meets the next one; one record of them is read twice. */
const pagesPerProbeMax = 4;
/** Pages that a probe holds while those before it are not read; bounds memory with `probesPerSlot`. */
const pagesHeldMax = 2 * pagesPerProbeMax;
/** Probes in the chain, done or not, for each request that may be under way. */
const probesPerSlot = 2;

/** Gives the records of a resource page by page, strictly ascending by id. Throws SNAP_PAGING_STUCK and what the source throws. */
export async function* readIdWindows(options: IdWindowsOptions): AsyncGenerator<readonly PageRecord[]> {
  const reader = new IdWindowReader(options);
  try {
    yield* reader.read();
  } finally {
    await reader.stop();
  }
}

/**
 * A chain of probes. Each reads contiguously from its first id on and is done once it has reached the first id of the
 * next, so all of them together cover every id, wherever the guesses of rank have put them. What two have read is
 * given once: only ids above the last given one leave the chain.
 */
class IdWindowReader {
  readonly #options: IdWindowsOptions;
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  readonly #running = new Set<Promise<void>>();
  #chain: Probe[] = [];
  #changed: Signal = createSignal();
  /** The highest id when the read began; undefined while unknown, or when the far side contradicts itself. */
  #end: number | undefined;
  #emptyFromRank = Number.POSITIVE_INFINITY;
  #hasBegun = false;
  #pages = 0;
  #given: number | undefined;
  #count = 0;

  constructor(options: IdWindowsOptions) {
    this.#options = options;
    this.#given = options.after;
    this.#signal = AbortSignal.any([this.#abort.signal, options.signal]);
  }

  async *read(): AsyncGenerator<readonly PageRecord[]> {
    const { limit = Number.POSITIVE_INFINITY } = this.#options;
    const head = new Probe(1, this.#options.after);
    this.#chain.push(head);
    this.#start(head, () => this.#begin(head));
    for (;;) {
      this.#options.signal.throwIfAborted();
      const probe = this.#chain[0];
      if (probe === undefined) return;
      const page = probe.pages.shift();
      if (page !== undefined) {
        this.#raise();
        const records = this.#fresh(page).slice(0, limit - this.#count);
        if (records.length > 0) yield this.#give(records);
        if (this.#count >= limit || (this.#end !== undefined && (this.#given ?? 0) >= this.#end)) return;
        continue;
      }
      const failed = this.#chain.find((each) => each.failure !== undefined);
      if (failed !== undefined) throw failed.failure;
      if (probe.isDone) {
        this.#chain.shift();
        this.#raise();
        this.#launch();
      } else {
        await this.#changed.promise;
      }
    }
  }

  /** The records of a page that were not given yet and that were there when the read began. */
  #fresh(page: readonly PageRecord[]): readonly PageRecord[] {
    const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number;
    const above = this.#given ?? NEGATIVE_INFINITY;
    const upTo = this.#end ?? POSITIVE_INFINITY;
    return page.filter(({ id }) => id !== undefined && id > above && id <= upTo);
  }

  #give(records: readonly PageRecord[]): readonly PageRecord[] {
    this.#given = records.at(-1)?.id;
    this.#count += records.length;
    return records;
  }

  /** Ends all requests under way and waits for them. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#raise();
    await Promise.all(this.#running);
  }

  #start(probe: Probe, run: () => Promise<void>): void {
    const task = run()
      .catch((thrown: unknown) => {
        probe.failure = thrown;
      })
      .finally(() => {
        this.#running.delete(task);
        this.#raise();
      });
    this.#running.add(task);
  }

  /** The first page and the highest id, asked for together. */
  async #begin(head: Probe): Promise<void> {
    const { source, after } = this.#options;
    const [first, last] = await Promise.all([
      this.#ask(after, 0),
      askSoundPage(
        () => source.last(this.#signal),
        (page) => keysetFault(page, undefined),
      ),
    ]);
    const seen = first.records.at(-1)?.id ?? after;
    const end = last.records.at(-1)?.id;
    // A "highest" id below one just seen means that the order was not obeyed: then only an empty page is the end.
    this.#end = end !== undefined && seen !== undefined && end < seen ? undefined : end;
    this.#take(head, await this.#confirmed(head, first));
    this.#hasBegun = true;
    this.#estimate();
    this.#launch();
    await this.#go(head);
  }

  /** The records of a page; one that is empty before the known end may be a hiccup and is believed when said twice. */
  async #confirmed(probe: Probe, page: Page): Promise<readonly PageRecord[]> {
    const isEarly = page.records.length === 0 && this.#end !== undefined && !this.#hasReachedEnd(probe);
    return isEarly ? (await this.#ask(probe.last, 0)).records : page.records;
  }

  /** A probe's first page, reached from the nearest known id before it. */
  async #jump(probe: Probe, from: { readonly after: number | undefined; readonly skip: number }): Promise<void> {
    const page = await this.#ask(from.after, from.skip);
    this.#take(probe, page.records);
    if (probe.isDone) this.#emptyFromRank = Math.min(this.#emptyFromRank, probe.startRank);
    await this.#go(probe);
  }

  async #go(probe: Probe): Promise<void> {
    for (;;) {
      this.#signal.throwIfAborted();
      if (this.#isMet(probe)) probe.isDone = true;
      if (probe.isDone) break;
      if (this.#mustWait(probe)) {
        await this.#changed.promise;
        continue;
      }
      this.#take(probe, await this.#confirmed(probe, await this.#ask(probe.last, 0)));
      this.#estimate();
      this.#launch();
    }
    this.#launch();
  }

  /** Whoever waits is woken by news only: two that wake each other would keep the process from its sockets. */
  #take(probe: Probe, records: readonly PageRecord[]): void {
    probe.take(records);
    this.#raise();
  }

  #hasReachedEnd(probe: Probe): boolean {
    return this.#end !== undefined && probe.last !== undefined && probe.last >= this.#end;
  }

  #isMet(probe: Probe): boolean {
    if (probe.isDone || this.#hasReachedEnd(probe)) return true;
    // Only the first probe's rank is a count; behind it, a record may have been read twice.
    if (probe.startRank === 1 && probe.rank >= (this.#options.limit ?? Number.POSITIVE_INFINITY)) return true;
    const first = this.#next(probe)?.first;
    return first !== undefined && probe.last !== undefined && probe.last >= first;
  }

  /** Waits while the next probe's first id is on its way and this one has come as far as expected, or while it holds enough. */
  #mustWait(probe: Probe): boolean {
    if (probe.pages.length >= pagesHeldMax) return true;
    const next = this.#next(probe);
    return next !== undefined && next.first === undefined && next.failure === undefined && probe.rank >= next.startRank;
  }

  /** The probe behind this one; those that found nothing do not count. */
  #next(probe: Probe): Probe | undefined {
    const index = this.#chain.indexOf(probe);
    return this.#chain.slice(index + 1).find((other) => other.first !== Number.POSITIVE_INFINITY);
  }

  /** Starts probes behind the tail while requests are free and records are expected there. */
  #launch(): void {
    const { concurrency, recordsPerPage, limit = Number.POSITIVE_INFINITY } = this.#options;
    if (!this.#hasBegun || this.#signal.aborted) return;
    for (;;) {
      const active = this.#chain.filter((probe) => !probe.isDone && probe.failure === undefined).length;
      if (active === 0 || active >= concurrency || this.#chain.length >= concurrency * probesPerSlot) return;
      const tail = this.#chain.findLast((probe) => probe.first !== Number.POSITIVE_INFINITY);
      if (tail === undefined || this.#hasReachedEnd(tail)) return;
      const total = this.#total();
      const share = Math.ceil((total - tail.startRank) / recordsPerPage / concurrency);
      const pages = Math.max(1, Math.min(pagesPerProbeMax, share));
      // The first record of a probe is the expected last of the one before: meeting there proves that none is between.
      const startRank = Math.max(tail.startRank + pages * recordsPerPage - 1, tail.rank + recordsPerPage);
      if (startRank > Math.min(total, limit) || startRank >= this.#emptyFromRank) return;
      const anchor = this.#chain.findLast((probe) => probe.hasRecords && probe.rank < startRank);
      if (anchor === undefined) return;
      const probe = new Probe(startRank, undefined);
      this.#chain.push(probe);
      const from = { after: anchor.last, skip: startRank - anchor.rank - 1 };
      this.#start(probe, () => this.#jump(probe, from));
    }
  }

  async #ask(after: number | undefined, skip: number): Promise<Page> {
    const { source, recordsPerPage, limit = recordsPerPage } = this.#options;
    const request = { after, skip, limit: Math.min(recordsPerPage, limit), signal: this.#signal };
    this.#pages++;
    const page = await askSoundPage(
      () => source.window(request),
      (answer) => keysetFault(answer, after),
    );
    if (this.#pages > pagesMax) throw pagingStuck(page.name, `the read has taken ${pagesMax} pages and does not end`);
    return page;
  }

  /** The expected number of records from the ids seen so far; unbounded while the end is unknown. */
  #total(): number {
    const { after = 0 } = this.#options;
    const furthest = this.#chain.findLast((probe) => probe.hasRecords);
    if (this.#end === undefined || furthest?.last === undefined || furthest.last <= after)
      return Number.POSITIVE_INFINITY;
    const share = Math.max(1, (this.#end - after) / (furthest.last - after));
    return Math.round(furthest.rank * share);
  }

  #estimate(): void {
    const total = this.#total();
    if (Number.isFinite(total)) this.#options.onEstimate?.(Math.min(total, this.#options.limit ?? total));
  }

  #raise(): void {
    const raised = this.#changed;
    this.#changed = createSignal();
    raised.raise();
  }
}

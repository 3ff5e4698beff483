// Owns reading in a chosen order, page by page by offset, where ids give no way. Knows no transport.
import { askSoundPage, type Page, type PageRecord, pagesMax, pagingStuck, uncertainEnd } from './page.ts';

/** Where a read by offset stands: how many records are behind it, and the keys of the last ones. */
export interface OffsetPosition {
  readonly offset: number;
  readonly recent: readonly (number | string)[];
}

export interface OffsetPagesOptions {
  readonly ask: (offset: number) => Promise<Page>;
  readonly from: OffsetPosition | undefined;
}

export interface OffsetPage {
  readonly records: readonly PageRecord[];
  readonly position: OffsetPosition;
}

/** Keys remembered, so that a record which moves back in the order is given once. */
const keysRememberedMax = 200_000;
/** Keys kept in a position. */
const recentKeysMax = 20;
/** How far back a page is asked for to find the place again when records before it went away. */
const stepBackMax = 1024;
const stillPagesMax = 3;

/**
 * Gives records page by page. Each page is asked for with the last known record as its first: when it is not there,
 * records before it went away, and the place is looked for further back. Ends on an empty page only.
 * Throws SNAP_PAGING_STUCK when the place is lost or pages repeat.
 */
export async function* readOffsetPages(options: OffsetPagesOptions): AsyncGenerator<OffsetPage> {
  const seen = new Set<number | string>(options.from?.recent);
  let position = options.from?.offset ?? 0;
  let back = Math.min(1, position);
  let still = 0;
  for (let pages = 0; pages < pagesMax; pages++) {
    const offset = Math.max(0, position - back);
    const page = await askSoundPage(() => options.ask(offset), endFault);
    const [first] = page.records;
    const isInPlace = offset === 0 || back === 0 || (first !== undefined && seen.has(keyOf(first)));
    if (!isInPlace) {
      if (back >= stepBackMax)
        throw pagingStuck(page.name, `none of the last ${stepBackMax} records is where it was; the order has shifted`);
      back = Math.min(back * 4, stepBackMax);
      continue;
    }
    const fresh = page.records.filter((record) => !seen.has(keyOf(record)));
    position = offset + page.records.length;
    if (fresh.length > 0) {
      remember(seen, fresh);
      still = 0;
      back = 1;
      yield { records: fresh, position: { offset: position, recent: [...seen].slice(-recentKeysMax) } };
    } else if (page.records.length === 0) {
      return;
    } else if (++still === stillPagesMax) {
      throw pagingStuck(page.name, `${stillPagesMax} pages held nothing but records that were read before`);
    } else {
      // Only known records: the end is believed when the page right behind them is empty.
      back = 0;
    }
  }
}

const keyOf = ({ id, key, bytes }: PageRecord): number | string => id ?? key ?? bytes.toString();

const endFault = (page: Page) => (page.records.length === 0 && !page.isComplete ? uncertainEnd(page.name) : undefined);

function remember(seen: Set<number | string>, records: readonly PageRecord[]): void {
  for (const record of records) seen.add(keyOf(record));
  for (const key of seen) {
    if (seen.size <= keysRememberedMax) return;
    seen.delete(key);
  }
}

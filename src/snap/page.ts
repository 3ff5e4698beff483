// Owns what paging sees of an answer: records with their ids, in the order they came, and whether the answer was whole.
import { ExecutionError } from '../errors.ts';

/** One record of a page: its text in UTF-8, and its id where the resource has a number for one. */
export interface PageRecord {
  readonly id: number | undefined;
  /** What names the record where the id is a text. */
  readonly key?: string;
  readonly bytes: Buffer;
}

export interface Page {
  readonly records: readonly PageRecord[];
  /** False when the answer's end is not certain (no length, no last chunk): an empty one then proves nothing. */
  readonly isComplete: boolean;
  /** What was asked, for errors and lineage: path and query. */
  readonly name: string;
}

/** How often one page is asked for when its answer contradicts itself. */
export const pageAttemptsMax = 3;

/** No read takes more pages than this, whatever the far side answers. */
export const pagesMax = 20_000_000;

/** Asks until `fault` finds none; after `pageAttemptsMax` answers throws what it found. */
export async function askSoundPage(
  ask: () => Promise<Page>,
  fault: (page: Page) => ExecutionError | undefined,
): Promise<Page> {
  for (let attempt = 1; ; attempt++) {
    const page = await ask();
    const found = fault(page);
    if (found === undefined) return page;
    if (attempt === pageAttemptsMax) throw found;
  }
}

/** The error of a page that repeats itself, runs backwards or does not end. */
export function pagingStuck(page: string, reason: string): ExecutionError {
  return new ExecutionError('SNAP_PAGING_STUCK', `Reading stopped at the page ${page}.`, {
    reason,
    resolution: 'run again; if it stops at the same page, read with another order or report the answer to the far side',
  });
}

/** The error of an empty page whose end is not certain: believing it could lose records. */
export function uncertainEnd(page: string): ExecutionError {
  return new ExecutionError('SNAP_ANSWER_MALFORMED', `The end of the answer to ${page} is not certain.`, {
    reason: 'the answer is an empty list without a length, so it may have been cut short',
    resolution: 'resume the run; if it happens again, look for a proxy that removes the length of answers',
    retryable: true,
  });
}

/** Finds why a page by ascending id cannot be believed; undefined when it can. */
export function keysetFault(page: Page, after: number | undefined): ExecutionError | undefined {
  let previous = after ?? Number.NEGATIVE_INFINITY;
  for (const { id } of page.records) {
    if (id === undefined || !Number.isSafeInteger(id))
      return pagingStuck(page.name, 'a record has no whole number as id');
    if (id <= previous) {
      return pagingStuck(
        page.name,
        `id ${id} came after ${previous}; ids must ascend, so the page is repeated or out of order`,
      );
    }
    previous = id;
  }
  if (page.records.length === 0 && !page.isComplete) return uncertainEnd(page.name);
  return undefined;
}

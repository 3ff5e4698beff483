// Owns the journal of writes of one run: rows in the store, fenced by the run's lease. Notes that come together become durable together.

import type { JournalRow, WriteJournal } from '../snap/write/journal.ts';
import type { Lease, Store, WriteNote, WriteSettlement } from '../store/contract.ts';

/** Rows of one step in the store. */
const rowsPerStep = 200;

export interface WriteJournals {
  readonly store: Store;
  readonly lease: Lease;
  readonly runId: string;
  /** Throws, and ends the run, when a later holder of its lease exists. */
  readonly expect: (isDone: boolean) => void;
}

/** Opens the journal of one snap. */
export function openWriteJournal(snapId: string, { store, lease, runId, expect }: WriteJournals): WriteJournal {
  const notes = new Together<WriteNote>(async (rows) => expect(await store.writes.note(lease, runId, rows)));
  const settlements = new Together<WriteSettlement>(async (rows) =>
    expect(await store.writes.settle(lease, runId, rows)),
  );
  return {
    load: async () => {
      const all: JournalRow[] = [];
      for (;;) {
        const last = all.at(-1)?.sequence;
        const rows = await store.writes.list(runId, {
          snapId,
          ...(last === undefined ? {} : { after: last }),
          limit: 1000,
        });
        all.push(...rows);
        if (rows.length === 0) return all;
      }
    },
    note: (note) => notes.add({ ...note, snapId }),
    settle: (settlement) => settlements.add({ ...settlement, snapId }),
    prune: async (below) => expect(await store.writes.prune(lease, runId, { snapId, sequence: below })),
  };
}

/** A journal for a preview, which sends nothing. */
export const noWrites: WriteJournal = {
  load: async () => [],
  note: refuse,
  settle: refuse,
  prune: refuse,
};

function refuse(): never {
  throw new TypeError('a preview writes nothing');
}

/** Gathers rows while a step is under way, and writes them in the next one. */
class Together<Row> {
  readonly #write: (rows: readonly Row[]) => Promise<void>;
  #waiting: Row[] = [];
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(write: (rows: readonly Row[]) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when the row is durable. */
  add(row: Row): Promise<void> {
    this.#waiting.push(row);
    if (this.#next !== undefined) return this.#next;
    const step = this.#last.then(() => this.#step());
    this.#next = step;
    // A failed step is told to those whose rows it held, not to later ones.
    this.#last = step.catch(() => undefined);
    return step;
  }

  async #step(): Promise<void> {
    const rows = this.#waiting.splice(0);
    this.#next = undefined;
    for (let from = 0; from < rows.length; from += rowsPerStep) await this.#write(rows.slice(from, from + rowsPerStep));
  }
}

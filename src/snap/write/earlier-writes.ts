// Owns what an earlier attempt of the run left in the journal: tells which row a document that comes again belongs to.
import type { JournalRow } from './journal.ts';
import type { PlannedWrite } from './plan-write.ts';

export type Match =
  | { readonly kind: 'row'; readonly row: JournalRow }
  /** A write without a key came again from the same place with other content: nobody can tell whether it is the same. */
  | { readonly kind: 'changed'; readonly row: JournalRow };

export class EarlierWrites {
  readonly #left: Map<number, JournalRow>;

  /** `from` is the first sequence that no checkpoint covers; what it covers has gone on long ago. */
  constructor(rows: readonly JournalRow[], from: number) {
    this.#left = new Map(rows.filter(({ sequence }) => sequence >= from).map((row) => [row.sequence, row]));
  }

  /** Rows that no document has come for. */
  get left(): readonly JournalRow[] {
    return [...this.#left.values()];
  }

  /** Takes the row of a document: the same content, else the same natural key, else the same place it was read from. */
  take({ hash, key, origin }: PlannedWrite): Match | undefined {
    if (this.#left.size === 0) return undefined;
    const rows = this.left;
    const same = rows.find((row) => row.hash === hash) ?? rows.find((row) => key !== undefined && row.key === key.text);
    const near = same ?? rows.find((row) => row.key === null && key === undefined && row.origin === origin);
    if (near === undefined) return undefined;
    this.#left.delete(near.sequence);
    return { kind: same === undefined ? 'changed' : 'row', row: near };
  }
}

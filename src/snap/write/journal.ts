// The contract of the write journal: what a writing snap needs of whoever keeps its rows. Types only.
import type { WriteNote, WriteRow, WriteSettlement } from '../../store/contract.ts';

export type JournalRow = Omit<WriteRow, 'snapId'>;

/** The journal of one snap of one run. Every promise resolves when the change is durable, and rejects when the run was lost. */
export interface WriteJournal {
  /** All rows that are left of earlier attempts, by sequence. */
  load(): Promise<readonly JournalRow[]>;
  note(note: Omit<WriteNote, 'snapId'>): Promise<void>;
  settle(settlement: Omit<WriteSettlement, 'snapId'>): Promise<void>;
  /** Drops settled rows below this sequence. */
  prune(below: number): Promise<void>;
}

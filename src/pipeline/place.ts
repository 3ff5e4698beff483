// Owns telling a document at a snap from all others, so that it is known when it comes again after a resume.
import { createHash } from 'node:crypto';
import type { Document, Lineage } from '../document/document.ts';

/** A document in the hand of a snap. Plain JSON. */
export interface Place {
  readonly snap: string;
  /** Where the document came from. */
  readonly from: Lineage;
  /** Of its text; absent where the making of that text is what ended the process. */
  readonly sha256?: string;
  readonly bytes?: number;
  /** Which of the documents that the snap took; only where there is no hash: several can be of one lineage. */
  readonly number?: number;
}

/** The place of a document whose text need not be looked at. */
export function placeByNumber(snap: string, { lineage }: Document, number: number): Place {
  return { snap, from: lineage, number };
}

/** The place of a document by its text, which is made for it where there is none yet. */
export function placeByText(snap: string, { lineage, bytes }: Document): Place {
  return {
    snap,
    from: lineage,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
  };
}

/** The same for the same document at the same snap, however often it comes. */
export function placeKey({ snap, from, sha256, number }: Place): string {
  return JSON.stringify([snap, from.snap, from.page ?? null, from.index, sha256 ?? null, number ?? null]);
}

/** A place in words, for a person who looks for the document. */
export function placeInWords({ from }: Place): string {
  return `record ${from.index + 1} of "${from.snap}"${from.page === undefined ? '' : `, ${from.page}`}`;
}

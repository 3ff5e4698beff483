// Owns what becomes of a document that ended the process: an error document like any other, but for an original that is too large to keep.
import type { Document } from '../document/document.ts';
import type { JsonObject } from '../document/json.ts';
import { DataError } from '../errors.ts';
import { type Place, placeInWords } from './place.ts';

/** A document that no snap gets any more. Plain JSON. */
export interface SetAside {
  readonly place: Place;
  /** How often the process died before it was found out. */
  readonly deaths: number;
  /** How often this document alone was in hand then. */
  readonly alone: number;
}

/** Longer originals are named by their place alone: everybody who looks at the errors of the run would have to hold them. */
export const originalBytesMax = 1024 * 1024;

/** Why a document was set aside, for whoever must act. */
export function setAsideError({ place, deaths, alone }: SetAside): DataError {
  const next = isKept(place)
    ? 'give the process more memory or mend the document, then "snaps runs replay RUN"'
    : `it is too large to be kept here: read it again (${placeInWords(place)}), mend it, then "snaps runs replay RUN --documents FILE"`;
  return new DataError('SNAP_DOCUMENT_SET_ASIDE', `A document was set aside at "${place.snap}".`, {
    reason: `the process died ${deaths} times, the last ${alone} of them while "${place.snap}" had this document, and nothing else, in hand`,
    resolution: `look what "${place.snap}" may have done with it outside before the process died; ${next}`,
  });
}

/** The error document. The text of the original is looked at only where it is short. */
export function setAsideDocument(original: Document, aside: SetAside, runId: string): JsonObject {
  const { place } = aside;
  const { code, message, reason, resolution } = setAsideError(aside);
  const { sha256, bytes } = place;
  return {
    ...{ code, message, reason, resolution: resolution.replace('RUN', runId), snap: place.snap, runId },
    place: {
      ...place.from,
      ...(sha256 === undefined || bytes === undefined ? {} : { bytes, sha256 }),
    },
    ...(isKept(place) ? { original: original.value } : {}),
  };
}

const isKept = ({ bytes }: Place): boolean => bytes !== undefined && bytes <= originalBytesMax;

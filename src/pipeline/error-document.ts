// Owns what an error view carries: the failure of one document, and the document itself as it was.
import { Document } from '../document/document.ts';
import type { SnapError } from '../errors.ts';

/** Makes the error document of a document that failed in a snap; the original's text is kept as it was written. */
export function errorDocument(original: Document, error: SnapError, from: { snapId: string; runId: string }): Document {
  const { code, message, reason, resolution, status, field } = error.toJSON();
  const head = JSON.stringify({
    code,
    message,
    reason,
    resolution,
    snap: from.snapId,
    runId: from.runId,
    status,
    field,
  });
  return Document.fromJson(`${head.slice(0, -1)},"original":${original.json}}`, original.lineage);
}

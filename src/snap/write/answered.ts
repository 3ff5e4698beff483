// Owns the document that goes on after a write: the record as the far side answered it, or the document with what became of its file.
import { Document, parseExact } from '../../document/index.ts';
import type { JsonValue } from '../../document/json.ts';
import type { PlannedWrite } from './plan-write.ts';

/** The answered record in the document's place; the document itself where the answer holds none. An upload adds `upload` to its document. */
export function answered(text: string, { document, form }: PlannedWrite, isNew = true): Document {
  if (form !== undefined) {
    const { name, bytes, sha256, contentType } = form;
    const answer = text === '' ? null : answerOf(text);
    return document.withValue({ ...document.value, upload: { isNew, name, bytes, sha256, contentType, answer } });
  }
  if (text === '' || text === 'null') return document;
  if (text.startsWith('{')) return Document.fromJson(text, document.lineage);
  return Document.fromJson(`{"answer":${isJson(text) ? text : JSON.stringify(text)}}`, document.lineage);
}

const isJson = (text: string): boolean => /^[[\d"tf-]/.test(text);

/** An answer that says little is no reason to lose sight of a file that has arrived. */
function answerOf(text: string): JsonValue {
  try {
    return parseExact(text);
  } catch {
    return text;
  }
}

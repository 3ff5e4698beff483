// The door of document/: documents, batches, JSON, and cutting pages into records.
export { cutRecords, depthMax } from './cut-records.ts';
export { decodeText } from './decode-text.ts';
export { type Batch, Document, type Lineage } from './document.ts';
export { isRawNumber, parseExact } from './exact-json.ts';
export type { JsonObject, JsonValue } from './json.ts';
export { asBuffer, openBrace, openBracket, textStart } from './json-bytes.ts';
export { memberText, readMember } from './read-member.ts';

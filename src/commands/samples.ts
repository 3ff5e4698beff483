// Shows the documents of a preview as tables: a row a document, a column a member.
import type { JsonObject, JsonValue } from '../document/json.ts';
import { table } from './table.ts';

/** Columns of one table; the members of wider documents that do not fit are named below it. */
const columnsMax = 8;
const cellCharactersMax = 32;

/** The lines of all samples, by snap. */
export function sampleLines(samples: Readonly<Record<string, readonly JsonObject[]>>): string[] {
  return Object.entries(samples).flatMap(([snapId, documents]) =>
    documents.length === 0 ? [] : ['', `${snapId} (${documents.length})`, ...documentLines(documents)],
  );
}

function documentLines(documents: readonly JsonObject[]): string[] {
  const names = [...new Set(documents.flatMap(Object.keys))];
  const shown = names.slice(0, columnsMax);
  const lines = table(
    documents,
    shown.map((name) => [cut(name), (document: JsonObject) => cell(document[name])] as const),
  );
  const hidden = names.slice(columnsMax);
  return hidden.length === 0 ? lines : [...lines, `and ${hidden.length} more: ${cut(hidden.join(', '), 100)}`];
}

function cell(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return cut(typeof value === 'string' ? value : JSON.stringify(value));
}

function cut(text: string, charactersMax = cellCharactersMax): string {
  const line = text.replace(/\s+/gu, ' ');
  return line.length > charactersMax ? `${line.slice(0, charactersMax - 1)}…` : line;
}

// Owns reading the beginning of an output as documents, for showing it as a table. A text that is none stays a text.
import type { JsonObject } from '../../src/document/json.ts';
import { objectIn } from './json.ts';

const documentsMax = 100;
const delimiters = [',', ';', '\t', '|'];

/** The first documents of a file's beginning; undefined when it is neither JSON lines, a JSON array nor CSV. */
export function documentsIn(name: string, text: string): readonly JsonObject[] | undefined {
  const plainName = name.toLowerCase().replace(/\.gz$/u, '');
  if (/\.(?:csv|tsv)$/u.test(plainName)) return documentsOfCsv(text);
  return documentsOfLines(text);
}

/** One document a line, as JSON lines and as the members of an array. */
function documentsOfLines(text: string): readonly JsonObject[] | undefined {
  const documents: JsonObject[] = [];
  for (const line of text.split('\n')) {
    const json = line.trim().replace(/^\[|[,\]]$/gu, '');
    if (json === '') continue;
    const value = objectIn(json);
    if (value === undefined) return undefined;
    if (documents.push(value) >= documentsMax) break;
  }
  return documents.length === 0 ? undefined : documents;
}

function documentsOfCsv(text: string): readonly JsonObject[] | undefined {
  const head = text.slice(0, text.indexOf('\n') < 0 ? text.length : text.indexOf('\n'));
  const counts = delimiters.map((delimiter) => head.split(delimiter).length);
  const delimiter = delimiters[counts.indexOf(Math.max(...counts))] ?? ',';
  const [names, ...rows] = rowsOfCsv(text.replace(/^\uFEFF/u, ''), delimiter);
  if (names === undefined) return undefined;
  return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? ''])));
}

/** RFC 4180: a quoted cell may hold the delimiter, line ends, and a quote as two. */
function rowsOfCsv(text: string, delimiter: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length && rows.length <= documentsMax; at += 1) {
    const sign = text.charAt(at);
    if (isQuoted) {
      if (sign !== '"') cell += sign;
      else if (text.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (sign === '"' && cell === '') isQuoted = true;
    else if (sign === delimiter) {
      row.push(cell);
      cell = '';
    } else if (sign === '\n') {
      rows.push([...row, cell.replace(/\r$/u, '')]);
      row = [];
      cell = '';
    } else cell += sign;
  }
  return rows;
}

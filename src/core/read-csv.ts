// Owns reading CSV: cells become the text members of documents, under the names of a header or of the settings.
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import type { CsvSettings } from './csv-settings.ts';
import { FileFault, type FileRecord, recordBytesMax } from './file-record.ts';

interface ParsedLine {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Throws SNAP_DOCUMENT_INVALID, naming the line, when the file is not CSV as its header and its settings say. */
export async function* readCsv(pieces: AsyncIterable<Buffer>, settings: CsvSettings): AsyncGenerator<FileRecord> {
  const { delimiter, quote, hasHeader, columns } = settings;
  const parser = parse({
    bom: true,
    delimiter,
    quote: quote === '' ? null : quote,
    escape: quote === '' ? null : quote,
    skip_empty_lines: true,
    // A line with a cell too many or too few is one bad document, and the file goes on behind it.
    relax_column_count: true,
    max_record_size: recordBytesMax,
    info: true,
  });
  const source = Readable.from(pieces, { objectMode: false });
  // pipe does not pass on errors: a file that is not there would never end.
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let names: readonly string[] | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<ParsedLine>) {
      if (names !== undefined) yield recordOf(names, record, info.lines);
      else {
        names = memberNames(columns ?? (hasHeader ? record : []), record.length, info.lines);
        if (!hasHeader) yield recordOf(names, record, info.lines);
      }
    }
  } catch (thrown) {
    const { code = '', lines } = thrown as { code?: string; lines?: number };
    if (!code.startsWith('CSV_')) throw thrown;
    const words = code.slice(4).toLowerCase().replaceAll('_', ' ');
    throw new FileFault(lines ?? 0, `it is not CSV as its header and settings say (${words})`);
  } finally {
    source.destroy();
  }
}

/** The names as JSON texts. A column without a name is named after its place; one name twice would lose a cell. */
function memberNames(columns: readonly string[], count: number, line: number): readonly string[] {
  if (columns.length > 0 && columns.length !== count) {
    throw new FileFault(line, `it has ${count} columns; the settings name ${columns.length}`);
  }
  const names = Array.from({ length: count }, (_, index) => columns[index] || `column${index + 1}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new FileFault(line, `the column ${JSON.stringify(twice)} stands there twice`);
  return names.map((name) => JSON.stringify(name));
}

function recordOf(names: readonly string[], cells: readonly string[], line: number): FileRecord {
  if (cells.length === names.length) return { json: textOf(names, cells), line };
  return {
    json: JSON.stringify({ cells }),
    line,
    fault: `it has ${cells.length} cells; there are ${names.length} columns`,
  };
}

/** Built as text: a member named "__proto__" is then a member like any other. */
function textOf(names: readonly string[], cells: readonly string[]): string {
  return `{${names.map((name, index) => `${name}:${JSON.stringify(cells[index])}`).join(',')}}`;
}

// Owns how documents become the text of a file: ndjson, json, csv or xml. Each piece depends only on what came before it.
import { stringify } from 'csv-stringify/sync';
import type { Batch, Document } from '../document/document.ts';
import type { JsonValue } from '../document/json.ts';
import type { CsvSettings } from './csv-settings.ts';
import { type XmlNames, xmlEnd, xmlHead, xmlRecord } from './xml-text.ts';

const newLine = Buffer.from('\n');

export type FileFormat = 'ndjson' | 'json' | 'csv' | 'xml';

/** What a format must know to go on in the middle of a file. Plain JSON. */
export interface FormatState {
  readonly documents: number;
  /** The columns of a csv file, once they are known. */
  readonly columns?: readonly string[];
}

export interface FormatOptions {
  readonly csv: CsvSettings;
  readonly xml: XmlNames;
  /** Whether text cells that a spreadsheet would run as a formula are written as text. */
  readonly guardFormulas: boolean;
}

export interface Formatter {
  readonly state: FormatState;
  /** The text of a batch, behind what was written before. */
  write(batch: Batch): string | Buffer;
  /** Fields of a document just written for which the file has no place, though nobody said to leave them out. */
  leftOut?(document: Document): readonly string[];
  /** What closes the file. */
  end(): string;
}

export function createFormatter(format: FileFormat, options: FormatOptions, state?: FormatState): Formatter {
  if (format === 'csv') return new CsvFormatter(options, state);
  if (format === 'xml') return new XmlFormatter(options.xml, state);
  return format === 'json' ? new JsonFormatter(state) : new NdjsonFormatter(state);
}

/** One document a line. A document that was read as text is written as it came, unless it spans lines. */
class NdjsonFormatter implements Formatter {
  state: FormatState;

  constructor(state: FormatState = { documents: 0 }) {
    this.state = state;
  }

  write(batch: Batch): Buffer {
    this.state = { documents: this.state.documents + batch.length };
    return Buffer.concat(batch.flatMap((document) => [oneLine(document), newLine]));
  }

  end(): string {
    return '';
  }
}

/** A JSON array, one document a line. */
class JsonFormatter implements Formatter {
  state: FormatState;

  constructor(state: FormatState = { documents: 0 }) {
    this.state = state;
  }

  write(batch: Batch): string {
    let text = '';
    for (const [index, document] of batch.entries()) {
      text += `${this.state.documents + index === 0 ? '[\n' : ',\n'}${document.json}`;
    }
    this.state = { documents: this.state.documents + batch.length };
    return text;
  }

  end(): string {
    return this.state.documents === 0 ? '[]\n' : '\n]\n';
  }
}

/** RFC 4180, as the settings vary it: the declared columns, or the members of the first document in their order. */
class CsvFormatter implements Formatter {
  state: FormatState;
  readonly #options: FormatOptions;

  constructor(options: FormatOptions, state: FormatState = { documents: 0 }) {
    this.#options = options;
    this.state = state;
  }

  write(batch: Batch): string {
    const needsHeader = this.state.columns === undefined && this.#options.csv.hasHeader;
    const columns = this.state.columns ?? this.#options.csv.columns ?? Object.keys(batch[0]?.value ?? {});
    const rows = batch.map(({ value }) =>
      columns.map((column) => this.#cell(Object.hasOwn(value, column) ? value[column] : undefined)),
    );
    this.state = { documents: this.state.documents + batch.length, columns };
    return this.#text(needsHeader ? [columns.map((column) => this.#cell(column)), ...rows] : rows);
  }

  leftOut({ value }: Document): readonly string[] {
    const { columns = [] } = this.state;
    return this.#options.csv.columns === undefined ? Object.keys(value).filter((name) => !columns.includes(name)) : [];
  }

  end(): string {
    const { columns = [], hasHeader } = this.#options.csv;
    // A file without a document still says its columns when they are declared.
    return this.state.columns === undefined && hasHeader && columns.length > 0
      ? this.#text([columns.map((column) => this.#cell(column))])
      : '';
  }

  #text(rows: readonly string[][]): string {
    const { delimiter, quote } = this.#options.csv;
    return stringify([...rows], {
      record_delimiter: 'windows',
      quoted_match: /[\r\n]/,
      delimiter,
      quote,
      escape: quote,
    });
  }

  #cell(value: JsonValue | undefined): string {
    if (value === undefined || value === null) return '';
    if (typeof value !== 'string') return typeof value === 'object' ? JSON.stringify(value) : String(value);
    return this.#options.guardFormulas && isFormula(value) ? `'${value}` : value;
  }
}

/** One element a document, one document a line, in one root element. */
class XmlFormatter implements Formatter {
  state: FormatState;
  readonly #names: XmlNames;

  constructor(names: XmlNames, state: FormatState = { documents: 0 }) {
    this.#names = names;
    this.state = state;
  }

  write(batch: Batch): string {
    let text = this.state.documents === 0 ? xmlHead(this.#names) : '';
    for (const { value } of batch) text += `${xmlRecord(this.#names, value)}\n`;
    this.state = { documents: this.state.documents + batch.length };
    return text;
  }

  end(): string {
    return `${this.state.documents === 0 ? xmlHead(this.#names) : ''}${xmlEnd(this.#names)}`;
  }
}

/** OWASP, "CSV injection": what a spreadsheet takes as a formula. A plain number is none, with or without its sign. */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r\0]/.test(text) && !/^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)$/.test(text);
}

/** A record written over several lines must become one line. */
function oneLine(document: Document): Buffer {
  const { bytes } = document;
  return bytes.includes(0x0a) || bytes.includes(0x0d) ? Buffer.from(JSON.stringify(document.value)) : bytes;
}

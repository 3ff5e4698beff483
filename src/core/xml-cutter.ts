// Owns finding the records of an XML text that comes in pieces. It checks the structure that it walks: tags and their
// nesting; what a record says is checked by who parses it.
import { depthMax } from '../document/index.ts';
import { FileFault, recordBytesMax } from './file-record.ts';

export interface XmlRecord {
  readonly bytes: Buffer;
  /** Where its tag begins, counted from 1. */
  readonly line: number;
}

const less = 0x3c;
const greater = 0x3e;
const slash = 0x2f;
const sections = [
  { begin: '<!--', end: '-->' },
  { begin: '<![CDATA[', end: ']]>' },
  { begin: '<?', end: '?>' },
] as const;

/** Takes the pieces in order: `cut` gives the records that a piece completes, `end` throws when the text is not whole. */
export class XmlCutter {
  readonly #record: string | undefined;
  readonly #isDecoded: boolean;
  readonly #open: string[] = [];
  /** What is kept: from the record that is open, or else from the next tag. */
  #rest: Buffer = Buffer.alloc(0);
  /** Offset in `#rest` up to which the tags are known. */
  #at = 0;
  #line = 1;
  #begun: { readonly at: number; readonly depth: number; readonly line: number } | undefined;
  #hasRoot = false;

  /** `isDecoded` tells that the text is in UTF-8 by now, whatever its declaration says. */
  constructor(record: string | undefined, isDecoded = false) {
    this.#record = record;
    this.#isDecoded = isDecoded;
  }

  *cut(piece: Buffer): Generator<XmlRecord> {
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    for (;;) {
      const begin = this.#rest.indexOf(less, this.#at);
      if (begin === -1) {
        this.#pass(this.#rest.length, this.#open.length === 0);
        break;
      }
      const end = this.#endOfTag(begin);
      if (end === -1) {
        this.#pass(begin, this.#open.length === 0);
        break;
      }
      this.#pass(begin, this.#open.length === 0);
      const record = this.#tag(begin, end);
      this.#pass(end, false);
      if (record !== undefined) yield record;
    }
    this.#forget();
  }

  end(): void {
    const leftover = this.#rest.subarray(this.#at).toString('latin1').trim();
    if (this.#open.length > 0) throw this.#fault(`the text ends inside <${this.#open.at(-1)}>`);
    if (!this.#hasRoot || leftover !== '') throw this.#fault('the text is not one element of XML');
  }

  /** Moves on to `to` and counts lines; text outside the root may only be blank. */
  #pass(to: number, mustBeBlank: boolean): void {
    if (mustBeBlank && this.#rest.subarray(this.#at, to).toString('utf8').replace('\ufeff', '').trim() !== '') {
      throw this.#fault('text stands outside the root element');
    }
    for (let at = this.#rest.indexOf(0x0a, this.#at); at !== -1 && at < to; at = this.#rest.indexOf(0x0a, at + 1)) {
      this.#line += 1;
    }
    this.#at = to;
  }

  /** Drops what no record needs; what is kept is bounded. */
  #forget(): void {
    const from = this.#begun?.at ?? this.#at;
    if (this.#rest.length - from > recordBytesMax) throw this.#fault(`a record is longer than ${recordBytesMax} bytes`);
    this.#rest = this.#rest.subarray(from);
    this.#at -= from;
    if (this.#begun !== undefined) this.#begun = { ...this.#begun, at: 0 };
  }

  /** The offset behind the tag or section that begins at `begin`; -1 when its end has not come yet. */
  #endOfTag(begin: number): number {
    const head = this.#rest.toString('latin1', begin, begin + 9);
    for (const section of sections) {
      if (!section.begin.startsWith(head) && !head.startsWith(section.begin)) continue;
      if (head.length < section.begin.length) return -1;
      const end = this.#rest.indexOf(section.end, begin + section.begin.length, 'latin1');
      return end === -1 ? -1 : end + section.end.length;
    }
    if (head.startsWith('<!')) throw this.#fault('it declares a document type, which is not read');
    return this.#closing(begin);
  }

  /** A ">" in the quotes of an attribute closes nothing. */
  #closing(begin: number): number {
    let quote = 0;
    for (let at = begin + 1; at < this.#rest.length; at += 1) {
      const byte = this.#rest[at] as number;
      if (quote !== 0) quote = byte === quote ? 0 : quote;
      else if (byte === 0x22 || byte === 0x27) quote = byte;
      else if (byte === greater) return at + 1;
      else if (byte === less) throw this.#fault('"<" stands inside a tag');
    }
    return -1;
  }

  #tag(begin: number, end: number): XmlRecord | undefined {
    const text = this.#rest.toString('utf8', begin, end);
    if (text.startsWith('<?')) return this.#expectUtf8(text);
    if (text.startsWith('<!')) return undefined;
    if (text.startsWith('</')) return this.#close(text.slice(2, -1).trim(), end);
    const isEmpty = this.#rest[end - 2] === slash;
    const name = /^<([^\s/>]+)/.exec(text)?.[1];
    if (name === undefined) throw this.#fault('a tag has no name');
    this.#begin(name, begin);
    return isEmpty ? this.#close(name, end) : undefined;
  }

  #begin(name: string, at: number): void {
    const depth = this.#open.length;
    if (depth === 0 && this.#hasRoot) throw this.#fault('a second root element begins');
    if (depth === depthMax) throw this.#fault(`more than ${depthMax} levels are nested`);
    this.#hasRoot = true;
    this.#open.push(name);
    const isRecord = this.#record === undefined ? depth === 1 : name === this.#record;
    if (isRecord && this.#begun === undefined) this.#begun = { at, depth, line: this.#line };
  }

  #close(name: string, end: number): XmlRecord | undefined {
    const open = this.#open.pop();
    if (open !== name) throw this.#fault(`</${name}> closes ${open === undefined ? 'nothing' : `<${open}>`}`);
    const record = this.#begun;
    if (record === undefined || record.depth !== this.#open.length) return undefined;
    this.#begun = undefined;
    return { bytes: this.#rest.subarray(record.at, end), line: record.line };
  }

  #expectUtf8(declaration: string): undefined {
    const encoding = /^<\?xml\s[^>]*encoding\s*=\s*["']([^"']*)["']/.exec(declaration)?.[1];
    if (this.#isDecoded || encoding === undefined || /^(utf-?8|us-ascii)$/i.test(encoding)) return undefined;
    throw this.#fault(`it is written in ${encoding.slice(0, 40)}; set the encoding`);
  }

  #fault(reason: string): FileFault {
    return new FileFault(this.#line, `it is not XML as it is read here: ${reason}`);
  }
}

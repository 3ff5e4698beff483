// Owns the document: one JSON object travelling between snaps, parsed only when a snap looks inside.
import { parseExact } from './exact-json.ts';
import type { JsonObject } from './json.ts';

/** Where a document came from: the snap that read it, the place of its page and its index there. */
export interface Lineage {
  readonly snap: string;
  /** The page or file position, in the source's own words; absent for documents made by a snap. */
  readonly page?: string;
  readonly index: number;
}

/** What a document whose text is not made yet counts for in bounds of bytes. */
const weightUnknown = 1024;

/**
 * One JSON object with its lineage. It holds the text it was read from (bytes or a string), the parsed value, or both; what is
 * missing is made when asked for. A value is never changed in place: `withValue` makes a new document of the same lineage.
 */
export class Document {
  readonly lineage: Lineage;
  #bytes: Buffer | undefined;
  #json: string | undefined;
  #value: JsonObject | undefined;

  private constructor(lineage: Lineage, from: { bytes?: Buffer; json?: string; value?: JsonObject }) {
    this.lineage = lineage;
    this.#bytes = from.bytes;
    this.#json = from.json;
    this.#value = from.value;
  }

  /** `json` must be the text of one JSON object; it is not checked here. */
  static fromJson(json: string, lineage: Lineage): Document {
    return new Document(lineage, { json });
  }

  /**
   * `bytes` must be the text of one JSON object in UTF-8. They may be a part of a page: who only hands a document on
   * never makes a string of it.
   */
  static fromBytes(bytes: Buffer, lineage: Lineage): Document {
    return new Document(lineage, { bytes });
  }

  static fromValue(value: JsonObject, lineage: Lineage): Document {
    return new Document(lineage, { value });
  }

  /** The parsed object; numbers that a double cannot hold stay exact (see `parseExact`). */
  get value(): JsonObject {
    this.#value ??= parseExact(this.json) as JsonObject;
    return this.#value;
  }

  get json(): string {
    this.#json ??= this.#bytes?.toString('utf8') ?? JSON.stringify(this.#value);
    // One document of a page that is kept must not keep the whole page.
    this.#bytes = undefined;
    return this.#json;
  }

  /** The text in UTF-8, to be written somewhere; not to be changed. */
  get bytes(): Buffer {
    return this.#bytes ?? Buffer.from(this.json);
  }

  /** Whether its text is there already; if not, asking for it makes it. */
  get hasText(): boolean {
    return this.#bytes !== undefined || this.#json !== undefined;
  }

  /** Roughly how many bytes it holds in memory, for bounded views; costs nothing. */
  get weight(): number {
    return this.#bytes?.length ?? this.#json?.length ?? weightUnknown;
  }

  withValue(value: JsonObject): Document {
    return new Document(this.lineage, { value });
  }
}

/** What travels between snaps: a page's worth of documents, in order. Never empty. */
export type Batch = readonly Document[];

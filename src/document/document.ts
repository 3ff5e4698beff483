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
 * One JSON object with its lineage. It holds the text it was read from, the parsed value, or both; the missing one is
 * made when asked for. A value is never changed in place: `withValue` makes a new document of the same lineage.
 */
export class Document {
  readonly lineage: Lineage;
  #json: string | undefined;
  #value: JsonObject | undefined;

  private constructor(lineage: Lineage, json: string | undefined, value: JsonObject | undefined) {
    this.lineage = lineage;
    this.#json = json;
    this.#value = value;
  }

  /** `json` must be the text of one JSON object; it is not checked here. */
  static fromJson(json: string, lineage: Lineage): Document {
    return new Document(lineage, json, undefined);
  }

  static fromValue(value: JsonObject, lineage: Lineage): Document {
    return new Document(lineage, undefined, value);
  }

  /** The parsed object; numbers that a double cannot hold stay exact (see `parseExact`). */
  get value(): JsonObject {
    this.#value ??= parseExact(this.#json as string) as JsonObject;
    return this.#value;
  }

  get json(): string {
    this.#json ??= JSON.stringify(this.#value);
    return this.#json;
  }

  /** Roughly how many bytes it holds in memory, for bounded views; costs nothing. */
  get weight(): number {
    return this.#json?.length ?? weightUnknown;
  }

  withValue(value: JsonObject): Document {
    return new Document(this.lineage, undefined, value);
  }
}

/** What travels between snaps: a page's worth of documents, in order. Never empty. */
export type Batch = readonly Document[];

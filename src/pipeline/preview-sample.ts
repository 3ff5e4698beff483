// Owns the bound of a preview: the first documents of one snap, kept for showing.
import type { Batch, Document } from '../document/document.ts';
import type { JsonObject } from '../document/json.ts';
import { errorView } from './check-graph.ts';

export const previewDocumentsMaxDefault = 50;
/** Characters of document text that a preview keeps of one snap. */
export const previewWeightMax = 15 * 1024 * 1024;

export class PreviewSample {
  /** What ends a source that has given enough. */
  readonly enough = new Error('the preview has enough documents');
  readonly #documentsMax: number;
  readonly #documents: Document[] = [];
  /** The same documents by the view that they left by, and those that failed. */
  readonly #views = new Map<string, Document[]>();
  #weight = 0;

  constructor(documentsMax: number) {
    this.#documentsMax = documentsMax;
  }

  get isFull(): boolean {
    return this.#documents.length >= this.#documentsMax || this.#weight >= previewWeightMax;
  }

  /** Keeps and gives the part of a batch that still fits. */
  take(documents: Batch, view: string): Batch {
    const fitting: Document[] = [];
    for (const document of documents) {
      if (this.isFull) break;
      this.#documents.push(document);
      this.#weight += document.weight;
      fitting.push(document);
    }
    this.#keep(view, fitting);
    return fitting;
  }

  /** Keeps a document that failed; failed ones end no source, for they show what a preview is asked for. */
  fail(document: Document): void {
    const failed = this.#views.get(errorView)?.length ?? 0;
    if (failed < this.#documentsMax && this.#weight < previewWeightMax) this.#keep(errorView, [document]);
  }

  #keep(view: string, documents: Batch): void {
    this.#views.set(view, [...(this.#views.get(view) ?? []), ...documents]);
  }

  get documents(): readonly JsonObject[] {
    return valuesOf(this.#documents);
  }

  /** The documents of each view that some left by, with its name. */
  get views(): readonly (readonly [string, readonly JsonObject[]])[] {
    return [...this.#views].map(([view, documents]) => [view, valuesOf(documents)] as const);
  }
}

const valuesOf = (documents: Batch): readonly JsonObject[] => documents.map((document) => document.value);

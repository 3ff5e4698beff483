// Owns the bound of a preview: the first documents of one snap, kept for showing.
import type { Batch, Document } from '../document/document.ts';
import type { JsonObject } from '../document/json.ts';

export const previewDocumentsMaxDefault = 50;
/** Characters of document text that a preview keeps of one snap. */
export const previewWeightMax = 15 * 1024 * 1024;

export class PreviewSample {
  /** What ends a source that has given enough. */
  readonly enough = new Error('the preview has enough documents');
  readonly #documentsMax: number;
  readonly #documents: Document[] = [];
  #weight = 0;

  constructor(documentsMax: number) {
    this.#documentsMax = documentsMax;
  }

  get isFull(): boolean {
    return this.#documents.length >= this.#documentsMax || this.#weight >= previewWeightMax;
  }

  /** Keeps and gives the part of a batch that still fits. */
  take(documents: Batch): Batch {
    const fitting: Document[] = [];
    for (const document of documents) {
      if (this.isFull) break;
      this.#documents.push(document);
      this.#weight += document.weight;
      fitting.push(document);
    }
    return fitting;
  }

  get documents(): readonly JsonObject[] {
    return this.#documents.map((document) => document.value);
  }
}

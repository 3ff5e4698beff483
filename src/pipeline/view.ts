// Owns the bounded way between two snaps: batches, checkpoint markers and the end, in order.
import type { Batch } from '../document/document.ts';

export interface ViewLimits {
  /** Documents that wait in a view before whoever fills it waits. One batch may go over. */
  readonly viewDocumentsMax: number;
  /** Characters of document text that wait in a view; the other bound. */
  readonly viewWeightMax: number;
}

export const viewLimitsDefault: ViewLimits = { viewDocumentsMax: 500, viewWeightMax: 8 * 1024 * 1024 };

export type Message =
  | { readonly kind: 'batch'; readonly documents: Batch }
  | { readonly kind: 'marker'; readonly checkpoint: number }
  | { readonly kind: 'end' };

/** Something that many wait for; the run's signal lets all go. */
export class Gate {
  #waiting: (() => void)[] = [];

  open(): void {
    for (const letGo of this.#waiting.splice(0)) letGo();
  }

  /** Waits for the next `open`. Rejects with the signal's reason when it aborts. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.push(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
    });
  }
}

/** One link: a queue with one end that fills and one that takes. `news` opens whenever something was put. */
export class View {
  readonly #messages: Message[] = [];
  readonly #limits: ViewLimits;
  readonly #room = new Gate();
  readonly #news: Gate;
  #documents = 0;
  #weight = 0;

  constructor(limits: ViewLimits, news: Gate) {
    this.#limits = limits;
    this.#news = news;
  }

  get hasRoom(): boolean {
    return this.#documents < this.#limits.viewDocumentsMax && this.#weight < this.#limits.viewWeightMax;
  }

  async whenRoom(signal: AbortSignal): Promise<void> {
    while (!this.hasRoom) await this.#room.wait(signal);
  }

  /** Puts without waiting: call `whenRoom` before a batch. Markers and the end take no room. */
  put(message: Message): void {
    this.#messages.push(message);
    if (message.kind === 'batch') {
      this.#documents += message.documents.length;
      this.#weight += weightOf(message.documents);
    }
    this.#news.open();
  }

  /** What the next message is, without taking it. */
  get nextKind(): Message['kind'] | undefined {
    return this.#messages[0]?.kind;
  }

  take(): Message | undefined {
    const message = this.#messages.shift();
    if (message?.kind === 'batch') {
      this.#documents -= message.documents.length;
      // Documents parsed meanwhile may weigh otherwise; an empty view weighs nothing whatever was counted.
      this.#weight = this.#documents === 0 ? 0 : Math.max(this.#weight - weightOf(message.documents), 0);
      this.#room.open();
    }
    return message;
  }
}

function weightOf(documents: Batch): number {
  let weight = 0;
  for (const document of documents) weight += document.weight;
  return weight;
}

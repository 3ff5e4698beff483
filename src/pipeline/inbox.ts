// Owns the input side of a snap: takes batches from its links, and lines up checkpoint markers.
import type { Batch } from '../document/document.ts';
import { Gate, View, type ViewLimits } from './view.ts';

interface Link {
  readonly view: View;
  readonly name: string;
  /** open: gives batches; held: its marker has come, and it waits for the others; ended. */
  state: 'open' | 'held' | 'ended';
}

export interface InboxOptions {
  readonly limits: ViewLimits;
  readonly signal: AbortSignal;
  /** Called when the marker has come on every link that has not ended, with no batch in hand. */
  readonly onMarker: (checkpoint: number) => Promise<void>;
  /** Told how long a take had to wait, in ms. */
  readonly onWait: (ms: number) => void;
}

/**
 * A link is open until a marker or the end comes. A marker holds it: what lies behind belongs to the next checkpoint.
 * When every link is held or ended, `onMarker` takes the snap's state and passes the marker on, and the held ones open.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #news = new Gate();
  readonly #links: Link[] = [];
  #next = 0;
  #marker = 0;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  get isLinked(): boolean {
    return this.#links.length > 0;
  }

  addLink(name: string): View {
    const view = new View(this.#options.limits, this.#news);
    this.#links.push({ view, name, state: 'open' });
    return view;
  }

  /** The next batch of the named view, or of any; undefined when all have ended. */
  async take(name?: string): Promise<Batch | undefined> {
    for (;;) {
      this.#options.signal.throwIfAborted();
      const batch = this.#takeOne(name);
      if (batch !== undefined) return batch;
      if (this.#links.some((link) => link.state === 'held') && this.#links.every((link) => link.state !== 'open')) {
        await this.#options.onMarker(this.#marker);
        for (const link of this.#links) if (link.state === 'held') link.state = 'open';
        continue;
      }
      if (this.#links.every((link) => link.state === 'ended' || (name !== undefined && link.name !== name)))
        return undefined;
      const startedAt = performance.now();
      await this.#news.wait(this.#options.signal);
      this.#options.onWait(performance.now() - startedAt);
    }
  }

  /** Takes everything that still comes, for a snap that has ended early. */
  async drain(): Promise<void> {
    for (;;) {
      for (const link of this.#links) {
        if (link.state === 'held') link.state = 'open';
      }
      if (this.#takeOne() !== undefined || this.#links.some((link) => link.state === 'held')) continue;
      if (this.#links.every((link) => link.state === 'ended')) return;
      await this.#news.wait(this.#options.signal);
    }
  }

  /** Looks at each open link once, in turn, so that none starves. */
  #takeOne(name?: string): Batch | undefined {
    for (let tried = 0; tried < this.#links.length; tried += 1) {
      const link = this.#links[this.#next % this.#links.length] as Link;
      this.#next += 1;
      if (link.state !== 'open' || (name !== undefined && link.name !== name)) continue;
      const message = link.view.take();
      if (message?.kind === 'batch') return message.documents;
      if (message?.kind === 'end') link.state = 'ended';
      if (message?.kind === 'marker') {
        link.state = 'held';
        this.#marker = message.checkpoint;
      }
      if (message !== undefined) tried = -1;
    }
    return undefined;
  }
}

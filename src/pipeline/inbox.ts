// Owns the input side of a snap: takes batches from its links, and lines up checkpoint markers.
import type { Batch } from '../document/document.ts';
import { Gate, View, type ViewLimits } from './view.ts';

/** A batch and the view it came by. */
export interface Taken {
  readonly view: string;
  readonly batch: Batch;
}

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
  /** Called when the marker came on a view that the snap reads, while documents of another that it does not read yet lie before theirs. */
  readonly onBlocked: (checkpoint: number) => void;
  /** Told how long a take had to wait, in ms. */
  readonly onWait: (ms: number) => void;
}

/**
 * A link is open until a marker or the end comes. A marker holds it: what lies behind belongs to the next checkpoint.
 * When every link is held or ended, `onMarker` takes the snap's state and passes the marker on, and the held ones open.
 * A snap that reads one view to its end before another (a join its lookup side) leaves documents lying before a marker:
 * that checkpoint can not be made and is given up, here and in every other inbox (`giveUp`), so that nothing waits for it.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #news = new Gate();
  readonly #links: Link[] = [];
  #next = 0;
  #marker = 0;
  #givenUp = 0;

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
  async take(name?: string): Promise<Taken | undefined> {
    for (;;) {
      this.#options.signal.throwIfAborted();
      const taken = this.#takeOne(name);
      if (taken !== undefined) return taken;
      if (this.#links.some((link) => link.state === 'held') && this.#links.every((link) => link.state !== 'open')) {
        await this.#options.onMarker(this.#marker);
        this.#openHeld();
        continue;
      }
      const wanted = this.#links.filter((link) => name === undefined || link.name === name);
      if (wanted.every((link) => link.state === 'ended')) return undefined;
      if (this.#isBlocked(wanted)) {
        this.#options.onBlocked(this.#marker);
        continue;
      }
      const startedAt = performance.now();
      await this.#news.wait(this.#options.signal);
      this.#options.onWait(performance.now() - startedAt);
    }
  }

  /** Lets go of a checkpoint that can not be made; its markers mean nothing any more. */
  giveUp(checkpoint: number): void {
    this.#givenUp = checkpoint;
    if (this.#marker <= checkpoint) this.#openHeld();
    this.#news.open();
  }

  /** Takes everything that still comes, for a snap that has ended early. */
  async drain(): Promise<void> {
    for (;;) {
      this.#openHeld();
      if (this.#takeOne() !== undefined || this.#links.some((link) => link.state === 'held')) continue;
      if (this.#links.every((link) => link.state === 'ended')) return;
      await this.#news.wait(this.#options.signal);
    }
  }

  #openHeld(): void {
    for (const link of this.#links) if (link.state === 'held') link.state = 'open';
  }

  /** Whether everything that the snap reads now is held, and what would let it go lies behind documents it does not read. */
  #isBlocked(wanted: readonly Link[]): boolean {
    if (wanted.some((link) => link.state === 'open')) return false;
    return this.#links.some((link) => link.state === 'open' && link.view.nextKind === 'batch');
  }

  /** Looks at each open link once, in turn, so that none starves. */
  #takeOne(name?: string): Taken | undefined {
    for (let tried = 0; tried < this.#links.length; tried += 1) {
      const link = this.#links[this.#next % this.#links.length] as Link;
      this.#next += 1;
      if (link.state !== 'open') continue;
      // Markers and the end of a view that is not read yet are taken all the same: checkpoints go on while nothing lies there.
      if (name !== undefined && link.name !== name && (link.view.nextKind ?? 'batch') === 'batch') continue;
      const message = link.view.take();
      if (message?.kind === 'batch') return { view: link.name, batch: message.documents };
      if (message?.kind === 'end') link.state = 'ended';
      if (message?.kind === 'marker' && message.checkpoint > this.#givenUp) {
        link.state = 'held';
        this.#marker = message.checkpoint;
      }
      if (message !== undefined) tried = -1;
    }
    return undefined;
  }
}

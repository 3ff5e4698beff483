// Owns the events of one run of this process, kept for pages that come late or come back. Memory is bounded: of progress only
// the newest event is kept, of lines the newest ones.
import type { RunEvent } from './contract.ts';

const eventsMax = 2_000;

export class RunFeed {
  #events: RunEvent[] = [];
  #nextId = 1;
  #isEnded = false;
  readonly #listeners = new Set<() => void>();

  get isEnded(): boolean {
    return this.#isEnded;
  }

  publish(type: RunEvent['type'], data: RunEvent['data']): void {
    const kept = type === 'progress' ? this.#events.filter((event) => event.type !== 'progress') : this.#events;
    this.#events = [...kept.slice(1 - eventsMax), { id: this.#nextId, type, data }];
    this.#nextId += 1;
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** The events behind an id, in order. */
  after(id: number): readonly RunEvent[] {
    const from = this.#events.findIndex((event) => event.id > id);
    return from < 0 ? [] : this.#events.slice(from);
  }

  /** Resolves when something is new or the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#listeners.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#listeners.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

// Owns the body of one answer on its way to a receiver: at the receiver's pace, decoded, and never more than a window in memory.
import { Readable } from 'node:stream';
import type { AnswerHead, AnswerReceiver } from './contract.ts';
import { decodeStream } from './decoding.ts';
import type { Place } from './failure.ts';

/** How much may wait for the receiver before the connection is told to wait. */
const windowBytes = 256 * 1024;

/** The means to stop and start the connection. */
interface Flow {
  pause(): void;
  resume(): void;
}

export interface PassingBodyOptions {
  readonly receiver: AnswerReceiver;
  readonly head: AnswerHead;
  readonly place: Place;
  readonly flow: Flow;
}

export class PassingBody {
  readonly #wire: Readable;
  readonly #flow: Flow;
  /** Settles when the receiver has ended; rejects with what it threw. */
  readonly received: Promise<void>;
  hasEnded = false;

  constructor({ receiver, head, place, flow }: PassingBodyOptions) {
    this.#flow = flow;
    this.#wire = new Readable({ highWaterMark: windowBytes, read: () => flow.resume() });
    // Whoever reads is told of an error by its own way; without a listener the process would end.
    this.#wire.on('error', () => {});
    const encoding = head.headers['content-encoding'] ?? '';
    this.received = receiver.receive(head, decodeStream(this.#wire, encoding, receiver.bytesMax, place));
    this.received.catch(() => {});
  }

  take(piece: Buffer): void {
    if (!this.#wire.push(piece)) this.#flow.pause();
  }

  end(): void {
    this.hasEnded = true;
    this.#wire.push(null);
  }

  /** Ends the body with an error; resolves when the receiver has let go, so that a repetition finds it ready. */
  async fail(error: Error): Promise<void> {
    this.#wire.destroy(error);
    await this.received.catch(() => {});
  }
}

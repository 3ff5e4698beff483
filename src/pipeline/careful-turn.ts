// Owns who may work while a run goes on after a death: one snap at a time, and what it takes in hand is put down first.
import type { Document } from '../document/document.ts';
import { type Place, placeByNumber, placeByText, placeKey } from './place.ts';
import type { SetAside } from './set-aside.ts';

/** What was in hand at a moment. Plain JSON. */
export interface InHand {
  /** The snap whose turn it is. */
  readonly snap: string;
  /** The document that it took; absent while it works on none: a source that reads, a snap that begins, ends or is at a checkpoint. */
  readonly place?: Place;
  /** How many documents each source had given. */
  readonly given: Readonly<Record<string, number>>;
}

/** How a run goes on whose process has died. */
export interface CarefulRun {
  /** By source: care ends when each of them has given more than this. */
  readonly reach: Readonly<Record<string, number>>;
  /** Documents that no snap gets any more. */
  readonly setAside: readonly SetAside[];
  /** Puts down what is in hand so that it survives the process; null when care has ended. A rejection fails the run. */
  readonly hold: (inHand: InHand | null) => Promise<void>;
}

/** What a snap asks its turn for. */
export interface Turn {
  readonly snap: string;
  readonly isSource: boolean;
  readonly document?: Document;
  /** Which of its documents this is. */
  readonly number?: number;
}

interface Waiting {
  readonly turn: Turn;
  readonly letGo: () => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * States: free (nobody's turn), taken (one snap works, and what it has in hand is durable), over (everybody works as in any
 * run). free -> taken by `take`; taken -> free by `giveBack`, whenever a snap asks for its next document, waits for room behind
 * it, or has ended; free -> over when every source has given more than the run can have had under way when it died, after it
 * was put down that nothing is in hand. A source gets its turn only when no other snap wants one: all that it gave has then
 * gone as far as it goes, so that one document is worked on at a time and nothing that reads ahead of it can be what kills.
 */
export class CarefulTurn {
  readonly #run: CarefulRun;
  readonly #given: () => Readonly<Record<string, number>>;
  readonly #setAside: ReadonlyMap<string, SetAside>;
  readonly #signal: AbortSignal;
  #taken: Turn | undefined;
  #waiting: Waiting[] = [];
  #ending: Promise<void> | undefined;
  #isOver = false;

  constructor(run: CarefulRun, { given, signal }: { given: () => Record<string, number>; signal: AbortSignal }) {
    this.#run = run;
    this.#given = given;
    this.#signal = signal;
    this.#setAside = new Map(run.setAside.map((aside) => [placeKey(aside.place), aside]));
    signal.addEventListener('abort', () => this.#refuseAll(), { once: true });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Waits for the turn, and puts down what comes in hand. Gives what is known of a document that is set aside: it must not be worked on. */
  async take(turn: Turn): Promise<SetAside | undefined> {
    if (this.#isOver) return undefined;
    await this.#whenFree(turn);
    if (this.#isPastReach()) await this.end();
    if (this.#isOver) return undefined;
    return await this.#holdAll(turn);
  }

  /** Lets the next one work; gives what the snap had its turn for, or undefined when it had none. */
  giveBack(snap: string): Turn | undefined {
    const taken = this.#taken;
    if (taken?.snap !== snap) return undefined;
    this.#taken = undefined;
    this.#pass();
    return taken;
  }

  /** Ends the care: nothing is in hand, and everybody may work. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#ending ??= this.#run.hold(null);
    await this.#ending;
    this.#isOver = true;
    this.#taken = undefined;
    for (const { letGo } of this.#waiting.splice(0)) letGo();
  }

  async #whenFree(turn: Turn): Promise<void> {
    this.#signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ turn, letGo: resolve, refuse: reject });
      this.#pass();
    });
  }

  /** Whoever has a document waiting comes first; a source when that is nobody, once those who are about to ask have asked. */
  #pass(): void {
    if (this.#grant((turn) => !turn.isSource)) return;
    setImmediate(() => this.#grant((turn) => !turn.isSource) || this.#grant(() => true));
  }

  /** Gives the turn to the first that fits, if it is free; false when nobody fits. */
  #grant(fits: (turn: Turn) => boolean): boolean {
    if (this.#taken !== undefined) return true;
    const index = this.#waiting.findIndex(({ turn }) => fits(turn));
    const [next] = index < 0 ? [] : this.#waiting.splice(index, 1);
    this.#taken = next?.turn;
    next?.letGo();
    return next !== undefined;
  }

  #isPastReach(): boolean {
    const given = this.#given();
    return Object.entries(this.#run.reach).every(([source, reach]) => (given[source] ?? 0) > reach);
  }

  async #holdAll({ snap, document, number = 0 }: Turn): Promise<SetAside | undefined> {
    if (document === undefined) return await this.#hold({ snap });
    // Making the text of a large document may be what kills: then the hash that names it can never be put down.
    if (!document.hasText) {
      const aside = await this.#hold({ snap, place: placeByNumber(snap, document, number) });
      if (aside !== undefined) return aside;
    }
    return await this.#hold({ snap, place: placeByText(snap, document) });
  }

  async #hold(inHand: Omit<InHand, 'given'>): Promise<SetAside | undefined> {
    const aside = inHand.place === undefined ? undefined : this.#setAside.get(placeKey(inHand.place));
    if (aside === undefined) await this.#run.hold({ ...inHand, given: this.#given() });
    return aside;
  }

  #refuseAll(): void {
    for (const { refuse } of this.#waiting.splice(0)) refuse(this.#signal.reason);
  }
}

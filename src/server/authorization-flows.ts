// Owns what the web host remembers of authorizations under way: which ended how, for the page that began them. No token, no code.
import { createHash, randomBytes } from 'node:crypto';
import { asSnapError, type ErrorBody } from '../errors.ts';
import { type ResultText, refusedPage } from './result-page.ts';

const flowsMax = 200;
/** Longer than an authorization lives, so that whoever polls still sees its end. */
const lifetimeMs = 15 * 60_000;
const idBytes = 16;
const keyLength = 16;

export type FlowState = 'waiting' | 'authorized' | 'refused';

/** One authorization as the page that began it sees it. */
export interface FlowView {
  readonly id: string;
  readonly account: string;
  readonly state: FlowState;
  readonly error?: ErrorBody;
}

/** *waiting* -> taken once -> *authorized* or *refused*. */
export class Flow {
  readonly id = randomBytes(idBytes).toString('base64url');
  readonly endsAt: number;
  #account: string;
  #isTaken = false;
  #error: ErrorBody | undefined;
  #state: FlowState = 'waiting';

  constructor(account: string, endsAt: number) {
    this.#account = account;
    this.endsAt = endsAt;
  }

  get view(): FlowView {
    const error = this.#error === undefined ? {} : { error: this.#error };
    return { id: this.id, account: this.#account, state: this.#state, ...error };
  }

  get page(): ResultText {
    if (this.#error !== undefined) return refusedPage(this.#error.reason);
    if (this.#state === 'waiting') return { title: 'Not finished yet', text: 'The authorization is still under way.' };
    return {
      title: 'Authorized',
      text: `Account "${this.#account}" can be used now.`,
      next: 'You can close this page and go on where you came from.',
    };
  }

  /** True once: for whoever may answer this flow. */
  take(): boolean {
    const isFirst = !this.#isTaken;
    this.#isTaken = true;
    return isFirst;
  }

  /** Waits for the end and keeps what became of it. Never rejects. */
  async settle(finished: Promise<{ readonly name: string }>): Promise<void> {
    try {
      this.#account = (await finished).name;
      this.#state = 'authorized';
    } catch (thrown) {
      this.#error = asSnapError(thrown, 'The authorization').toJSON();
      this.#state = 'refused';
    }
  }
}

export class Flows {
  readonly #now: () => number;
  readonly #byId = new Map<string, Flow>();
  /** Flows in a browser, by the key of their state. */
  readonly #byKey = new Map<string, Flow>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes a flow; one in a browser also by the key of its state. The oldest goes when there are too many. */
  add(account: string, key?: string): Flow {
    const flow = new Flow(account, this.#now() + lifetimeMs);
    this.#byId.set(flow.id, flow);
    if (key !== undefined) this.#byKey.set(key, flow);
    this.#forgetOld();
    return flow;
  }

  find(id: string): Flow | undefined {
    return this.#byId.get(id);
  }

  findByKey(key: string): Flow | undefined {
    return this.#byKey.get(key);
  }

  #forgetOld(): void {
    for (const [id, flow] of this.#byId) {
      if (flow.endsAt > this.#now() && this.#byId.size <= flowsMax) break;
      this.#byId.delete(id);
    }
    for (const [key, flow] of this.#byKey) if (!this.#byId.has(flow.id)) this.#byKey.delete(key);
  }
}

/** What a state is known by outside the vault: enough to tell flows apart, useless for making one. */
export function flowKey(state: string): string {
  return createHash('sha256').update(`flow ${state}`).digest('hex').slice(0, keyLength);
}

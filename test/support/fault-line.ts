// Stands between a host and what it touches (store, wire, files) and plays one fault at one call: the process dies there, or the call fails.
import type { HttpAnswer } from '../../src/http/contract.ts';
import type { Layer } from '../../src/http/exchange.ts';
import type { Store } from '../../src/store/contract.ts';

/** One call that leaves the process. `point` is like `runs.insert`, `wire` or `file.rename`; `detail` tells calls of one point apart. */
export interface Call {
  readonly point: string;
  readonly detail: string;
}

export interface Fault {
  /** A name, or what it begins with and a star: `*` is any call. */
  readonly point: string;
  /** Only calls whose detail matches count. */
  readonly detail?: RegExp;
  /**
   * `before`: the call never happens. `after`: it happens, and its answer reaches nobody. `failed`: as after, of calls that
   * fail alone. `next`: its answer is taken, and the next call of any kind never happens.
   */
  readonly edge: 'before' | 'after' | 'failed' | 'next';
  /** Which of the matching calls meets it; 1 is the first. */
  readonly nth: number;
  /** What the call fails with instead of the death of the process. */
  readonly error?: () => Error;
  /** What happens beside the call instead of the death of the process; the call goes on. */
  readonly does?: () => void;
  /** How many calls from the nth on fail so; 1 by default. */
  readonly times?: number;
}

/** What a dead process gives to whoever still waits for it: no effect leaves it any more. */
export class Killed extends Error {
  constructor(at: string) {
    super(`killed at ${at}`);
  }
}

/** States: alive, then dead for ever once its fault was the death of the process. Every call is written down in order. */
export class FaultLine {
  readonly calls: Call[] = [];
  diedAt: string | undefined;
  readonly #fault: Fault | undefined;
  readonly #onDeath: () => void;
  #met = 0;
  #isNextDeadly = false;

  constructor(fault?: Fault, onDeath: () => void = () => undefined) {
    this.#fault = fault;
    this.#onDeath = onDeath;
  }

  /** How many calls matched the fault so far. */
  get met(): number {
    return this.#met;
  }

  /** Lets a call through, or plays the fault on it. Throws Killed for each call of a dead process. */
  async pass<Result>(point: string, detail: string, work: () => Promise<Result>): Promise<Result> {
    this.#expectAlive();
    const at = `${point} ${detail}`;
    if (this.#isNextDeadly) this.die(`${at} next`);
    const wanted = this.#fault?.point ?? '';
    const isPoint = wanted.endsWith('*') ? point.startsWith(wanted.slice(0, -1)) : wanted === point;
    const fault = isPoint && (this.#fault?.detail?.test(detail) ?? true) ? this.#fault : undefined;
    const isCounted = fault !== undefined && fault.edge !== 'failed' && this.#count(fault);
    if (isCounted && fault.edge === 'before') this.#play(fault, at);
    this.calls.push({ point, detail });
    let result: Result;
    try {
      result = await work();
    } catch (thrown) {
      // Neither an answer nor a refusal reaches the dead.
      this.#expectAlive();
      if (fault !== undefined && (fault.edge === 'failed' ? this.#count(fault) : isCounted)) this.#play(fault, at);
      throw thrown;
    }
    this.#expectAlive();
    if (isCounted && fault.edge === 'after') this.#play(fault, at);
    if (isCounted && fault.edge === 'next') this.#isNextDeadly = true;
    return result;
  }

  #count({ nth, times = 1 }: Fault): boolean {
    this.#met += 1;
    return this.#met >= nth && this.#met < nth + times;
  }

  /** Ends the process here. */
  die(at: string): never {
    this.diedAt ??= at;
    this.#onDeath();
    throw new Killed(at);
  }

  #play(fault: Fault, at: string): void {
    if (fault.does !== undefined) fault.does();
    else if (fault.error !== undefined) throw fault.error();
    else this.die(`${at} ${fault.edge}`);
  }

  #expectAlive(): void {
    if (this.diedAt !== undefined) throw new Killed(this.diedAt);
  }

  /** The store with every call of its rows under this line. Closing it is no effect and always happens. */
  watch(store: Store): Store {
    const wrapped = Object.entries(store).map(([name, rows]) => {
      if (typeof rows === 'function') return [name, rows.bind(store)];
      return [name, new Proxy(rows, { get: (target, method) => this.#watched(target, name, String(method)) })];
    });
    return Object.fromEntries(wrapped) as Store;
  }

  /** Puts every request under this line. A dead process hears no answer. */
  readonly onWire: Layer =
    (next) =>
    (request): Promise<HttpAnswer> =>
      this.pass('wire', `${request.method} ${request.url.pathname}`, () => next(request));

  #watched(target: object, name: string, method: string): unknown {
    const value = (target as Record<string, unknown>)[method];
    if (typeof value !== 'function') return value;
    return (...given: unknown[]) =>
      this.pass(`${name}.${method}`, detailOf(given), async () => await value.apply(target, given));
  }
}

/** What tells one call of the store from another: the states and names in its arguments, never a whole row. */
function detailOf(given: readonly unknown[]): string {
  return given
    .map((one) => {
      if (typeof one === 'string') return one;
      if (one === null || typeof one !== 'object') return '';
      const { state, checkpoint } = one as { readonly state?: unknown; readonly checkpoint?: { isComplete?: unknown } };
      if (checkpoint !== undefined) return checkpoint.isComplete === true ? 'complete' : 'under way';
      return typeof state === 'string' ? state : '';
    })
    .filter((text) => text !== '')
    .join(' ');
}

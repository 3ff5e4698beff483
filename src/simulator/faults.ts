// Owns the faults that the simulator plays when told to: which request meets which, and how often. Playing them is server.ts's.

/** What goes wrong. `lost-answer` does the work and then drops the connection; `late` does it after a delay, whoever has gone by then. */
export const faultKinds = [
  'status',
  'reset',
  'hang',
  'truncate',
  'garbage',
  'slow',
  'html',
  'redirect-login',
  'lost-answer',
  'late',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** One fault as the control route takes it. */
export interface FaultOrder {
  readonly match?: { readonly method?: string; readonly path?: string };
  readonly fault: FaultKind;
  /** How many requests meet it; 1 by default. */
  readonly times?: number;
  /** How many matching requests pass before it; 0 by default. */
  readonly after?: number;
  readonly status?: number;
  /** What the body of `status` is written in; JSON by default. */
  readonly format?: 'json' | 'xml';
  /** The Retry-After header: seconds, or an HTTP date. */
  readonly retryAfter?: string | number;
  readonly delayMs?: number;
}

interface Pending {
  readonly order: FaultOrder;
  left: number;
  toPass: number;
}

const ordersMax = 1000;

/** The faults still to be played, first come first served. */
export class Faults {
  #pending: Pending[] = [];

  /** Adds faults. Throws a RangeError when they are too many. */
  add(orders: readonly FaultOrder[]): void {
    if (this.#pending.length + orders.length > ordersMax) throw new RangeError(`at most ${ordersMax} faults wait`);
    this.#pending.push(...orders.map((order) => ({ order, left: order.times ?? 1, toPass: order.after ?? 0 })));
  }

  /** Takes the fault that this request meets, if any. `path` is without query. */
  take(method: string, path: string): FaultOrder | undefined {
    const found = this.#pending.find(({ order, left }) => left > 0 && meets(order, method, path));
    if (!found) return undefined;
    if (found.toPass > 0) {
      found.toPass -= 1;
      return undefined;
    }
    found.left -= 1;
    if (found.left === 0) this.#pending = this.#pending.filter((pending) => pending !== found);
    return found.order;
  }

  /** How many faults no request has met yet. */
  get waiting(): number {
    return this.#pending.length;
  }

  clear(): void {
    this.#pending = [];
  }
}

/** A path matches itself, or what begins with it when it ends with a star. */
function meets({ match }: FaultOrder, method: string, path: string): boolean {
  if (match?.method !== undefined && match.method.toUpperCase() !== method) return false;
  if (match?.path === undefined) return true;
  return match.path.endsWith('*') ? path.startsWith(match.path.slice(0, -1)) : path === match.path;
}

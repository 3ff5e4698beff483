// Owns counting what was asked and answered. Bounded: paths are counted by their shape.

const pathsMax = 5000;

/** Counts of requests by path and status, and a ledger of the records answered. */
export class Counts {
  readonly #byPath = new Map<string, Record<string, number>>();
  readonly #served = new Map<string, Map<number, number>>();
  readonly #keepsLedger: boolean;
  requests = 0;
  rateRefusals = 0;

  constructor(keepsLedger: boolean) {
    this.#keepsLedger = keepsLedger;
  }

  /** Counts one answer; status 0 is a dropped connection. */
  answered(method: string, path: string, status: number): void {
    this.requests += 1;
    if (status === 429) this.rateRefusals += 1;
    const shape = `${method} ${path.replaceAll(/\/\d+(?=\/|$)/gu, '/:id')}`;
    const key = this.#byPath.has(shape) || this.#byPath.size < pathsMax ? shape : 'other';
    const statuses = this.#byPath.get(key) ?? {};
    statuses[status] = (statuses[status] ?? 0) + 1;
    this.#byPath.set(key, statuses);
  }

  /** Notes the records of an answer. */
  served(resource: string, ids: readonly number[]): void {
    if (!this.#keepsLedger) return;
    const ledger = this.#served.get(resource) ?? new Map<number, number>();
    for (const id of ids) ledger.set(id, (ledger.get(id) ?? 0) + 1);
    this.#served.set(resource, ledger);
  }

  reset(): void {
    this.#byPath.clear();
    this.#served.clear();
    this.requests = 0;
    this.rateRefusals = 0;
  }

  get byPath(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return structuredClone(Object.fromEntries(this.#byPath));
  }

  /** The ledger, or undefined when none is kept. */
  get ledger(): Readonly<Record<string, Readonly<Record<string, number>>>> | undefined {
    if (!this.#keepsLedger) return undefined;
    return Object.fromEntries([...this.#served].map(([key, ids]) => [key, Object.fromEntries(ids)]));
  }
}

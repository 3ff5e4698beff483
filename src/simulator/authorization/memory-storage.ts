// Owns the rows of the authorization server (codes, grants, sessions, refresh tokens), in memory, on the simulator's clock.
// Rows are kept in the simulator's time and handed out in the server's, so moving the simulator's clock ages them.

import type { Adapter, AdapterPayload } from 'oidc-provider';

export interface StorageOptions {
  /** Seconds that the simulator's clock is ahead of the machine's. */
  readonly clockOffsetSeconds: () => number;
  /** How long after it was spent a refresh token still counts as unspent; 0 for a strict server. */
  readonly reuseGraceSeconds: number;
  /** A client's metadata, read fresh each time so that its page takes effect at once. */
  readonly findClient: (clientId: string) => AdapterPayload | undefined;
  /** Called when a spent refresh token is presented again. */
  readonly onReuse: () => void;
  /** Called when a grant ends because a code or refresh token of it came twice at the same moment. */
  readonly onGrantEnded: (grantId: string) => void;
  /** Makes the server's own refusal of a grant, `invalid_grant` on the wire. */
  readonly refusal: () => Error | Promise<Error>;
}

const rowsMax = 200_000;
const usedChallengesMax = 200_000;

/** The storage of one authorization server; `adapter` gives the view of one model that oidc-provider asks for. */
export class MemoryStorage {
  readonly #rows = new Map<string, AdapterPayload>();
  readonly #usedChallenges = new Set<string>();
  readonly #options: StorageOptions;

  constructor(options: StorageOptions) {
    this.#options = options;
  }

  clear(): void {
    this.#rows.clear();
    this.#usedChallenges.clear();
  }

  /** Forgets the refresh tokens of one client, or of all. */
  removeRefreshTokens(clientId?: string): void {
    this.#removeWhere(
      (key, row) => key.startsWith('RefreshToken ') && (clientId === undefined || row.clientId === clientId),
    );
  }

  readonly adapter = (model: string): Adapter => ({
    upsert: async (id, payload) => this.#write(`${model} ${id}`, payload),
    find: async (id) => (model === 'Client' ? this.#options.findClient(id) : this.#read(model, id)),
    findByUid: async (uid) => this.#findWhere(model, (row) => row.uid === uid),
    findByUserCode: async (userCode) => this.#findWhere(model, (row) => row.userCode === userCode),
    consume: async (id) => this.#consume(model, id),
    destroy: async (id) => {
      this.#rows.delete(`${model} ${id}`);
    },
    revokeByGrantId: async (grantId) =>
      this.#removeWhere((key, row) => key.startsWith(`${model} `) && row.grantId === grantId),
  });

  #write(key: string, payload: AdapterPayload): void {
    this.#rows.delete(key);
    this.#rows.set(key, this.#shifted(payload, this.#options.clockOffsetSeconds()));
    if (this.#rows.size > rowsMax) {
      for (const oldest of this.#rows.keys()) {
        this.#rows.delete(oldest);
        break;
      }
    }
  }

  #read(model: string, id: string): AdapterPayload | undefined {
    const row = this.#rows.get(`${model} ${id}`);
    if (!row) return undefined;
    if (model === 'RefreshToken' && row.consumed) {
      if (this.#isSpent(row)) this.#options.onReuse();
      else return this.#shifted({ ...row, consumed: undefined }, -this.#options.clockOffsetSeconds());
    }
    // Each verifier and challenge serve once: a second code for a spent pair is as good as none.
    if (model === 'AuthorizationCode' && !row.consumed && this.#usedChallenges.has(row.codeChallenge ?? '')) {
      return undefined;
    }
    return this.#shifted(row, -this.#options.clockOffsetSeconds());
  }

  /** Spends a code or a refresh token. Of two requests that both found it unspent, the second one is the thief. */
  async #consume(model: string, id: string): Promise<void> {
    const row = this.#rows.get(`${model} ${id}`);
    if (!row) throw await this.#options.refusal();
    if (this.#isSpent(row)) {
      if (model === 'RefreshToken') this.#options.onReuse();
      this.#removeWhere((key, each) => key === `Grant ${row.grantId}` || each.grantId === row.grantId);
      if (row.grantId) this.#options.onGrantEnded(row.grantId);
      throw await this.#options.refusal();
    }
    row.consumed ??= this.#nowSeconds();
    if (model === 'AuthorizationCode' && row.codeChallenge && this.#usedChallenges.size < usedChallengesMax) {
      this.#usedChallenges.add(row.codeChallenge);
    }
  }

  #isSpent(row: AdapterPayload): boolean {
    return row.consumed !== undefined && this.#nowSeconds() >= row.consumed + this.#options.reuseGraceSeconds;
  }

  #nowSeconds(): number {
    return Math.floor(Date.now() / 1000) + this.#options.clockOffsetSeconds();
  }

  #findWhere(model: string, matches: (row: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const [key, row] of this.#rows) {
      if (key.startsWith(`${model} `) && matches(row)) return this.#shifted(row, -this.#options.clockOffsetSeconds());
    }
    return undefined;
  }

  #removeWhere(matches: (key: string, row: AdapterPayload) => boolean): void {
    for (const [key, row] of this.#rows) if (matches(key, row)) this.#rows.delete(key);
  }

  #shifted(row: AdapterPayload, seconds: number): AdapterPayload {
    return {
      ...row,
      ...(row.exp === undefined ? {} : { exp: row.exp + seconds }),
      ...(row.iat === undefined ? {} : { iat: row.iat + seconds }),
    };
  }
}

// Owns what the simulator remembers of the access tokens it gave: whose they are and whether they still count.
// Never keeps a token itself, only its digest.

import { hash } from 'node:crypto';
import type { Bearer } from './contract.ts';

interface Entry extends Bearer {
  readonly grantId: string | undefined;
}

const entriesMax = 100_000;
const endedGrantsMax = 100_000;
const tokenLengthMax = 256 * 1024;

export class TokenLedger {
  readonly #entries = new Map<string, Entry>();
  readonly #endedGrants = new Set<string>();

  /** Remembers an access token; the oldest is forgotten beyond the bound. One of a grant that ended meanwhile never counts. */
  add(token: string, entry: Entry): void {
    if (entry.grantId !== undefined && this.#endedGrants.has(entry.grantId)) return;
    this.#entries.set(digest(token), entry);
    if (this.#entries.size > entriesMax) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
  }

  find(token: string): Bearer | undefined {
    return token.length > tokenLengthMax ? undefined : this.#entries.get(digest(token));
  }

  removeToken(token: string): void {
    this.#entries.delete(digest(token));
  }

  endGrant(grantId: string): void {
    if (this.#endedGrants.size < endedGrantsMax) this.#endedGrants.add(grantId);
    this.#removeWhere((entry) => entry.grantId === grantId);
  }

  removeClient(clientId: string): void {
    this.#removeWhere((entry) => entry.clientId === clientId);
  }

  clear(): void {
    this.#entries.clear();
    this.#endedGrants.clear();
  }

  #removeWhere(matches: (entry: Entry) => boolean): void {
    for (const [key, entry] of this.#entries) if (matches(entry)) this.#entries.delete(key);
  }
}

function digest(token: string): string {
  return hash('sha256', token, 'base64url');
}

// Owns the counters that tests and the control door read.

import type { AuthorizationStats } from './contract.ts';

const knownGrants = new Set([
  'client_credentials',
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
]);

export class Counters {
  #tokenRequestsByGrant = new Map<string, number>();
  #authorizations = 0;
  #reuses = 0;

  countTokenRequest(grantType: unknown): void {
    const name = typeof grantType === 'string' && knownGrants.has(grantType) ? grantType : 'other';
    this.#tokenRequestsByGrant.set(name, (this.#tokenRequestsByGrant.get(name) ?? 0) + 1);
  }

  countAuthorization(): void {
    this.#authorizations += 1;
  }

  countReuse(): void {
    this.#reuses += 1;
  }

  snapshot(): AuthorizationStats {
    return {
      tokenRequests: [...this.#tokenRequestsByGrant.values()].reduce((sum, count) => sum + count, 0),
      tokenRequestsByGrant: Object.fromEntries(this.#tokenRequestsByGrant),
      authorizations: this.#authorizations,
      reuses: this.#reuses,
    };
  }

  clear(): void {
    this.#tokenRequestsByGrant = new Map();
    this.#authorizations = 0;
    this.#reuses = 0;
  }
}

// What callers hand to the HTTP client: where tokens come from and when a request may leave.

/** An access token as the vault knows it. `version` names the token set it belongs to; `issuedAt` is ms since the epoch. */
export interface AccessToken {
  readonly value: string;
  readonly version: number;
  readonly issuedAt: number;
}

export interface TokenRequest {
  /** The token set version that the far side just refused with 401; asks for a newer one. */
  readonly rejectedVersion?: number;
  readonly signal?: AbortSignal;
}

/** Resolves a token valid for at least the account type's refresh margin. Throws SNAP_ACCOUNT_* and SNAP_TOKEN_UNAVAILABLE. */
export type TokenSource = (request?: TokenRequest) => Promise<AccessToken>;

/** The pace of one tenant, shared by everything that calls it. */
export interface Budget {
  /** Waits until one request may leave; resolves the time waited in ms. Rejects when the signal aborts. */
  take(signal?: AbortSignal): Promise<number>;
  /** Stops everybody for this long: the far side said so (429, Retry-After). */
  pause(delayMs: number): void;
}

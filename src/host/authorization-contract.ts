// The contract of authorizing accounts: what commands and routes can ask of the host. Types only.
import type { AccountView } from '../vault/contract.ts';

/** client_credentials needs nobody; authorization_code a person in a browser; device_code a person with a code. */
export type GrantKind = 'client_credentials' | 'authorization_code' | 'device_code';

export interface GrantDescription {
  readonly grant: GrantKind;
  /** Sentences that a person should read before beginning: what the account will not be able to do by itself. */
  readonly notes: readonly string[];
}

/** What a person opens, and what the callback must bring back. */
export interface BegunAuthorization {
  readonly authorizeUrl: string;
  /** Exactly as it must be registered at the far side. */
  readonly redirectUri: string;
  readonly state: string;
  /** For the flow's cookie; undefined when no browser was bound. */
  readonly nonce: string | undefined;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export interface BegunDevice {
  readonly userCode: string;
  readonly verificationUri: string;
  /** The same address with the code in it, where the server gives one. */
  readonly verificationUriComplete: string | null;
  /** ISO 8601. */
  readonly expiresAt: string;
  /** Resolves when the person has allowed it and the tokens are stored. Rejects with SNAP_*; the account is then unchanged. */
  readonly finished: Promise<AccountView>;
}

export interface Authorizations {
  /** Throws SNAP_ACCOUNT_NOT_FOUND. */
  describe(accountName: string): Promise<GrantDescription>;
  /** Notes a pending authorization: single use, ten minutes. Throws SNAP_ACCOUNT_INVALID for an account of another grant. */
  begin(
    accountName: string,
    options: { readonly redirectUri: string; readonly bindsBrowser: boolean },
  ): Promise<BegunAuthorization>;
  /** Ends it with the query of the callback. Throws SNAP_AUTHORIZATION_REFUSED; the account is then unchanged. */
  complete(callback: { readonly parameters: URLSearchParams; readonly nonce?: string }): Promise<AccountView>;
  /** Asks for a code that a person types elsewhere, and waits for them until the signal aborts. */
  beginDevice(accountName: string, signal: AbortSignal): Promise<BegunDevice>;
}

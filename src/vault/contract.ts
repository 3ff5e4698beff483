// What the vault offers and what it is handed. Plaintext secrets leave it only towards `requestTokens` and `revokeTokens`.
import type { JsonObject } from '../document/json.ts';
import type { SnapError } from '../errors.ts';
import type { TokenSource } from '../http/contract.ts';
import type { TokenAnswer } from '../oauth/contract.ts';
import type { AccountState, Store } from '../store/contract.ts';
import type { SeenVersions } from './seen-versions.ts';

export interface Vault {
  readonly accounts: Accounts;
  readonly authorizations: Authorizations;
  readonly keys: Keys;
  /** Gives the function that resolves access tokens of one account; all sources of a vault share one renewal an account. */
  tokenSource(accountName: string): TokenSource;
}

export interface VaultOptions {
  readonly store: Store;
  readonly key: KeySource;
  /** The rules of an account type; throws SNAP_PACK_NOT_FOUND for a type that no pack declares. */
  readonly policyOf: (accountType: string) => AccountPolicy;
  readonly requestTokens: RequestTokens;
  /** Tells the far side that tokens are not needed any more; may do nothing where it has no such endpoint. */
  readonly revokeTokens?: RevokeTokens;
  readonly clock?: Clock;
  readonly limits?: Partial<VaultLimits>;
  /** Told when a renewal brought a token, or why it did not. */
  readonly onRenewal?: (accountName: string, error: SnapError | undefined) => void;
  /** What this machine remembers beside the store; without it a store put back from a backup is not noticed. */
  readonly seen?: SeenVersions;
}

/** Where the master key is: its text (base64 or hex of 32 bytes, with the name of what held it), or a file. */
export type KeySource =
  | { readonly text: string; readonly origin: string }
  | { readonly file: string; readonly isMadeWhenMissing: boolean };

/** Both clocks in ms: a token counts as ended when either says so. */
export interface Clock {
  wall(): number;
  monotonic(): number;
}

export interface VaultLimits {
  /** From taking the lease to the end of the token call. */
  readonly callDeadlineMs: number;
  /** Longer than the call and the commit after it. */
  readonly leaseTtlMs: number;
  /** How long a caller without a live token waits for somebody else's renewal or for a cool-down. */
  readonly patienceMsMax: number;
  readonly coolDownMsMin: number;
  readonly coolDownMsMax: number;
  /** How long a token is given from memory before the store is asked again. */
  readonly memoryMsMax: number;
}

/** What the manifest says about tokens of an account type. */
export interface AccountPolicy {
  /** Names of settings that are sealed and never read back. */
  readonly secretFields: readonly string[];
  readonly refreshMarginMs: number;
  readonly tokenLifetimeMsMax: number;
  /** Undefined where refresh tokens have no declared end. */
  readonly refreshTokenLifetimeMs: number | undefined;
  /** A token younger than this may be refused though it is good. */
  readonly settleMs: number;
  /** Where secrets go and as whom, as one text of the public settings: a change of it clears secrets and tokens. */
  binding(settings: JsonObject): string;
  /** False for an account that is used with its secrets alone, such as one of a database: there is nothing to authorize. */
  readonly hasTokens: boolean;
  /** True when the account gets tokens by itself (client credentials); false when a person must authorize it. */
  standsAlone(settings: JsonObject): boolean;
}

/** An account with its secrets open, for the length of one call. */
export interface OpenAccount {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly settings: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
}

export type Grant =
  | { readonly kind: 'client_credentials' }
  | { readonly kind: 'refresh_token'; readonly refreshToken: string }
  | {
      readonly kind: 'authorization_code';
      /** The query of the callback as it came; checked by whoever exchanges it. */
      readonly parameters: URLSearchParams;
      readonly state: string;
      readonly redirectUri: string;
      readonly codeVerifier: string | undefined;
      /** True when a callback of this account's server carried `iss` before: one without it comes from elsewhere (RFC 9207). */
      readonly expectsIssuer: boolean;
    };

/** Sends one token request; throws OauthFailure. Must end when the signal aborts and must send nothing after that. */
export type RequestTokens = (account: OpenAccount, grant: Grant, signal: AbortSignal) => Promise<TokenAnswer>;

export type RevokeTokens = (
  account: OpenAccount,
  tokens: { readonly accessToken: string; readonly refreshToken: string | undefined },
) => Promise<void>;

// ---- accounts ----

export interface AccountInput {
  readonly name: string;
  readonly type: string;
  /** Public settings, checked by the caller against the account type's schema. */
  readonly settings: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
}

/** An account as anybody may see it: no secret, not even in part. Times are ISO 8601. */
export interface AccountView {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly settings: JsonObject;
  /** For each sensitive setting whether it is set. */
  readonly secrets: Readonly<Record<string, { readonly set: boolean }>>;
  readonly state: AccountState;
  readonly stateReason: string;
  readonly stateAt: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly token: TokenView | null;
  /** Sentences for people: the authorization ends soon, the last renewal failed. */
  readonly warnings: readonly string[];
}

export interface TokenView {
  readonly version: number;
  readonly scopes: readonly string[] | null;
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly hasRefreshToken: boolean;
  readonly refreshExpiresAt: string | null;
}

export interface Accounts {
  /** Throws SNAP_ACCOUNT_EXISTS. */
  add(input: AccountInput): Promise<AccountView>;
  /** Replaces the settings. A secret that is absent, empty or the mask stays; a change of a binding setting clears all others. */
  update(
    name: string,
    input: { readonly settings: JsonObject; readonly secrets: Readonly<Record<string, string>> },
  ): Promise<AccountView>;
  list(): Promise<readonly AccountView[]>;
  /** Throws SNAP_ACCOUNT_NOT_FOUND. */
  show(name: string): Promise<AccountView>;
  /** Revokes what it can, deletes every row and overwrites what they held. A failed revocation is told, not fatal. */
  remove(name: string): Promise<{ readonly isRevoked: boolean }>;
  /** Obtains a token now, whatever was judged before: a person asked. Throws SNAP_ACCOUNT_* and SNAP_TOKEN_UNAVAILABLE. */
  authorize(name: string): Promise<AccountView>;
  /** Opens an account for a call that needs its secrets (a device request, an authorize URL). Never print what it gives. */
  open(name: string): Promise<OpenAccount>;
}

// ---- authorizations ----

export interface BegunAuthorization {
  readonly state: string;
  /** For the browser's cookie; the callback must bring it back. Undefined when there is no browser session to bind to. */
  readonly nonce: string | undefined;
  readonly expiresInMs: number;
}

export interface Authorizations {
  /** Notes a pending authorization: single use, ten minutes. The verifier is sealed. */
  begin(
    accountName: string,
    options: { readonly redirectUri: string; readonly codeVerifier?: string; readonly bindsBrowser: boolean },
  ): Promise<BegunAuthorization>;
  /** Ends it with the query of the callback. Any failure leaves the account as it was. Throws SNAP_AUTHORIZATION_REFUSED. */
  complete(callback: { readonly parameters: URLSearchParams; readonly nonce?: string }): Promise<AccountView>;
  /** Stores tokens that a device grant gave. */
  accept(accountName: string, answer: TokenAnswer): Promise<AccountView>;
}

// ---- keys ----

export interface KeyCheck {
  readonly id: string;
  readonly state: 'active' | 'retiring';
  readonly createdAt: string;
}

export interface KeyVerification {
  readonly fingerprint: string;
  readonly keys: readonly KeyCheck[];
  /** Sealed values that opened. */
  readonly opened: number;
  /** Account names and fields that did not open. */
  readonly broken: readonly string[];
}

export interface KeyRotation {
  readonly fromFingerprint: string;
  readonly toFingerprint: string;
  readonly resealed: number;
  /** True when it ended a rotation that was cut short before. */
  readonly isContinued: boolean;
}

export interface Keys {
  readonly fingerprint: string;
  /** Replaces master key and data key while others go on. With a key that is not in a file, the new one's text must be handed in. */
  rotate(newKeyText?: string): Promise<KeyRotation>;
  /** Opens everything that is sealed and tells what does not open. */
  verify(): Promise<KeyVerification>;
}

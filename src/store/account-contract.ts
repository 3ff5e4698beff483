// What the store keeps of an account. Types only.
import type { JsonObject } from '../document/json.ts';

export type AccountState = 'new' | 'authorized' | 'needs-authorization' | 'misconfigured';

/** A sealed value as text; only the vault can open it. */
export type Sealed = string;

/** Sealed values of one row, with the data key that sealed them: a write with a retired key is refused. */
export interface SealedFields {
  readonly keyId: string;
  readonly fields: Readonly<Record<string, Sealed>>;
}

export interface AccountRow {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** Public settings only. */
  readonly settings: JsonObject;
  /** Counts the changes of settings and secrets; a verdict about an older revision is void. */
  readonly revision: number;
  /** The version that all sealed secrets of this account must carry. */
  readonly secretsVersion: number;
  readonly secrets: SealedFields | undefined;
  /** The version of the current token set; 0 before the first. An older set put back does not match it. */
  readonly tokenVersion: number;
  /** True once a good callback of its authorization server carried `iss`; false again when the account belongs elsewhere. */
  readonly sendsIssuer: boolean;
  readonly state: AccountState;
  readonly stateReason: string;
  /** ms since the epoch. */
  readonly stateAt: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface AccountInsert {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly settings: JsonObject;
  readonly secrets: SealedFields | undefined;
}

export interface AccountChange {
  readonly settings: JsonObject;
  /** All secrets, sealed anew with the version after the row's `secretsVersion`; undefined removes them. */
  readonly secrets: SealedFields | undefined;
  /** Ends the current token set and everything pending: the account belongs elsewhere now. */
  readonly clearsTokens: boolean;
}

export interface AccountVerdict {
  readonly state: AccountState;
  readonly reason: string;
  /** The verdict holds only while the account is still the one it was made about. */
  readonly revision: number;
  readonly tokenVersion: number;
}

/** The outcome of a write that others may have outrun: `stale` the row moved on, `key-retired` seal again, `exists` the name is taken. */
export type WriteOutcome = 'done' | 'stale' | 'key-retired' | 'exists';

export interface AccountRows {
  insert(account: AccountInsert): Promise<WriteOutcome>;
  findByName(name: string): Promise<AccountRow | undefined>;
  findById(id: string): Promise<AccountRow | undefined>;
  /** All accounts by name. */
  list(): Promise<readonly AccountRow[]>;
  change(id: string, revision: number, change: AccountChange): Promise<WriteOutcome>;
  /** Swaps sealed secrets for the same ones under another key; `fromKeyId` and version must still be the row's. */
  reseal(id: string, secretsVersion: number, fromKeyId: string, secrets: SealedFields): Promise<WriteOutcome>;
  judge(id: string, verdict: AccountVerdict): Promise<WriteOutcome>;
  /** Keeps that the account's server names itself in callbacks; `stale` when the account was changed since that revision. */
  noteIssuer(id: string, revision: number): Promise<WriteOutcome>;
  /** Deletes the account with its secrets, token set, renewal and pending authorizations. False when it is not there. */
  remove(id: string): Promise<boolean>;
  /** Ids of accounts with something sealed by this key, at most `limit`. */
  sealedWith(keyId: string, limit: number): Promise<readonly string[]>;
}

// Owns the places of sealed values: which table, row, field and version each is bound to.
import type { AccountRow, TokenSetView } from '../store/contract.ts';
import type { OpenAccount } from './contract.ts';
import type { KeyRing, SealRow } from './key-ring.ts';
import { sealIsBroken } from './seal.ts';

export const accountSealRow = (accountId: string, secretsVersion: number): SealRow => ({
  table: 'accounts',
  owner: accountId,
  version: secretsVersion,
});

export const tokenSetSealRow = (accountId: string, version: number): SealRow => ({
  table: 'token_sets',
  owner: accountId,
  version,
});

export const authorizationSealRow = (accountId: string, stateHash: string): SealRow => ({
  table: 'authorizations',
  owner: `${accountId}/${stateHash}`,
  version: 1,
});

/** Opens the secrets of an account. Throws SNAP_SEAL_BROKEN. */
export async function openAccount(ring: KeyRing, row: AccountRow): Promise<OpenAccount> {
  const { id, name, type, settings } = row;
  const secrets =
    row.secrets === undefined ? {} : await ring.openFields(row.secrets, accountSealRow(id, row.secretsVersion));
  return { id, name, type, settings, secrets };
}

/** Opens the token set of a view. Throws SNAP_SEAL_BROKEN, also when an older set was put back. */
export async function openTokens(
  ring: KeyRing,
  { set, account }: TokenSetView,
): Promise<{ readonly access: string; readonly refresh: string | undefined }> {
  const row = tokenSetSealRow(account.id, account.tokenVersion);
  if (set === undefined || set.version !== account.tokenVersion) throw sealIsBroken({ ...row, field: 'token set' });
  const { access = '', refresh } = await ring.openFields(set.sealed, row);
  return { access, refresh };
}

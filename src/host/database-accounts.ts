// Owns what a database account gives to the snaps that use it: its address, and its password for as long as it is open.
import { type DatabaseAccount, testDatabase } from '../core/index.ts';
import { ConfigurationError } from '../errors.ts';
import type { PackRegistry } from '../pack/index.ts';
import type { Vault } from '../vault/contract.ts';
import { accountTypeOf } from './account-policy.ts';
import type { AccountTest } from './host.ts';

export interface DatabaseAccountOptions {
  readonly registry: PackRegistry;
  readonly openVault: () => Promise<Vault>;
}

/** Opens a stored account. Throws SNAP_ACCOUNT_NOT_FOUND, and SNAP_ACCOUNT_INVALID for one that is of no database. */
export async function openDatabaseAccount(
  name: string,
  { registry, openVault }: DatabaseAccountOptions,
): Promise<DatabaseAccount> {
  const { type, settings, secrets } = await (await openVault()).accounts.open(name);
  const { database } = accountTypeOf(registry, type).declaration;
  if (database !== undefined) return { url: String(settings[database.url]), password: secrets[database.password] };
  throw new ConfigurationError('SNAP_ACCOUNT_INVALID', `The account "${name}" is of no database.`, {
    reason: `it is of type ${type}`,
    resolution: 'name an account whose type has an address of a database',
  });
}

/** Asks the database of an account for one row. Throws what went wrong. A relative SQLite file is tried in `outputDirectory`. */
export async function testDatabaseAccount(
  name: string,
  options: DatabaseAccountOptions & { readonly outputDirectory: string },
): Promise<AccountTest> {
  const account = await openDatabaseAccount(name, options);
  const startedAt = performance.now();
  await testDatabase(account, options.outputDirectory);
  const durationMs = Math.round(performance.now() - startedAt);
  return { name, ok: true, status: null, url: account.url, durationMs, scopes: null };
}

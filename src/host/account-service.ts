// Offers accounts to commands and routes: input checked against the account type, then one call of the vault.
import { ConfigurationError } from '../errors.ts';
import type { PackRegistry } from '../pack/index.ts';
import { secretMask } from '../vault/accounts.ts';
import type { Vault } from '../vault/contract.ts';
import { checkAccountInput } from './account-input.ts';
import { accountPolicy, accountTypeOf } from './account-policy.ts';
import type { HostConfig } from './config.ts';
import type { Connections } from './connections.ts';
import { testDatabaseAccount } from './database-accounts.ts';
import type { GivenAccounts } from './given-accounts.ts';
import type { Accounts } from './host.ts';

export interface AccountServiceOptions {
  readonly registry: PackRegistry;
  readonly config: HostConfig;
  readonly openVault: () => Promise<Vault>;
  readonly connections: Connections;
  readonly given: GivenAccounts;
}

export function createAccounts({ registry, config, openVault, connections, given }: AccountServiceOptions): Accounts {
  return {
    add: async (input) => {
      const type = accountTypeOf(registry, input.type);
      if (type.declaration.token !== undefined) throw notStored(input.type);
      const settings = checkAccountInput(type, input, { allowedHosts: config.allowedHosts });
      return await (await openVault()).accounts.add({ ...input, settings });
    },
    update: async (name, change) => {
      const vault = await openVault();
      const old = await vault.accounts.open(name);
      const type = accountTypeOf(registry, old.type);
      const changed = change.isWhole ? change.settings : { ...old.settings, ...change.settings };
      const { binding } = accountPolicy(type);
      const isElsewhere = binding(old.settings) !== binding(changed);
      const entered = enteredSecrets(change.secrets);
      // Secrets that were meant for another place do not count as given.
      const form = {
        name,
        type: old.type,
        settings: changed,
        secrets: { ...(isElsewhere ? {} : old.secrets), ...entered },
      };
      const settings = checkAccountInput(type, form, { allowedHosts: config.allowedHosts });
      await connections.drop(name);
      return await vault.accounts.update(name, { settings, secrets: entered });
    },
    give: (input) => given.give(input),
    list: async () => await (await openVault()).accounts.list(),
    show: async (name) => await (await openVault()).accounts.show(name),
    authorize: async (name) => {
      const vault = await openVault();
      const { type } = await vault.accounts.show(name);
      if (accountTypeOf(registry, type).declaration.oauth === undefined) throw nothingToAuthorize(name, type);
      return await vault.accounts.authorize(name);
    },
    test: async (name) => {
      const stored = given.find(name) === undefined ? await (await openVault()).accounts.show(name) : undefined;
      const isDatabase =
        stored !== undefined && accountTypeOf(registry, stored.type).declaration.database !== undefined;
      return isDatabase
        ? await testDatabaseAccount(name, { registry, openVault, outputDirectory: config.dataDirectory })
        : await connections.test(name);
    },
    remove: async (name) => {
      const outcome = await (await openVault()).accounts.remove(name);
      await connections.drop(name);
      return outcome;
    },
  };
}

/** What a person left empty, or sent back as the mask that a form shows, is not entered. */
function enteredSecrets(secrets: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== '' && value !== secretMask));
}

function nothingToAuthorize(name: string, type: string): ConfigurationError {
  return new ConfigurationError('SNAP_ACCOUNT_INVALID', `The account "${name}" needs no authorization.`, {
    reason: `an account of type ${type} has no tokens`,
    resolution: `try it with "snaps account test ${name}"`,
  });
}

function notStored(type: string): ConfigurationError {
  return new ConfigurationError('SNAP_ACCOUNT_INVALID', `An account of type ${type} is not stored.`, {
    reason: 'its token is given for one run and kept nowhere',
    resolution: `hand it to the run: snaps run FILE --account ID=type:${type} --set ID.host=... --secret ID.token=env:VARIABLE`,
  });
}

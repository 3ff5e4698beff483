// Reads the accounts of a run: names of stored ones, and those whose token is handed over for this run alone.
import { ConfigurationError } from '../errors.ts';
import type { AccountInput, Host } from '../host/host.ts';
import { readPairs, readSecrets } from './pairs.ts';

const givenPrefix = 'type:';

interface AccountFlags {
  readonly account: readonly string[];
  readonly set: readonly string[];
  readonly secret: readonly string[];
}

export interface RunAccounts {
  /** Names of stored accounts by the ids that the pipeline uses. */
  readonly names: Readonly<Record<string, string>>;
  /** Accounts to hand over; each carries the id as its name. */
  readonly accounts: readonly AccountInput[];
}

/** Reads --account id=NAME, and --account id=type:TYPE with its --set id.name=value and --secret id.name=PLACE. */
export async function readGivenAccounts(
  flags: AccountFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RunAccounts> {
  const all = Object.entries(readPairs('account', flags.account));
  const given = all.filter(([, name]) => name.startsWith(givenPrefix));
  const ids = given.map(([id]) => id);
  const settings = byAccount('set', readPairs('set', flags.set), ids);
  // Which account a secret is for is checked before it is read from anywhere.
  byAccount('secret', readPairs('secret', flags.secret), ids);
  const secrets = byAccount('secret', await readSecrets(flags.secret, environment), ids);
  return {
    names: Object.fromEntries(all.filter(([, name]) => !name.startsWith(givenPrefix))),
    accounts: given.map(([name, type]) => ({
      name,
      type: type.slice(givenPrefix.length),
      settings: settings.get(name) ?? {},
      secrets: secrets.get(name) ?? {},
    })),
  };
}

/** Hands the accounts to the host and gives the names to run with, by the ids that the pipeline uses. */
export function handOver(host: Host, accounts: readonly AccountInput[]): Record<string, string> {
  return Object.fromEntries(accounts.map((account) => [account.name, host.accounts.give(account)]));
}

function byAccount(
  flag: string,
  values: Readonly<Record<string, string>>,
  ids: readonly string[],
): Map<string, Record<string, string>> {
  const found = new Map<string, Record<string, string>>();
  for (const [name, value] of Object.entries(values)) {
    const id = ids.find((each) => name.startsWith(`${each}.`));
    if (id === undefined) {
      throw new ConfigurationError('SNAP_USAGE', `--${flag} "${name}" belongs to no account of this run.`, {
        reason: 'it serves accounts with a given token, and begins with the id that the pipeline uses',
        resolution: `write --account ID=type:TYPE and --${flag} ID.name=...`,
      });
    }
    found.set(id, { ...found.get(id), [name.slice(id.length + 1)]: value });
  }
  return found;
}

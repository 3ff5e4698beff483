import { Args, Flags } from '@oclif/core';
import type { AccountView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { readPairs, readSecrets } from '../pairs.ts';

export class AccountUpdate extends BaseCommand {
  static override summary = 'Change single settings or secrets of an account.';
  static override description =
    'A change of host, grant or client ends the tokens, and secrets must be given anew: they were meant for another place.';
  static override args = { name: Args.string({ description: 'name of the account', required: true }) };
  static override flags = {
    set: Flags.string({ description: 'a setting, name=value', multiple: true, multipleNonGreedy: true, default: [] }),
    secret: Flags.string({
      description: 'where a secret is: name=env:VARIABLE, name=file:PATH or name=-',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
  };

  async run(): Promise<AccountView> {
    const { args, flags } = await this.parse(AccountUpdate);
    const settings = readPairs('set', flags.set);
    const secrets = await readSecrets(flags.secret, process.env);
    const account = await this.withHost(flags, (host) => host.accounts.update(args.name, { settings, secrets }));
    this.say(`Account "${account.name}" is changed. Next: snaps account authorize ${account.name}`);
    return account;
  }
}

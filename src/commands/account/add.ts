import { Args, Flags } from '@oclif/core';
import type { AccountView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { readPairs, readSecrets } from '../pairs.ts';

export class AccountAdd extends BaseCommand {
  static override summary = 'Add an account.';
  static override description =
    'Settings come with --set; secrets only from where they are kept: --secret name=env:VARIABLE, name=file:PATH or name=-.';
  static override args = { name: Args.string({ description: 'name of the account', required: true }) };
  static override flags = {
    type: Flags.string({ description: 'account type, see "snaps pack list"', required: true }),
    set: Flags.string({ description: 'a setting, name=value', multiple: true, multipleNonGreedy: true, default: [] }),
    secret: Flags.string({
      description: 'where a secret is: name=env:VARIABLE, name=file:PATH or name=-',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
  };

  async run(): Promise<AccountView> {
    const { args, flags } = await this.parse(AccountAdd);
    const settings = readPairs('set', flags.set);
    const secrets = await readSecrets(flags.secret, process.env);
    const account = await this.withHost(flags, (host) =>
      host.accounts.add({ name: args.name, type: flags.type, settings, secrets }),
    );
    const next = account.state === 'authorized' ? 'test' : 'authorize';
    this.say(`Account "${account.name}" is added. Next: snaps account ${next} ${account.name}`);
    return account;
  }
}

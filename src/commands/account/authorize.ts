import { Args } from '@oclif/core';
import type { AccountView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';

export class AccountAuthorize extends BaseCommand {
  static override summary = 'Obtain a token for an account now.';
  static override args = { name: Args.string({ description: 'name of the account', required: true }) };

  async run(): Promise<AccountView> {
    const { args, flags } = await this.parse(AccountAuthorize);
    const account = await this.withHost(flags, (host) => host.accounts.authorize(args.name));
    this.say(`Account "${account.name}" is authorized until ${account.token?.expiresAt ?? 'further notice'}.`);
    return account;
  }
}

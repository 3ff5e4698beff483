import { Args } from '@oclif/core';
import type { AccountView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';

export class AccountShow extends BaseCommand {
  static override summary = 'Show one account; secrets are only said to be set.';
  static override args = { name: Args.string({ description: 'name of the account', required: true }) };

  async run(): Promise<AccountView> {
    const { args, flags } = await this.parse(AccountShow);
    const account = await this.withHost(flags, (host) => host.accounts.show(args.name));
    this.say(`${account.name} (${account.type}): ${account.state}`);
    if (account.stateReason !== '') this.say(`  ${account.stateReason}`);
    for (const [name, value] of Object.entries(account.settings)) this.say(`  ${name}: ${JSON.stringify(value)}`);
    for (const [name, { set }] of Object.entries(account.secrets))
      this.say(`  ${name}: ${set ? '(set)' : '(not set)'}`);
    if (account.token?.scopes) this.say(`  granted scopes: ${account.token.scopes.join(' ')}`);
    if (account.token) this.say(`  token until: ${account.token.expiresAt}`);
    for (const warning of account.warnings) this.say(`  warning: ${warning}`);
    return account;
  }
}

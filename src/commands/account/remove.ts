import { Args } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';

export class AccountRemove extends BaseCommand {
  static override summary = 'Remove an account with its secrets and tokens.';
  static override args = { name: Args.string({ description: 'name of the account', required: true }) };

  async run(): Promise<{ readonly name: string; readonly removed: true; readonly isRevoked: boolean }> {
    const { args, flags } = await this.parse(AccountRemove);
    const { isRevoked } = await this.withHost(flags, (host) => host.accounts.remove(args.name));
    this.say(`Account "${args.name}" is removed${isRevoked ? ' and its tokens are revoked' : ''}.`);
    return { name: args.name, removed: true, isRevoked };
  }
}

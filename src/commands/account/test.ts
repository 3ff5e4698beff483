import { Args } from '@oclif/core';
import type { AccountTest as Outcome } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';

export class AccountTest extends BaseCommand {
  static override summary = 'Make one cheap call with an account.';
  static override args = { name: Args.string({ description: 'name of the account', required: true }) };

  async run(): Promise<Outcome> {
    const { args, flags } = await this.parse(AccountTest);
    const outcome = await this.withHost(flags, (host) => host.accounts.test(args.name));
    this.say(
      `Account "${outcome.name}" works: ${outcome.url} answered${outcome.status === null ? '' : ` ${outcome.status}`} in ${outcome.durationMs} ms.`,
    );
    if (outcome.scopes !== null) this.say(`Granted scopes: ${outcome.scopes.join(' ') || '(none)'}`);
    return outcome;
  }
}

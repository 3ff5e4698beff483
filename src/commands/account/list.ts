import type { AccountView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { type Column, table } from '../table.ts';

export class AccountList extends BaseCommand {
  static override summary = 'List the accounts.';

  async run(): Promise<readonly AccountView[]> {
    const { flags } = await this.parse(AccountList);
    const accounts = await this.withHost(flags, (host) => host.accounts.list());
    if (accounts.length === 0) this.say('No account yet. Add one with: snaps account add NAME --type TYPE');
    const columns: Column<AccountView>[] = [
      ['NAME', (account) => account.name],
      ['TYPE', (account) => account.type],
      ['STATE', (account) => account.state],
      ['TOKEN UNTIL', (account) => account.token?.expiresAt ?? ''],
    ];
    if (accounts.length > 0) for (const line of table(accounts, columns)) this.say(line);
    return accounts;
  }
}

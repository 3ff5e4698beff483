import type { SnapView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { type Column, table } from '../table.ts';

export class SnapList extends BaseCommand {
  static override summary = 'List the snaps of all packs.';

  async run(): Promise<readonly SnapView[]> {
    const { flags } = await this.parse(SnapList);
    const snaps = await this.withHost(flags, async (host) => host.catalog.snaps());
    const columns: Column<SnapView>[] = [
      ['ID', (snap) => snap.id],
      ['CATEGORY', (snap) => snap.category],
      ['DESCRIPTION', (snap) => snap.description],
    ];
    for (const line of table(snaps, columns)) this.say(line);
    return snaps;
  }
}

import type { PackView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { type Column, table } from '../table.ts';

export class PackList extends BaseCommand {
  static override summary = 'List the snap packs that are loaded.';

  async run(): Promise<readonly PackView[]> {
    const { flags } = await this.parse(PackList);
    const packs = await this.withHost(flags, async (host) => host.catalog.packs());
    const columns: Column<PackView>[] = [
      ['NAME', (pack) => pack.name],
      ['VERSION', (pack) => pack.version],
      ['SNAPS', (pack) => String(pack.snaps)],
      ['RESOURCES', (pack) => String(pack.resources)],
      ['TITLE', (pack) => pack.title],
    ];
    for (const line of table(packs, columns)) this.say(line);
    return packs;
  }
}

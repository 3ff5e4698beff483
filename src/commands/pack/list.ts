import type { PackView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { table } from '../table.ts';

export class PackList extends BaseCommand {
  static override summary = 'List the snap packs that are loaded.';

  async run(): Promise<readonly PackView[]> {
    const { flags } = await this.parse(PackList);
    const packs = await this.withHost(flags, async (host) => host.catalog.packs());
    const columns = {
      NAME: (pack: PackView) => pack.name,
      VERSION: (pack: PackView) => pack.version,
      SNAPS: (pack: PackView) => String(pack.snaps),
      RESOURCES: (pack: PackView) => String(pack.resources),
      TITLE: (pack: PackView) => pack.title,
    };
    for (const line of table(packs, columns)) this.say(line);
    return packs;
  }
}

import type { ResourceView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { type Column, table } from '../table.ts';

export class ResourceList extends BaseCommand {
  static override summary = 'List the resources of all packs.';

  async run(): Promise<readonly ResourceView[]> {
    const { flags } = await this.parse(ResourceList);
    const resources = await this.withHost(flags, async (host) => host.catalog.resources());
    const columns: Column<ResourceView>[] = [
      ['KEY', (resource) => resource.key],
      ['TITLE', (resource) => resource.title],
      ['PACK', (resource) => resource.pack],
      ['LISTABLE', (resource) => (resource.listable ? 'yes' : 'no')],
      ['CALLS', (resource) => String(resource.calls)],
      ['VERBS', (resource) => resource.verbs.join(', ')],
    ];
    for (const line of table(resources, columns)) this.say(line);
    return resources;
  }
}

import type { ResourceView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { table } from '../table.ts';

export class ResourceList extends BaseCommand {
  static override summary = 'List the resources of all packs.';

  async run(): Promise<readonly ResourceView[]> {
    const { flags } = await this.parse(ResourceList);
    const resources = await this.withHost(flags, async (host) => host.catalog.resources());
    const columns = {
      KEY: (resource: ResourceView) => resource.key,
      TITLE: (resource: ResourceView) => resource.title,
      PACK: (resource: ResourceView) => resource.pack,
      LISTABLE: (resource: ResourceView) => (resource.listable ? 'yes' : 'no'),
      CALLS: (resource: ResourceView) => String(resource.calls),
    };
    for (const line of table(resources, columns)) this.say(line);
    return resources;
  }
}

import { Args } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';

export class PackDocs extends BaseCommand {
  static override summary = 'Print the reference page of a snap pack in Markdown.';
  static override examples = ['<%= config.bin %> <%= command.id %> packs/servicenow > servicenow.md'];
  static override args = { directory: Args.string({ description: 'folder with manifest.json', required: true }) };

  async run(): Promise<{ readonly name: string; readonly page: string }> {
    const { args, flags } = await this.parse(PackDocs);
    const docs = await this.withHost(flags, (host) => host.catalog.packPage(args.directory));
    this.say(docs.page.trimEnd());
    return docs;
  }
}

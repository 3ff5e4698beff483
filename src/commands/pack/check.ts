import { Args } from '@oclif/core';
import type { PackView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';

export class PackCheck extends BaseCommand {
  static override summary = 'Check a snap pack; all faults at once.';
  static override args = { directory: Args.string({ description: 'folder with manifest.json', required: true }) };

  async run(): Promise<PackView> {
    const { args, flags } = await this.parse(PackCheck);
    const pack = await this.withHost(flags, (host) => host.catalog.checkPack(args.directory));
    this.say(`Pack "${pack.name}" ${pack.version} is sound: ${pack.snaps} snaps, ${pack.resources} resources.`);
    return pack;
  }
}

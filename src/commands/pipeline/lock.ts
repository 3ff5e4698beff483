import { Args } from '@oclif/core';
import type { LockedPipeline } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';

export class PipelineLock extends BaseCommand {
  static override summary = 'Pin what a pipeline uses of its packs, in a file beside it.';
  static override description =
    'A run then refuses a pack whose change breaks what the pipeline uses, and says what changed. Run it again to agree to a change.';
  static override args = { file: Args.string({ description: 'the *.pipeline.json file', required: true }) };

  async run(): Promise<LockedPipeline> {
    const { args, flags } = await this.parse(PipelineLock);
    const locked = await this.withHost(flags, (host) => host.lockPipeline(args.file));
    const packs = Object.entries(locked.packs).map(([name, version]) => `${name} ${version}`);
    this.say(`Wrote ${locked.lockFile}: ${locked.parts} parts of ${packs.join(', ')}.`);
    return locked;
  }
}

import { Args } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';

export class CursorRemove extends BaseCommand {
  static override summary = 'Forget where the incremental reads of a pipeline stand: its next run begins anew.';
  static override args = {
    pipeline: Args.string({ description: 'name of the pipeline', required: true }),
    snap: Args.string({ description: 'id of one snap; all of them when left out' }),
  };

  async run(): Promise<{ readonly pipeline: string; readonly removed: number }> {
    const { args, flags } = await this.parse(CursorRemove);
    const removed = await this.withHost(flags, (host) => host.cursors.remove(args.pipeline, args.snap));
    this.say(removed === 0 ? `"${args.pipeline}" has no cursor.` : `"${args.pipeline}" begins anew at its next run.`);
    return { pipeline: args.pipeline, removed };
  }
}

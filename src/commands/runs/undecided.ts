import { Args } from '@oclif/core';
import type { UndecidedWriteView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { printable } from '../failure.ts';

export class RunsUndecided extends BaseCommand {
  static override summary = 'List the writes of a run of which nobody knows whether they took effect.';
  static override args = { run: Args.string({ description: 'id of the run', required: true }) };

  async run(): Promise<readonly UndecidedWriteView[]> {
    const { args, flags } = await this.parse(RunsUndecided);
    const writes = await this.withHost(flags, (host) => host.runs.undecided(args.run));
    if (writes.length === 0) this.say('No undecided write.');
    for (const { snap, write, request, body } of writes) {
      this.say(printable(`${snap} ${write}: ${request} ${body ?? ''}`));
    }
    return writes;
  }
}

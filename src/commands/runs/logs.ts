import { Args, Flags } from '@oclif/core';
import type { RunLogEntry } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';

export class RunsLogs extends BaseCommand {
  static override summary =
    'Show the log of a run: states, checkpoints, waits, repeated requests, renewals, failed documents.';
  static override args = { run: Args.string({ description: 'id of the run', required: true }) };
  static override flags = {
    after: Flags.integer({ description: 'the number of the last entry seen', default: 0, min: 0 }),
    limit: Flags.integer({ description: 'how many', default: 1000, min: 1, max: 1000 }),
  };

  async run(): Promise<readonly RunLogEntry[]> {
    const { args, flags } = await this.parse(RunsLogs);
    const { entries, leftOut } = await this.withHost(flags, (host) =>
      host.runs.log(args.run, { after: flags.after, limit: flags.limit }),
    );
    if (leftOut > flags.after) this.say(`(${leftOut} older entries are left out)`);
    if (entries.length === 0) this.say('No entry.');
    for (const { id, at, level, snap, message } of entries) {
      this.say(`${id}  ${at}  ${level.padEnd(7)}  ${snap ?? '-'}  ${message}`);
    }
    const last = entries.at(-1);
    if (entries.length === flags.limit && last !== undefined) this.say(`(more: --after ${last.id})`);
    return entries;
  }
}

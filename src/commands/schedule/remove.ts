import { Args } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';

export class ScheduleRemove extends BaseCommand {
  static override summary = 'Remove a schedule; its runs stay in the history.';
  static override args = { name: Args.string({ description: 'name of the schedule', required: true }) };

  async run(): Promise<{ readonly name: string }> {
    const { args, flags } = await this.parse(ScheduleRemove);
    await this.withHost(flags, (host) => host.schedules.remove(args.name));
    this.say(`${args.name} was removed.`);
    return { name: args.name };
  }
}

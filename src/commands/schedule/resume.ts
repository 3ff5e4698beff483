import { Args } from '@oclif/core';
import type { ScheduleView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { nextWords } from './next-words.ts';

export class ScheduleResume extends BaseCommand {
  static override summary = 'Let a paused schedule go on with its next tick; nothing is made up for.';
  static override args = { name: Args.string({ description: 'name of the schedule', required: true }) };

  async run(): Promise<ScheduleView> {
    const { args, flags } = await this.parse(ScheduleResume);
    const resumed = await this.withHost(flags, (host) => host.schedules.change(args.name, { isPaused: false }));
    this.say(nextWords(resumed));
    return resumed;
  }
}

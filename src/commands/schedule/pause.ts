import { Args } from '@oclif/core';
import type { ScheduleView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { nextWords } from './next-words.ts';

export class SchedulePause extends BaseCommand {
  static override summary = 'Let a schedule start nothing until it is resumed; a run under way goes on.';
  static override args = { name: Args.string({ description: 'name of the schedule', required: true }) };

  async run(): Promise<ScheduleView> {
    const { args, flags } = await this.parse(SchedulePause);
    const paused = await this.withHost(flags, (host) => host.schedules.change(args.name, { isPaused: true }));
    this.say(nextWords(paused));
    return paused;
  }
}

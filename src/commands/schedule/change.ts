import { Args, Flags } from '@oclif/core';
import { ConfigurationError } from '../../errors.ts';
import type { ScheduleView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { readPairs } from '../pairs.ts';
import { nextWords } from './next-words.ts';

export class ScheduleChange extends BaseCommand {
  static override summary = 'Change when a schedule runs and what its runs are given; what is left out stays.';
  static override description =
    'Parameters that are given stand in place of all that the schedule had. Another pipeline or account needs another schedule.';
  static override examples = ['<%= config.bin %> <%= command.id %> nightly --cron "30 6 * * 1-5"'];
  static override args = { name: Args.string({ description: 'name of the schedule', required: true }) };
  static override flags = {
    cron: Flags.string({ description: 'five fields (minute hour day month weekday), or six with seconds first' }),
    'time-zone': Flags.string({ description: 'IANA time zone that the pattern is in' }),
    misfire: Flags.option({
      description: 'ticks while no host was up: one run for all of them, or none',
      options: ['once', 'skip'] as const,
    })(),
    'allow-overlap': Flags.boolean({
      description: 'start a run though the one before is still under way',
      allowNo: true,
    }),
    parameter: Flags.string({ description: 'a parameter, name=value', multiple: true, multipleNonGreedy: true }),
  };

  async run(): Promise<ScheduleView> {
    const { args, flags } = await this.parse(ScheduleChange);
    const { cron, 'time-zone': timeZone, misfire, 'allow-overlap': mayOverlap, parameter } = flags;
    const change = {
      ...(cron === undefined ? {} : { cron }),
      ...(timeZone === undefined ? {} : { timeZone }),
      ...(misfire === undefined ? {} : { misfire }),
      ...(mayOverlap === undefined ? {} : { mayOverlap }),
      ...(parameter === undefined ? {} : { parameters: readPairs('parameter', parameter) }),
    };
    if (Object.keys(change).length === 0) throw nothingGiven(args.name);
    const changed = await this.withHost(flags, (host) => host.schedules.change(args.name, change));
    this.say(nextWords(changed));
    return changed;
  }
}

function nothingGiven(name: string): ConfigurationError {
  return new ConfigurationError('SNAP_USAGE', `The schedule "${name}" was not changed.`, {
    reason: 'nothing to change was given',
    resolution:
      'give --cron, --time-zone, --misfire, --allow-overlap or --parameter; to stop it for a while there is "snaps schedule pause"',
  });
}

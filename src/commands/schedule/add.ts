import { Args, Flags } from '@oclif/core';
import type { ScheduleView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { readPairs } from '../pairs.ts';
import { nextWords } from './next-words.ts';

export class ScheduleAdd extends BaseCommand {
  static override summary = 'Run a pipeline by a cron pattern, while "snaps serve" is up.';
  static override args = {
    name: Args.string({ description: 'name of the schedule', required: true }),
    file: Args.string({ description: 'the *.pipeline.json file', required: true }),
  };
  static override flags = {
    cron: Flags.string({
      description: 'five fields (minute hour day month weekday), or six with seconds first',
      required: true,
    }),
    'time-zone': Flags.string({ description: 'IANA time zone that the pattern is in', default: 'UTC' }),
    misfire: Flags.option({
      description: 'ticks while no host was up: one run for all of them, or none',
      options: ['once', 'skip'] as const,
      default: 'once' as const,
    })(),
    'allow-overlap': Flags.boolean({
      description: 'start a run though the one before is still under way',
      default: false,
    }),
    'after-crash': Flags.option({
      description: 'a run whose process died: go on with it, or leave it to a person (default: what the pipeline says)',
      options: ['resume', 'leave'] as const,
    })(),
    parameter: Flags.string({
      description: 'a parameter, name=value',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    account: Flags.string({
      description: 'use the account NAME where the pipeline says id, id=NAME',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    'output-directory': Flags.string({ description: 'where relative file paths begin', default: '.' }),
    'allow-paths': Flags.boolean({ description: 'let file paths leave the output directory', default: false }),
  };

  async run(): Promise<ScheduleView> {
    const { args, flags } = await this.parse(ScheduleAdd);
    const added = await this.withHost(flags, (host) =>
      host.schedules.add({
        name: args.name,
        file: args.file,
        cron: flags.cron,
        timeZone: flags['time-zone'],
        misfire: flags.misfire,
        mayOverlap: flags['allow-overlap'],
        accounts: readPairs('account', flags.account),
        parameters: readPairs('parameter', flags.parameter),
        outputDirectory: flags['output-directory'],
        allowPaths: flags['allow-paths'],
        ...(flags['after-crash'] === undefined ? {} : { afterCrash: flags['after-crash'] }),
      }),
    );
    this.say(nextWords(added));
    return added;
  }
}

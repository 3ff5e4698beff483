import { Args } from '@oclif/core';
import type { RunReport } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { failureText } from '../failure.ts';
import { reportLines } from '../report.ts';

export class RunsShow extends BaseCommand {
  static override summary = 'Show the report of one run.';
  static override args = { run: Args.string({ description: 'id of the run', required: true }) };

  async run(): Promise<RunReport> {
    const { args, flags } = await this.parse(RunsShow);
    const report = await this.withHost(flags, (host) => host.runs.show(args.run));
    for (const line of reportLines(report)) this.say(line);
    if (report.error !== undefined) this.say(`\n${failureText(report.error)}`);
    return report;
  }
}

import { Flags } from '@oclif/core';
import type { RunSummary } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { type Column, table } from '../table.ts';

export class RunsList extends BaseCommand {
  static override summary = 'List runs, the newest first.';
  static override flags = {
    limit: Flags.integer({ description: 'how many', default: 20, min: 1, max: 500 }),
  };

  async run(): Promise<readonly RunSummary[]> {
    const { flags } = await this.parse(RunsList);
    const runs = await this.withHost(flags, (host) => host.runs.list({ limit: flags.limit }));
    if (runs.length === 0) this.say('No run yet. Start one with: snaps run FILE');
    const columns: Column<RunSummary>[] = [
      ['RUN', (run) => run.runId],
      ['PIPELINE', (run) => run.pipeline],
      ['STATE', (run) => run.state],
      ['STARTED', (run) => run.startedAt ?? ''],
      ['FINISHED', (run) => run.finishedAt ?? ''],
    ];
    if (runs.length > 0) for (const line of table(runs, columns)) this.say(line);
    return runs;
  }
}

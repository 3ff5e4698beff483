import { Flags } from '@oclif/core';
import type { RunSummary } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { type Column, table } from '../table.ts';

export class RunsList extends BaseCommand {
  static override summary = 'List runs, the newest first.';
  static override flags = {
    limit: Flags.integer({ description: 'how many', default: 20, min: 1, max: 500 }),
    parent: Flags.string({ description: 'runs that this run started; without it only those that somebody started' }),
  };

  async run(): Promise<readonly RunSummary[]> {
    const { flags } = await this.parse(RunsList);
    const runs = await this.withHost(flags, (host) =>
      host.runs.list({ limit: flags.limit, ...(flags.parent === undefined ? {} : { parent: flags.parent }) }),
    );
    if (runs.length === 0)
      this.say(flags.parent === undefined ? 'No run yet. Start one with: snaps run FILE' : 'It started no run.');
    const columns: Column<RunSummary>[] = [
      ['RUN', (run) => run.runId],
      ['PIPELINE', (run) => run.pipeline],
      ['STATE', (run) => run.state],
      ['STARTED', (run) => run.startedAt ?? ''],
      ['FINISHED', (run) => run.finishedAt ?? ''],
    ];
    if (runs.some(({ children }) => children > 0)) columns.push(['STARTED RUNS', (run) => `${run.children || ''}`]);
    if (runs.length > 0) for (const line of table(runs, columns)) this.say(line);
    return runs;
  }
}

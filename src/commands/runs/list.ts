import { Flags } from '@oclif/core';
import type { RunSummary } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { type Column, table } from '../table.ts';

export class RunsList extends BaseCommand {
  static override summary = 'List runs, the newest first.';
  static override flags = {
    limit: Flags.integer({ description: 'how many', default: 20, min: 1, max: 500 }),
    parent: Flags.string({
      description: 'runs that this run started; without it only those that somebody started',
      exclusive: ['replay-of'],
    }),
    'replay-of': Flags.string({ description: 'runs that sent error documents of this run back in' }),
  };

  async run(): Promise<readonly RunSummary[]> {
    const { flags } = await this.parse(RunsList);
    const runs = await this.withHost(flags, (host) =>
      host.runs.list({
        limit: flags.limit,
        ...(flags.parent === undefined ? {} : { parent: flags.parent }),
        ...(flags['replay-of'] === undefined ? {} : { replayOf: flags['replay-of'] }),
      }),
    );
    if (runs.length === 0) this.say(emptyWords(flags));
    const columns: Column<RunSummary>[] = [
      ['RUN', (run) => run.runId],
      ['PIPELINE', (run) => run.pipeline],
      ['STATE', (run) => run.state],
      ['STARTED', (run) => run.startedAt ?? ''],
      ['FINISHED', (run) => run.finishedAt ?? ''],
    ];
    if (runs.some(({ heldBy }) => heldBy !== null)) columns.push(['HELD BY', (run) => run.heldBy ?? '']);
    if (runs.some(({ children }) => children > 0)) columns.push(['STARTED RUNS', (run) => `${run.children || ''}`]);
    if (runs.length > 0) for (const line of table(runs, columns)) this.say(line);
    return runs;
  }
}

function emptyWords(flags: {
  readonly parent?: string | undefined;
  readonly 'replay-of'?: string | undefined;
}): string {
  if (flags.parent !== undefined) return 'It started no run.';
  return flags['replay-of'] === undefined
    ? 'No run yet. Start one with: snaps run FILE'
    : 'No run sent its documents back in.';
}

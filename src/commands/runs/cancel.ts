import { setTimeout as delay } from 'node:timers/promises';
import { Args } from '@oclif/core';
import type { RunReport } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { reportLines } from '../report.ts';

/** How long the command waits for the run to have stopped; it stops later all the same. */
const waitMsMax = 5_000;
const pollMs = 100;

export class RunsCancel extends BaseCommand {
  static override summary = 'Stop a run at its last checkpoint, wherever it runs; it can be resumed.';
  static override args = { run: Args.string({ description: 'id of the run', required: true }) };

  async run(): Promise<RunReport> {
    const { args, flags } = await this.parse(RunsCancel);
    const report = await this.withHost(flags, async (host) => {
      let state = await host.runs.stop(args.run);
      for (let waitedMs = 0; state === 'stopping' && waitedMs < waitMsMax; waitedMs += pollMs) {
        await delay(pollMs);
        state = await host.runs.stop(args.run);
      }
      return await host.runs.show(args.run);
    });
    for (const line of reportLines(report)) this.say(line);
    if (report.state === 'stopping') this.say('\nIt was asked to stop and has not said that it did.');
    return report;
  }
}

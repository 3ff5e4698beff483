import { Args, Flags } from '@oclif/core';
import type { JsonObject } from '../../document/json.ts';
import { BaseCommand } from '../base-command.ts';

export class RunsErrors extends BaseCommand {
  static override summary = 'List the error documents that a run kept.';
  static override args = { run: Args.string({ description: 'id of the run', required: true }) };
  static override flags = {
    after: Flags.integer({ description: 'the number of the last one seen', default: 0, min: 0 }),
    limit: Flags.integer({ description: 'how many', default: 100, min: 1, max: 1000 }),
  };

  async run(): Promise<readonly JsonObject[]> {
    const { args, flags } = await this.parse(RunsErrors);
    const errors = await this.withHost(flags, (host) =>
      host.runs.errors(args.run, { after: flags.after, limit: flags.limit }),
    );
    if (errors.length === 0) this.say('No error document.');
    for (const error of errors) this.say(JSON.stringify(error));
    return errors;
  }
}

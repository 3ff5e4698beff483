import { Args, Flags } from '@oclif/core';
import type { WriteDecision } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';

export class RunsDecide extends BaseCommand {
  static override summary = 'Say whether an undecided write took effect, so that its run can be resumed.';
  static override args = { run: Args.string({ description: 'id of the run', required: true }) };
  static override flags = {
    snap: Flags.string({ description: 'id of the snap in the pipeline', required: true }),
    write: Flags.integer({ description: 'number of the write, as "snaps runs undecided" shows it', required: true }),
    done: Flags.boolean({ description: 'it took effect: it is not sent again', exactlyOne: ['done', 'not-done'] }),
    'not-done': Flags.boolean({ description: 'it did not: a resume sends it if its document comes again' }),
  };

  async run(): Promise<WriteDecision> {
    const { args, flags } = await this.parse(RunsDecide);
    const decision = { snap: flags.snap, write: flags.write, isDone: flags.done };
    await this.withHost(flags, (host) => host.runs.decide(args.run, decision));
    this.say(`Write ${flags.write} of "${flags.snap}" counts as ${flags.done ? 'done' : 'not done'}. Resume the run.`);
    return decision;
  }
}

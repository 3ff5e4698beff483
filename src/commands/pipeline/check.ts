import { Args, Flags } from '@oclif/core';
import { ConfigurationError } from '../../errors.ts';
import type { PipelineCheck as Check } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { readPairs } from '../pairs.ts';

export class PipelineCheck extends BaseCommand {
  static override summary = 'Check a pipeline; all faults at once, and no request is made.';
  static override args = { file: Args.string({ description: 'the *.pipeline.json file', required: true }) };
  static override flags = {
    account: Flags.string({
      description: 'check with this account too, id=NAME',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    parameter: Flags.string({
      description: 'a parameter, name=value',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
  };

  async run(): Promise<Check> {
    const { args, flags } = await this.parse(PipelineCheck);
    const accounts = readPairs('account', flags.account);
    const parameters = readPairs('parameter', flags.parameter);
    const check = await this.withHost(flags, (host) => host.checkPipeline(args.file, { accounts, parameters }));
    if (check.faults.length > 0) throw pipelineFaults(check);
    this.say(`Pipeline "${check.pipeline}" is sound.`);
    return check;
  }
}

function pipelineFaults({ file, faults }: Check): ConfigurationError {
  return new ConfigurationError('SNAP_PIPELINE_INVALID', `The pipeline ${file} is not sound.`, {
    reason: faults.length === 1 ? 'it has one fault' : `it has ${faults.length} faults`,
    resolution: 'correct the named places, then check again',
    faults,
  });
}

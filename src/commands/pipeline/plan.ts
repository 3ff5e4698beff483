import { Args, Flags } from '@oclif/core';
import type { PipelineRequests } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { readPairs } from '../pairs.ts';

export class PipelinePlan extends BaseCommand {
  static override summary = 'Show what a pipeline would request and which scopes it needs; no call is made.';
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

  async run(): Promise<PipelineRequests> {
    const { args, flags } = await this.parse(PipelinePlan);
    const accounts = readPairs('account', flags.account);
    const parameters = readPairs('parameter', flags.parameter);
    const plan = await this.withHost(flags, (host) => host.planRequests(args.file, { accounts, parameters }));
    if (plan.requests.length === 0) this.say(`Pipeline "${plan.pipeline}" calls no API.`);
    for (const { id, method, path, scope, scopeSource } of plan.requests) {
      this.say(`${id}: ${method} ${path}`);
      this.say(`  needs the scope ${scope}${scopeSource === 'inferred' ? ' (inferred from its name)' : ''}`);
    }
    for (const [account, scopes] of Object.entries(plan.scopes)) {
      this.say(`Scopes for account "${account}": ${scopes.join(' ')}`);
    }
    return plan;
  }
}

import { Args } from '@oclif/core';
import type { JsonObject } from '../../document/json.ts';
import { BaseCommand } from '../base-command.ts';

export class ResourceShow extends BaseCommand {
  static override summary = 'Show one resource with its calls, scopes and fields.';
  static override args = { key: Args.string({ description: 'key of the resource', required: true }) };

  async run(): Promise<JsonObject> {
    const { args, flags } = await this.parse(ResourceShow);
    const resource = await this.withHost(flags, async (host) => host.catalog.resource(args.key));
    this.say(JSON.stringify(resource, undefined, 2));
    return resource;
  }
}

import { Args } from '@oclif/core';
import type { JsonObject } from '../../document/json.ts';
import { BaseCommand } from '../base-command.ts';
import { schemaLines } from '../schema-rows.ts';
import { type Column, table } from '../table.ts';

const columns: Column<JsonObject>[] = [
  ['CALL', (call) => String(call.id)],
  ['REQUEST', (call) => `${String(call.verb)} ${String(call.path)}`],
  ['SCOPE', (call) => String(call.scope)],
];

export class ResourceShow extends BaseCommand {
  static override summary = 'Show one resource with its calls, scopes and fields.';
  static override args = { key: Args.string({ description: 'key of the resource', required: true }) };

  async run(): Promise<JsonObject> {
    const { args, flags } = await this.parse(ResourceShow);
    const resource = await this.withHost(flags, async (host) => host.catalog.resource(args.key));
    this.say(`${String(resource.title)} (${String(resource.key)})`);
    this.say();
    for (const line of table(callsOf(resource), columns)) this.say(line);
    this.say();
    for (const line of schemaLines(resource.schema)) this.say(line);
    return resource;
  }
}

function callsOf({ calls }: JsonObject): readonly JsonObject[] {
  return Array.isArray(calls) ? (calls as readonly JsonObject[]) : [];
}

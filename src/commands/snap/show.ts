import { Args } from '@oclif/core';
import type { JsonObject } from '../../document/json.ts';
import { BaseCommand } from '../base-command.ts';
import { schemaLines } from '../schema-rows.ts';

export class SnapShow extends BaseCommand {
  static override summary = 'Show one snap with its settings schema.';
  static override args = { id: Args.string({ description: 'id of the snap', required: true }) };

  async run(): Promise<JsonObject> {
    const { args, flags } = await this.parse(SnapShow);
    const snap = await this.withHost(flags, async (host) => host.catalog.snap(args.id));
    this.say(`${String(snap.title)} (${String(snap.id)}): ${String(snap.description)}`);
    this.say();
    for (const line of schemaLines(snap.settings)) this.say(line);
    return snap;
  }
}

import type { JsonObject } from '../../document/json.ts';
import { BaseCommand } from '../base-command.ts';

export class KeyRotate extends BaseCommand {
  static override summary = 'Seal every stored secret anew under a new key.';

  async run(): Promise<JsonObject> {
    const { flags } = await this.parse(KeyRotate);
    const outcome = await this.withHost(flags, (host) => host.keys.rotate());
    this.say('Every secret is sealed anew; the old key is retired.');
    return outcome;
  }
}

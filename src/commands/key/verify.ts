import type { JsonObject } from '../../document/json.ts';
import { BaseCommand } from '../base-command.ts';

export class KeyVerify extends BaseCommand {
  static override summary = 'Check that the key opens every stored secret.';

  async run(): Promise<JsonObject> {
    const { flags } = await this.parse(KeyVerify);
    const outcome = await this.withHost(flags, (host) => host.keys.verify());
    this.say('The key opens every stored secret.');
    return outcome;
  }
}

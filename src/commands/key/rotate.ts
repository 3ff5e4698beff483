import type { KeyRotation } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';

export class KeyRotate extends BaseCommand {
  static override summary = 'Seal every stored secret anew under a new key.';

  async run(): Promise<KeyRotation> {
    const { flags } = await this.parse(KeyRotate);
    const outcome = await this.withHost(flags, (host) => host.keys.rotate());
    this.say(`${outcome.resealed} values are sealed anew; the key ${outcome.fromFingerprint} is retired.`);
    return outcome;
  }
}

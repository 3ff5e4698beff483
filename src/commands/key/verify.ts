import type { KeyVerification } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';

export class KeyVerify extends BaseCommand {
  static override summary = 'Check that the key opens every stored secret.';

  async run(): Promise<KeyVerification> {
    const { flags } = await this.parse(KeyVerify);
    const outcome = await this.withHost(flags, (host) => host.keys.verify());
    this.say(`The key ${outcome.fingerprint} opens ${outcome.opened} sealed values.`);
    for (const place of outcome.broken) this.say(`does not open: ${place}`);
    if (outcome.broken.length > 0) process.exitCode = 2;
    return outcome;
  }
}

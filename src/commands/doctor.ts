import type { Finding } from '../host/host.ts';
import { BaseCommand } from './base-command.ts';

export class Doctor extends BaseCommand {
  static override summary = 'Check the machine, the store, the key, the clock and the accounts.';

  async run(): Promise<{ readonly ok: boolean; readonly findings: readonly Finding[] }> {
    const { flags } = await this.parse(Doctor);
    const findings = await this.withHost(flags, (host) => host.inspect());
    for (const finding of findings) {
      this.say(`${finding.isGood ? 'ok ' : 'BAD'}  ${finding.name}: ${finding.value}`);
      if (!finding.isGood) this.say(`     Try this: ${finding.resolution}`);
    }
    const ok = findings.every((finding) => finding.isGood);
    if (!ok) process.exitCode = 2;
    return { ok, findings };
  }
}

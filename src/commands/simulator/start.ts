import { Flags } from '@oclif/core';
import { BaseCommand } from '../base-command.ts';
import { interrupted } from '../interrupt.ts';

export class SimulatorStart extends BaseCommand {
  static override summary = 'Start a simulated tenant on this machine; prints one line when it is ready.';
  static override flags = {
    port: Flags.integer({ description: 'port; 0 for any free one', default: 0, min: 0, max: 65_535 }),
    records: Flags.integer({
      description: 'how many invoices there are; other resources follow',
      min: 0,
      max: 100_000_000,
    }),
    seed: Flags.integer({ description: 'what the records are computed from', min: 0 }),
    latency: Flags.integer({ description: 'delay of each answer in ms', min: 0, max: 600_000 }),
    rate: Flags.integer({ description: 'requests a second that are answered; 0 for no limit', min: 0 }),
    burst: Flags.integer({ description: 'requests above the rate that are taken at once', min: 1 }),
    'rotate-refresh-tokens': Flags.boolean({ description: 'give a new refresh token at each renewal', default: false }),
    'token-lifetime': Flags.integer({ description: 'lifetime of an access token in seconds', min: 1 }),
    client: Flags.boolean({
      description: 'have a client with every scope: ID simulated-client, secret simulated-secret',
      default: false,
    }),
    control: Flags.boolean({ description: 'answer /__control, which plays faults', default: false }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SimulatorStart);
    const { startSimulator } = await import('../../simulator/index.ts');
    // Listened for before the address is printed: whoever reads it may end the process at once.
    const ended = interrupted();
    const simulator = await startSimulator({
      port: flags.port,
      rotateRefreshTokens: flags['rotate-refresh-tokens'],
      control: flags.control,
      hasGuideClient: flags.client,
      ...(flags.records === undefined ? {} : { records: flags.records }),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      ...(flags.latency === undefined ? {} : { latencyMs: flags.latency }),
      ...(flags.rate === undefined ? {} : { ratePerSecond: flags.rate }),
      ...(flags.burst === undefined ? {} : { burst: flags.burst }),
      ...(flags['token-lifetime'] === undefined ? {} : { tokenLifetimeSeconds: flags['token-lifetime'] }),
    });
    // Scripts wait for exactly this line.
    if (this.jsonEnabled()) this.logJson({ url: simulator.url });
    else process.stdout.write(`listening on ${simulator.url}\n`);
    await ended;
    await simulator.close();
  }
}

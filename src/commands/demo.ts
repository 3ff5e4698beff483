import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Flags } from '@oclif/core';
import type { ConfigSources } from '../host/config.ts';
import type { Host, RunReport } from '../host/host.ts';
import type { DemonstrationAccount } from '../simulator/demonstration.ts';
import { BaseCommand } from './base-command.ts';
import { exitCodeOf } from './failure.ts';
import { untilInterrupted } from './interrupt.ts';
import { ProgressLine } from './progress.ts';
import { reportLines } from './report.ts';

const accountName = 'snaps-demo';

export class Demo extends BaseCommand {
  static override summary = 'See it work: simulator, account, authorization and a run, in a few seconds.';
  static override description =
    'Without --data-directory or SNAPS_DATA_DIR the store is thrown away afterwards; the files stay in the output directory.';
  static override flags = {
    records: Flags.integer({ description: 'invoices in the simulated tenant', default: 1000, min: 1, max: 10_000_000 }),
    'output-directory': Flags.string({ description: 'where the files go', default: 'demo-output' }),
  };

  async run(): Promise<RunReport> {
    const { flags } = await this.parse(Demo);
    const { startSimulator } = await import('../simulator/index.ts');
    const { demonstrationAccount, demonstrationClient } = await import('../simulator/demonstration.ts');
    const isKept = flags['data-directory'] !== undefined || process.env.SNAPS_DATA_DIR !== undefined;
    const throwAway = isKept ? undefined : await mkdtemp(path.join(tmpdir(), 'snaps-demo-'));
    const simulator = await startSimulator({ records: flags.records });
    try {
      this.say(`The simulator answers on ${simulator.url} with ${flags.records.toLocaleString('en-US')} invoices.`);
      const account = demonstrationAccount(simulator.url, simulator.registerClient(demonstrationClient));
      const report = await this.withHost(
        flags,
        (host) => this.#runExample(host, account, flags['output-directory']),
        sourcesOf(throwAway),
      );
      this.#sayReport(report, flags['output-directory']);
      process.exitCode = exitCodeOf(report);
      return report;
    } finally {
      await simulator.close();
      if (throwAway !== undefined) await rm(throwAway, { recursive: true, force: true });
    }
  }

  async #runExample(host: Host, account: DemonstrationAccount, outputDirectory: string): Promise<RunReport> {
    const { repositoryRoot } = await import('../host.ts');
    const names = (await host.accounts.list()).map(({ name }) => name);
    if (names.includes(accountName)) await host.accounts.remove(accountName);
    await host.accounts.add({ ...account, name: accountName });
    try {
      await host.accounts.authorize(accountName);
      this.say(`The account "${accountName}" is added and authorized with a client of its own.`);
      const progress = new ProgressLine(process.stderr);
      const handle = await host.startRun({
        file: path.join(repositoryRoot, 'examples', 'invoices-to-ndjson.pipeline.json'),
        outputDirectory,
        accounts: { [account.pipelineName]: accountName },
        onProgress: (now) => progress.show(now),
      });
      return await untilInterrupted(handle.finished, () => handle.stop()).finally(() => progress.end());
    } finally {
      // The client ends with the simulator; an account that can never work again would only be in the way.
      await host.accounts.remove(accountName);
    }
  }

  #sayReport(report: RunReport, outputDirectory: string): void {
    this.say();
    for (const line of reportLines(report)) this.say(line);
    this.sayFailure(report);
    this.say();
    this.say(`The files are in ${path.resolve(outputDirectory)}.`);
    this.say('Try next:');
    this.say('  npx snaps resource show invoices      what an invoice holds, and what can be done with it');
    this.say('  npx snaps simulator start             a tenant of your own to try things on');
    this.say('  npx snaps pipeline check examples/invoices-to-ndjson.pipeline.json');
  }
}

/** The person's own configuration with the simulator's address allowed, or nothing but a folder to throw away. */
function sourcesOf(throwAway: string | undefined): Partial<ConfigSources> {
  if (throwAway !== undefined) {
    return { directory: throwAway, environment: { SNAPS_ALLOWED_HOSTS: '127.0.0.1', SNAPS_DATA_DIR: throwAway } };
  }
  const allowed = [process.env.SNAPS_ALLOWED_HOSTS, '127.0.0.1'].filter(Boolean).join(',');
  return { environment: { ...process.env, SNAPS_ALLOWED_HOSTS: allowed } };
}

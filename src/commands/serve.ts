import { Flags } from '@oclif/core';
import type { Host } from '../host/host.ts';
import { BaseCommand, flagsOf } from './base-command.ts';
import { interrupted } from './interrupt.ts';
import { buildPage, mustBuildPage } from './web-page.ts';

export class Serve extends BaseCommand {
  static override summary = 'Serve the web host; prints its address with a one-time sign-in token.';
  static override flags = {
    port: Flags.integer({ description: 'port; 0 for any free one', default: 8420, min: 0, max: 65_535 }),
    host: Flags.string({ description: 'address to listen on', default: '127.0.0.1' }),
    queue: Flags.boolean({
      description: 'hand runs to the workers of the fleet (snaps worker) instead of running them here',
      allowNo: true,
    }),
    'allow-plain-http': Flags.boolean({
      description: 'accept a public URL without TLS, in a network that you trust',
      default: false,
    }),
  };

  #isAnnounced = false;

  async run(): Promise<void> {
    const { flags } = await this.parse(Serve);
    const { startServer } = await import('../server/server.ts');
    const { repositoryRoot } = await import('../host.ts');
    if (mustBuildPage(repositoryRoot)) {
      this.say('Building the web page.');
      await buildPage(repositoryRoot);
    }
    const serve = async (host: Host): Promise<void> => {
      // First: a schedule must not start beside a run that is about to go on.
      await host.crashedRuns.start();
      await host.schedules.start();
      // Listened for before the address is printed: whoever reads it may end the process at once.
      const ended = interrupted();
      const server = await startServer(host, {
        port: flags.port,
        address: flags.host,
        allowPlainHttp: flags['allow-plain-http'],
        announce: (signInUrl) => this.#announce(signInUrl),
      });
      this.say(`Serving on ${server.url}; Ctrl-C ends it.`);
      await ended;
      await server.close();
    };
    await this.withHost(flags, serve, { flags: flagsOf(flags) });
  }

  /** A fresh address after each use; with --json only the first, so that standard output holds one value. */
  #announce(signInUrl: string): void {
    this.say(`Sign in (once, within ten minutes): ${signInUrl}`);
    if (this.jsonEnabled() && !this.#isAnnounced) this.logJson({ signInUrl });
    this.#isAnnounced = true;
  }
}

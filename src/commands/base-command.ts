// Owns what every command shares: --json, the flags that say where the host's data and packs are, and how values are printed.
import { Command, Flags } from '@oclif/core';
import type { ConfigSources } from '../host/config.ts';
import type { Host, RunReport } from '../host/host.ts';
import { failureText, printable } from './failure.ts';

interface HostFlags {
  readonly 'data-directory'?: string | undefined;
  readonly pack?: string[] | undefined;
  readonly queue?: boolean | undefined;
}

/** The flags that the configuration goes by. */
export const flagsOf = (flags: HostFlags): NonNullable<ConfigSources['flags']> => ({
  ...{ dataDirectory: flags['data-directory'], packs: flags.pack, queueRuns: flags.queue },
});

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = {
    'data-directory': Flags.string({
      description: 'folder of the store and the key file (default: SNAPS_DATA_DIR, else the user data folder)',
      helpGroup: 'GLOBAL',
    }),
    pack: Flags.string({ description: 'folder of a further snap pack', multiple: true, helpGroup: 'GLOBAL' }),
  };

  /** Opens the host for the length of `use` and closes it afterwards, whatever happens. */
  protected async withHost<Result>(
    flags: HostFlags,
    use: (host: Host) => Promise<Result>,
    sources: Partial<ConfigSources> = {},
  ): Promise<Result> {
    const { openHost, resolveConfig } = await import('../host.ts');
    const config = await resolveConfig({
      // What a person starts runs here unless they say otherwise; only `serve` goes by snaps.config.json.
      flags: { ...flagsOf(flags), queueRuns: flags.queue === true },
      environment: process.env,
      directory: process.cwd(),
      ...sources,
    });
    const host = await openHost(config);
    try {
      return await use(host);
    } finally {
      await host.close();
    }
  }

  /** Prints text of records or of the far side: control characters are taken out. */
  protected say(text = ''): void {
    this.log('%s', printable(text));
  }

  /** Says on standard error why a run failed; with --json the report says it. */
  protected sayFailure({ error }: RunReport): void {
    if (error !== undefined && !this.jsonEnabled()) process.stderr.write(`\n${failureText(error)}`);
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, undefined, 2)}\n`);
  }

  /** Leaves printing to the one place in main.ts. */
  protected override async catch(thrown: Error): Promise<never> {
    throw thrown;
  }
}

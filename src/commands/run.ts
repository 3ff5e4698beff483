import { Args, Flags } from '@oclif/core';
import type { JsonObject } from '../document/json.ts';
import type { Host, PreviewRequest, RunLimits, RunReport } from '../host/host.ts';
import { BaseCommand } from './base-command.ts';
import { exitCodeOf, tell } from './failure.ts';
import { handOver, readGivenAccounts } from './given-accounts.ts';
import { untilInterrupted } from './interrupt.ts';
import { readPairs } from './pairs.ts';
import { ProgressLine } from './progress.ts';
import { reportLines } from './report.ts';
import { sampleLines } from './samples.ts';

const previewDocumentsMax = 50;

export class Run extends BaseCommand {
  static override summary = 'Run a pipeline.';
  static override description =
    'Ctrl-C stops the run cleanly so that it can be resumed; a second Ctrl-C ends the process at once.';
  static override args = { file: Args.string({ description: 'the *.pipeline.json file', required: true }) };
  static override flags = {
    parameter: Flags.string({
      description: 'a parameter, name=value',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    account: Flags.string({
      description: 'use the account NAME where the pipeline says id, id=NAME; id=type:TYPE for one with a given token',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    set: Flags.string({
      description: 'a setting of an account with a given token, id.name=value',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    secret: Flags.string({
      description: 'where the token is: id.name=env:VARIABLE, id.name=file:PATH or id.name=-; it is stored nowhere',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    'output-directory': Flags.string({ description: 'where relative file paths begin', default: '.' }),
    'allow-paths': Flags.boolean({ description: 'let file paths leave the output directory', default: false }),
    'time-limit': Flags.integer({
      description: 'seconds after which the run fails; it can be resumed',
      min: 1,
      max: 2_000_000,
    }),
    'document-limit': Flags.integer({
      description: 'documents of all sources together beyond which the run fails; it can be resumed with a higher one',
      min: 1,
    }),
    queue: Flags.boolean({
      description: 'leave the run to a worker of the fleet (snaps worker) instead of running it here',
      default: false,
      exclusive: ['preview'],
    }),
    resume: Flags.string({ description: 'go on with this run from its last checkpoint' }),
    preview: Flags.integer({
      description: 'show the first N documents of each snap; writing snaps are left out and the history is not touched',
      min: 1,
      max: previewDocumentsMax,
      exclusive: ['resume'],
    }),
  };

  async run(): Promise<RunReport & Samples> {
    const { args, flags } = await this.parse(Run);
    const progress = new ProgressLine(process.stderr);
    const given = await readGivenAccounts(flags, process.env);
    const request = {
      file: args.file,
      parameters: readPairs('parameter', flags.parameter),
      outputDirectory: flags['output-directory'],
      allowPaths: flags['allow-paths'],
      onLog: (line: string) => {
        progress.end();
        tell(line);
      },
    };
    const report = await this.withHost(flags, async (host) => {
      const accounts = { ...given.names, ...handOver(host, given.accounts) };
      if (flags.preview !== undefined)
        return await preview(host, { ...request, accounts, documentsMax: flags.preview });
      const handle = await host.startRun({
        ...request,
        accounts,
        limits: limitsOf(flags),
        ...(flags.resume === undefined ? {} : { resume: flags.resume }),
        onProgress: (now) => progress.show(now),
      });
      return await untilInterrupted(handle.finished, () => handle.stop());
    });
    progress.end();
    this.#show(report, args.file);
    return report;
  }

  #show(report: RunReport & Samples, file: string): void {
    for (const line of reportLines(report)) this.say(line);
    for (const line of sampleLines(report.samples ?? {})) this.say(line);
    this.sayFailure(report);
    if (report.state === 'stopped' && report.samples === undefined) {
      this.say(`\nGo on with: snaps run ${file} --resume ${report.runId}`);
    }
    if (report.state === 'queued') this.say(`\nFollow it with: snaps runs show ${report.runId}`);
    process.exitCode = exitCodeOf(report);
  }
}

function limitsOf(flags: { 'time-limit'?: number | undefined; 'document-limit'?: number | undefined }): RunLimits {
  const { 'time-limit': seconds, 'document-limit': documents } = flags;
  return { ...(seconds === undefined ? {} : { seconds }), ...(documents === undefined ? {} : { documents }) };
}

interface Samples {
  /** The first documents that each snap gave, of a preview. */
  readonly samples?: Readonly<Record<string, readonly JsonObject[]>>;
}

/** A preview leaves no trace, so that Ctrl-C has nothing to keep. */
async function preview(host: Host, request: PreviewRequest): Promise<RunReport & Samples> {
  const stop = new AbortController();
  const previewed = host.preview({ ...request, signal: stop.signal });
  const { report, samples } = await untilInterrupted(previewed, () => stop.abort());
  return { ...report, samples };
}

import { Args, Flags } from '@oclif/core';
import type { RunReport } from '../host/host.ts';
import { BaseCommand } from './base-command.ts';
import { exitCodeOf, printable } from './failure.ts';
import { untilInterrupted } from './interrupt.ts';
import { readPairs } from './pairs.ts';
import { ProgressLine } from './progress.ts';
import { reportLines } from './report.ts';

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
      description: 'use the account NAME where the pipeline says id, id=NAME',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    'output-directory': Flags.string({ description: 'where relative file paths begin', default: '.' }),
    'allow-paths': Flags.boolean({ description: 'let file paths leave the output directory', default: false }),
    resume: Flags.string({ description: 'go on with this run from its last checkpoint' }),
    preview: Flags.integer({
      description: 'run a sample of at most N documents, without effects',
      min: 1,
      max: previewDocumentsMax,
    }),
  };

  async run(): Promise<RunReport> {
    const { args, flags } = await this.parse(Run);
    const accounts = readPairs('account', flags.account);
    const parameters = readPairs('parameter', flags.parameter);
    const progress = new ProgressLine(process.stderr);
    const report = await this.withHost(flags, async (host) => {
      const handle = await host.startRun({
        file: args.file,
        accounts,
        parameters,
        outputDirectory: flags['output-directory'],
        allowPaths: flags['allow-paths'],
        ...(flags.resume === undefined ? {} : { resume: flags.resume }),
        ...(flags.preview === undefined ? {} : { previewDocumentsMax: flags.preview }),
        onProgress: (now) => progress.show(now),
        onLog: (line) => {
          progress.end();
          process.stderr.write(`${printable(line)}\n`);
        },
      });
      return await untilInterrupted(handle.finished, () => handle.stop());
    });
    progress.end();
    for (const line of reportLines(report)) this.say(line);
    this.sayFailure(report);
    if (report.state === 'stopped') this.say(`\nGo on with: snaps run ${args.file} --resume ${report.runId}`);
    process.exitCode = exitCodeOf(report);
    return report;
  }
}

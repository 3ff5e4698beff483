import { Args, Flags } from '@oclif/core';
import type { RunReport } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { exitCodeOf, tell } from '../failure.ts';
import { untilInterrupted } from '../interrupt.ts';
import { ProgressLine } from '../progress.ts';
import { readDocuments } from '../read-documents.ts';
import { reportLines } from '../report.ts';

export class RunsReplay extends BaseCommand {
  static override summary = 'Send error documents of a run back in where they failed, in a run of their own.';
  static override description =
    'Without --documents those that the run kept go back in as they were. To mend them: write "snaps runs errors RUN" to a file, correct "original" in its lines, and name the file.';
  static override args = { run: Args.string({ description: 'id of the run that they failed in', required: true }) };
  static override flags = {
    documents: Flags.string({
      description: 'file of error documents, one a line or a JSON array; - is standard input',
    }),
    'output-directory': Flags.string({
      description: "where files go (default: the folder replay-RUN in the first run's output directory)",
    }),
    'allow-paths': Flags.boolean({ description: 'let file paths leave the output directory', default: false }),
  };

  async run(): Promise<RunReport> {
    const { args, flags } = await this.parse(RunsReplay);
    const documents = flags.documents === undefined ? undefined : await readDocuments(flags.documents);
    const progress = new ProgressLine(process.stderr);
    const report = await this.withHost(flags, async (host) => {
      const handle = await host.replayRun({
        runId: args.run,
        allowPaths: flags['allow-paths'],
        ...(documents === undefined ? {} : { documents }),
        ...(flags['output-directory'] === undefined ? {} : { outputDirectory: flags['output-directory'] }),
        onProgress: (now) => progress.show(now),
        onLog: tell,
      });
      return await untilInterrupted(handle.finished, () => handle.stop());
    });
    progress.end();
    for (const line of reportLines(report)) this.say(line);
    this.sayFailure(report);
    process.exitCode = exitCodeOf(report);
    return report;
  }
}

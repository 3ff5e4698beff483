import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Args, Flags } from '@oclif/core';
import { ConfigurationError } from '../../errors.ts';
import type { PipelineImport as Imported, ImportNote } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';

export class PipelineImport extends BaseCommand {
  static override summary = 'Make a pipeline of a SnapLogic .slp file, and list what could not be taken over.';
  static override description =
    'What has no counterpart is never dropped: it stays in the pipeline where "snaps pipeline check" names it.';
  static override examples = ['<%= config.bin %> <%= command.id %> nightly.slp --output nightly.pipeline.json'];
  static override args = { file: Args.string({ description: 'the exported .slp file', required: true }) };
  static override flags = {
    output: Flags.string({ description: 'the *.pipeline.json file to make (default: beside the .slp file)' }),
  };

  async run(): Promise<Imported & { readonly file: string }> {
    const { args, flags } = await this.parse(PipelineImport);
    const imported = await this.withHost(flags, async (host) => host.importPipeline(args.file));
    const file = flags.output ?? `${args.file.replace(/\.slp$/iu, '')}.pipeline.json`;
    await writeNew(file, `${JSON.stringify(imported.pipeline, undefined, 2)}\n`);
    this.say(`Wrote ${path.normalize(file)}: ${imported.mapped.length} snaps taken over.`);
    this.#list('Not taken over', imported.unmapped);
    this.#list('Look at', imported.remarks);
    this.say(`Next: snaps pipeline check ${path.normalize(file)}`);
    return { file, ...imported };
  }

  #list(head: string, notes: readonly ImportNote[]): void {
    if (notes.length === 0) return;
    this.say(`${head} (${notes.length}):`);
    for (const { snap, message, pointer } of notes) this.say(`  ${snap ?? 'pipeline'}: ${message}\n    at ${pointer}`);
  }
}

/** Writes a file that is not there yet: a pipeline that somebody wrote is never overwritten. */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
    throw new ConfigurationError('SNAP_USAGE', `The pipeline ${file} was not written.`, {
      reason: code === 'EEXIST' ? 'a file of that name exists' : `the system said ${code}`,
      resolution: 'name another file with --output',
    });
  }
}

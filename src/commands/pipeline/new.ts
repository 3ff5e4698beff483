import { writeFile } from 'node:fs/promises';
import { Args, Flags } from '@oclif/core';
import { ConfigurationError } from '../../errors.ts';
import { BaseCommand } from '../base-command.ts';

export class PipelineNew extends BaseCommand {
  static override summary = 'Write a pipeline to begin with: read a resource, write it to a file.';
  static override args = { file: Args.string({ description: 'the *.pipeline.json file to make', required: true }) };
  static override flags = {
    snap: Flags.string({ description: 'the snap that reads', required: true }),
    resource: Flags.string({ description: 'key of the resource', required: true }),
    account: Flags.string({ description: 'name of the account', required: true }),
  };

  async run(): Promise<{ readonly file: string }> {
    const { args, flags } = await this.parse(PipelineNew);
    const name = args.file.replace(/^.*[/\\]/u, '').replace(/\.pipeline\.json$|\.json$/u, '');
    const pipeline = {
      name,
      snaps: [
        { id: 'read', snap: flags.snap, account: flags.account, settings: { resource: flags.resource } },
        { id: 'write', snap: 'core.write-file', settings: { path: `${flags.resource}.ndjson`, format: 'ndjson' } },
      ],
      links: [['read', 'write']],
    };
    try {
      // wx: a pipeline that somebody wrote is never overwritten.
      await writeFile(args.file, `${JSON.stringify(pipeline, undefined, 2)}\n`, { flag: 'wx' });
    } catch (thrown) {
      const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
      throw new ConfigurationError('SNAP_USAGE', `The pipeline ${args.file} was not written.`, {
        reason: code === 'EEXIST' ? 'a file of that name exists' : `the system said ${code}`,
        resolution: 'name another file',
      });
    }
    this.say(`Wrote ${args.file}. Next: snaps pipeline check ${args.file}`);
    return { file: args.file };
  }
}

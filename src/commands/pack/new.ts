import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Args } from '@oclif/core';
import { ConfigurationError } from '../../errors.ts';
import { BaseCommand } from '../base-command.ts';
import { packFiles } from './scaffold.ts';

export class PackNew extends BaseCommand {
  static override summary = 'Write a snap pack to begin with.';
  static override examples = ['<%= config.bin %> <%= command.id %> my-vendor'];
  static override args = {
    directory: Args.string({ description: 'folder to make; its name is the pack', required: true }),
  };

  async run(): Promise<{ readonly name: string; readonly files: readonly string[] }> {
    const { args } = await this.parse(PackNew);
    const name = path.basename(path.resolve(args.directory));
    if (!/^[a-z][a-z0-9-]{0,39}$/u.test(name)) {
      throw refusal(name, 'a name is small letters, digits and hyphens, a letter first, at most 40');
    }
    const files = packFiles(name, this.config.version.replace(/-.*$/u, ''));
    try {
      await mkdir(args.directory);
      for (const [file, text] of files) {
        await mkdir(path.dirname(path.join(args.directory, file)), { recursive: true });
        await writeFile(path.join(args.directory, file), text, { flag: 'wx' });
      }
    } catch (thrown) {
      const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
      throw refusal(name, code === 'EEXIST' ? 'a folder or file of that name exists' : `the system said ${code}`);
    }
    this.say(`Wrote ${files.size} files. Next: snaps pack check ${args.directory}`);
    return { name, files: [...files.keys()] };
  }
}

const refusal = (name: string, reason: string): ConfigurationError =>
  new ConfigurationError('SNAP_USAGE', `The pack "${name}" was not written.`, {
    reason,
    resolution: 'name another folder',
  });

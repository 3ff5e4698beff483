// Owns which files a path setting means: one, or all that a pattern fits, in the order of their names.
import { glob, lstat } from 'node:fs/promises';
import path from 'node:path';
import { ConfigurationError, ExecutionError } from '../errors.ts';
import { type PathOptions, resolveFile } from './file-path.ts';

/** More files than this are refused before the first is read. */
export const filesMax = 10_000;

export interface FoundFile {
  /** As a person would name it: relative to the output directory, with "/" on every system. */
  readonly name: string;
  readonly file: string;
}

/**
 * The files of a path setting, sorted by name. A path with `*`, `?`, `[` or `{` is a pattern unless a file has that
 * very name; hidden files and folders fit no pattern. Throws as `resolveFile` does for each file (a pattern reaches no
 * further than a path), and SNAP_LIMIT_REACHED for more than `filesMax`.
 */
export async function listFiles(setting: string, options: PathOptions): Promise<readonly FoundFile[]> {
  const base = path.resolve(options.outputDirectory);
  if (!/[*?[{]/.test(setting) || (await exists(path.resolve(base, setting)))) {
    return [{ name: setting, file: await resolveFile(setting, options) }];
  }
  // A pattern that leads out must not even tell which files are there.
  if (!options.allowPaths && (path.isAbsolute(setting) || setting.split(/[\\/{},]/).includes('..'))) {
    throw new ConfigurationError('SNAP_FILE_OUTSIDE', `The files ${JSON.stringify(setting)} are not used.`, {
      reason: 'the pattern leads out of the output directory',
      resolution: 'write a pattern inside the output directory, or run with --allow-paths',
    });
  }
  const names: string[] = [];
  for await (const entry of glob(setting, { cwd: base, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    if (names.length === filesMax) throw tooMany(setting);
    const file = path.join(entry.parentPath, entry.name);
    names.push(path.isAbsolute(setting) ? file : path.relative(base, file).replaceAll(path.sep, '/'));
  }
  const files: FoundFile[] = [];
  for (const name of names.sort()) files.push({ name, file: await resolveFile(name, options) });
  return files;
}

async function exists(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => undefined)) !== undefined;
}

function tooMany(setting: string): ExecutionError {
  return new ExecutionError('SNAP_LIMIT_REACHED', `The pattern ${JSON.stringify(setting)} fits too many files.`, {
    reason: `more than ${filesMax} files fit`,
    resolution: 'write a narrower pattern, or move what was read elsewhere',
  });
}

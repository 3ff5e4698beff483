// Owns which files a snap may touch: those under the output directory, unless the operator permits others.
import { lstat, realpath } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { ConfigurationError, ExecutionError } from '../errors.ts';

export interface PathOptions {
  /** Where relative paths begin, and what no path leaves unless `allowPaths`. */
  readonly outputDirectory: string;
  readonly allowPaths: boolean;
  /** The output directory is that of another machine too: it is not made here. */
  readonly isShared?: boolean;
  /** Asked before something is written: nothing when it may be, else what resolves when it may; it rejects when it may not at all. */
  readonly permit?: () => Promise<void> | undefined;
}

/**
 * The absolute path of a file setting. Throws SNAP_FILE_OUTSIDE when it is absolute, climbs out or leads out by a
 * symbolic link, unless paths are allowed; SNAP_FILE_FAILED when it holds a NUL or names a folder or device.
 */
export async function resolveFile(setting: string, options: PathOptions): Promise<string> {
  const { outputDirectory, allowPaths, isShared = false } = options;
  if (setting.includes('\0')) throw outside(setting, 'it holds a NUL character');
  const base = path.resolve(outputDirectory);
  if (isShared && !(await isThere(base))) throw notShared(setting, base);
  const file = path.resolve(base, setting);
  if (!allowPaths) {
    if (path.isAbsolute(setting)) throw outside(setting, 'it is absolute');
    if (!isInside(base, file)) throw outside(setting, 'it climbs out of the output directory');
    await expectRealInside(base, file, setting);
  }
  const found = await lstat(file).catch(() => undefined);
  if (found !== undefined && !found.isFile()) {
    const kind = found.isDirectory() ? 'a folder' : found.isSymbolicLink() ? 'a symbolic link' : 'a device';
    if (!found.isSymbolicLink() || !allowPaths) throw notAFile(setting, kind);
  }
  return file;
}

/** Follows the links of every folder on the way that exists already. */
async function expectRealInside(base: string, file: string, setting: string): Promise<void> {
  const realBase = await realpath(base).catch(() => base);
  for (let folder = path.dirname(file); isInside(base, folder); folder = path.dirname(folder)) {
    const real = await realpath(folder).catch(() => undefined);
    if (real === undefined) continue;
    if (real !== realBase && !isInside(realBase, real)) throw outside(setting, 'a symbolic link on its way leads out');
    return;
  }
}

async function isThere(folder: string): Promise<boolean> {
  return (await lstat(folder).catch(() => undefined)) !== undefined;
}

function notShared(setting: string, base: string): ExecutionError {
  return new ExecutionError('SNAP_FILE_FAILED', `The file ${JSON.stringify(setting)} is not used.`, {
    reason: `its run was queued elsewhere, and the output directory ${base} is not to be seen on ${hostname()}`,
    resolution: 'put it on a disk that all machines of the fleet share, at the same path, or write to a database',
  });
}

function isInside(base: string, file: string): boolean {
  const way = path.relative(base, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}

function outside(setting: string, why: string): ConfigurationError {
  return new ConfigurationError('SNAP_FILE_OUTSIDE', `The file ${JSON.stringify(setting)} is not used.`, {
    reason: why,
    resolution: 'write a path inside the output directory, or run with --allow-paths',
  });
}

function notAFile(setting: string, kind: string): ExecutionError {
  return new ExecutionError('SNAP_FILE_FAILED', `The file ${JSON.stringify(setting)} is not used.`, {
    reason: `it is ${kind}`,
    resolution: 'name a file',
  });
}

/** Says a failed system call in our words. */
export function fileError(thrown: unknown, doing: string): ExecutionError {
  if (thrown instanceof ExecutionError) return thrown;
  const errno = (thrown as NodeJS.ErrnoException).code ?? 'unknown';
  const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(errno);
  return new ExecutionError(isFull ? 'SNAP_DISK_FULL' : 'SNAP_FILE_FAILED', `${doing} failed.`, {
    reason: `the system answered ${errno}${errnoWords[errno] === undefined ? '' : ` (${errnoWords[errno]})`}`,
    resolution: isFull
      ? 'make room, then resume the run'
      : 'check the path, its permissions and the file system; then resume the run',
  });
}

const errnoWords: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left',
  EDQUOT: 'the quota is reached',
  EFBIG: 'the file may not grow any further',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is missing',
  EPERM: 'permission is missing',
  EISDIR: 'it is a folder',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of the path is no folder',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EIO: 'the device failed',
};

// Owns the key file: one key a line, the first one current. Never leaves half a key behind, never trusts a file that others can read.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ConfigurationError } from '../errors.ts';
import { makeMasterKeyText } from './master-key.ts';

const fileBytesMax = 4096;
const keysMax = 2;

/** Reads the keys of a file, the current one first. Throws SNAP_KEY_MISSING and SNAP_KEY_UNSAFE. */
export function readKeyFile(path: string): readonly string[] {
  const descriptor = openKeyFile(path);
  try {
    refuseUnsafe(path, fstatSync(descriptor));
    const keys = readFileSync(descriptor, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    if (keys.length >= 1 && keys.length <= keysMax) return keys;
    throw keyIsMissing(`${path} holds ${keys.length} keys; one is needed, or two during a rotation`);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads the keys of a file that is made, whole or not at all, where it is missing. */
export function readOrMakeKeyFile(path: string): readonly string[] {
  try {
    return readKeyFile(path);
  } catch (error) {
    if (!(error instanceof KeyFileAbsent)) throw error;
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = writeDraft(path, [makeMasterKeyText()]);
  try {
    // A link appears with its whole content or fails because another process was first; either way one key stands there.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw keyIsMissing(`${path} cannot be made (${codeOf(error)})`);
  } finally {
    rmSync(draft, { force: true });
  }
  syncDirectory(path);
  return readKeyFile(path);
}

/** Replaces the keys of a file in one step that survives a power cut. */
export function replaceKeyFile(path: string, keys: readonly string[]): void {
  const draft = writeDraft(path, keys);
  renameSync(draft, path);
  syncDirectory(path);
}

class KeyFileAbsent extends ConfigurationError {}

function openKeyFile(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ELOOP') throw keyIsUnsafe(path, 'it is a symbolic link');
    if (code === 'ENOENT') {
      throw new KeyFileAbsent(
        'SNAP_KEY_MISSING',
        'The sealing key could not be read.',
        missing(`${path} does not exist`),
      );
    }
    throw keyIsMissing(`${path} cannot be opened (${code})`);
  }
}

function refuseUnsafe(path: string, stats: Stats): void {
  if (!stats.isFile()) throw keyIsUnsafe(path, 'it is not a regular file');
  if (stats.size > fileBytesMax) throw keyIsUnsafe(path, `it is larger than ${fileBytesMax} bytes`);
  const user = process.getuid?.();
  if (user === undefined) return;
  if (stats.uid !== user)
    throw keyIsUnsafe(path, `it belongs to user ${stats.uid}, and this host runs as user ${user}`);
  if ((stats.mode & 0o077) !== 0)
    throw keyIsUnsafe(path, `its mode is ${(stats.mode & 0o777).toString(8)}, and only 600 or 400 is safe`);
}

function writeDraft(path: string, keys: readonly string[]): string {
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`;
  const descriptor = openSync(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    writeSync(descriptor, `${keys.join('\n')}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return draft;
}

function syncDirectory(path: string): void {
  const descriptor = openSync(dirname(path), constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code);

const missing = (reason: string) => ({
  reason,
  resolution: 'point SNAPS_KEY_FILE at the key that sealed this store, or set SNAPS_KEY',
});

const keyIsMissing = (reason: string): ConfigurationError =>
  new ConfigurationError('SNAP_KEY_MISSING', 'The sealing key could not be read.', missing(reason));

const keyIsUnsafe = (path: string, reason: string): ConfigurationError =>
  new ConfigurationError('SNAP_KEY_UNSAFE', `The key file ${path} is not used.`, {
    reason,
    resolution: `make it a plain file of the user that runs the host: chmod 600 ${path}`,
  });

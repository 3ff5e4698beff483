// Owns making names durable: a file whose folder was not synced may be gone after a power cut, however well its bytes were.
import { mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { ExecutionError } from '../errors.ts';

/** Makes a folder and those above it, so that they survive a power cut. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await makeFolders(folder);
  if (first === undefined) return;
  const top = path.dirname(path.resolve(first));
  for (let at = path.resolve(folder); at !== top; at = path.dirname(at)) await syncFolder(path.dirname(at));
}

/**
 * Makes a folder and those above it; gives the topmost that it made, undefined when all were there. Node's own recursive mkdir never
 * ends where a folder is there and says ENOENT to new ones, as in /proc, and a stop does not reach it. Throws SNAP_FILE_FAILED there,
 * and what the system says anywhere else.
 */
export async function makeFolders(folder: string, mode?: number): Promise<string | undefined> {
  const missing: string[] = [];
  let at = path.resolve(folder);
  while (!(await isThere(at)) && at !== path.dirname(at)) {
    missing.push(at);
    at = path.dirname(at);
  }
  for (const each of missing.toReversed()) {
    try {
      await mkdir(each, { ...(mode === undefined ? {} : { mode }) });
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      // Somebody else may have made it meanwhile.
      if (code === 'EEXIST') continue;
      throw code === 'ENOENT' ? takesNoFolders(each) : thrown;
    }
  }
  return missing.at(-1);
}

async function isThere(folder: string): Promise<boolean> {
  return await stat(folder).then(
    () => true,
    (thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') return false;
      throw thrown;
    },
  );
}

function takesNoFolders(folder: string): ExecutionError {
  return new ExecutionError('SNAP_FILE_FAILED', `The folder ${folder} cannot be made.`, {
    reason: `${path.dirname(folder)} is there and takes no new folders (the system answered ENOENT), as /proc does`,
    resolution: 'name a folder on a disk, with --output-directory say',
  });
}

/** Makes the names in a folder durable: files made, renamed and removed in it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (thrown) {
    // Windows has no way to sync a folder; its rename is durable by itself.
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') throw thrown;
  } finally {
    await handle.close();
  }
}

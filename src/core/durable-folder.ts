// Owns making names durable: a file whose folder was not synced may be gone after a power cut, however well its bytes were.
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';

/** Makes a folder and those above it, so that they survive a power cut. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  const top = path.dirname(path.resolve(first));
  for (let at = path.resolve(folder); at !== top; at = path.dirname(at)) await syncFolder(path.dirname(at));
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

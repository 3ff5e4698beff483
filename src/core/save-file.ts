// Owns files that are saved whole: written beside their name, made durable, renamed. Never leaves the output directory.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { DataError, SnapError } from '../errors.ts';
import type { FileSink, SavedFile } from '../snap/file-sink.ts';
import { fileError, type PathOptions, resolveFile } from './file-path.ts';

// A link planted under the temporary name must not lead the writing elsewhere.
const anew = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);
const temporaryNameMax = 200;

/** Where the snaps of one run save files. */
export function createFileSink(options: PathOptions): FileSink {
  const sources = new Map<string, string>();
  return {
    save: async (name, bytes, source) => {
      const target = await resolveFile(name, options);
      const other = sources.get(target);
      if (other !== undefined && other !== source) throw takenTwice(name, other, source);
      sources.set(target, source);
      await write(target, bytes);
      return { path: name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') } as SavedFile;
    },
  };
}

async function write(target: string, bytes: Uint8Array): Promise<void> {
  const partial = path.join(path.dirname(target), `.${path.basename(target).slice(0, temporaryNameMax)}.partial`);
  try {
    await mkdir(path.dirname(target), { recursive: true });
    const handle = await open(partial, anew, 0o644);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, target);
  } catch (thrown) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw thrown instanceof SnapError ? thrown : fileError(thrown, `Saving ${target}`);
  }
}

function takenTwice(name: string, other: string, source: string): DataError {
  return new DataError('SNAP_DOCUMENT_INVALID', `The file ${JSON.stringify(name)} was not saved.`, {
    reason: `${source} would replace ${other}, saved under the same name by this run`,
    resolution: 'put the ID into the path, as { "expression": "\'scans/\' & id & \'.pdf\'" }',
  });
}

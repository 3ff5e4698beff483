// Owns files that a snap sends: measured by reading them once, and given in pieces. Never leaves the output directory.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ExecutionError, SnapError } from '../errors.ts';
import type { FileSource } from '../snap/file-sink.ts';
import { fileError, type PathOptions, resolveFile } from './file-path.ts';

const pieceBytes = 256 * 1024;

/** Where the snaps of one run find files. */
export function createFileSource(options: PathOptions): FileSource {
  const read = (path: string): AsyncIterable<Uint8Array> => readFile(path, options);
  return {
    read,
    measure: async (path, bytesMax) => {
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const piece of read(path)) {
        bytes += piece.length;
        if (bytes > bytesMax) throw tooLarge(path, bytesMax);
        hash.update(piece);
      }
      return { bytes, sha256: hash.digest('hex') };
    },
  };
}

async function* readFile(setting: string, options: PathOptions): AsyncGenerator<Uint8Array> {
  const file = await resolveFile(setting, options);
  let handle: FileHandle | undefined;
  try {
    // A link that is put there after the check must not lead elsewhere.
    handle = await open(file, constants.O_RDONLY | (options.allowPaths ? 0 : (constants.O_NOFOLLOW ?? 0)));
    yield* handle.createReadStream({ highWaterMark: pieceBytes, autoClose: false }) as AsyncIterable<Buffer>;
  } catch (thrown) {
    throw thrown instanceof SnapError ? thrown : fileError(thrown, `Reading ${setting}`);
  } finally {
    await handle?.close();
  }
}

function tooLarge(setting: string, bytesMax: number): ExecutionError {
  return new ExecutionError('SNAP_LIMIT_REACHED', `The file ${JSON.stringify(setting)} is not used.`, {
    reason: `it holds more than ${bytesMax} bytes`,
    resolution: 'make it smaller, or send it in another way',
  });
}

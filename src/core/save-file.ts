// Owns files that are saved whole: written beside their name, made durable, renamed. Never leaves the output directory.
import { DataError, SnapError } from '../errors.ts';
import type { FileSink } from '../snap/file-sink.ts';
import { fileError, type PathOptions, resolveFile } from './file-path.ts';
import { PartialFile } from './partial-file.ts';

/** Where the snaps of one run save files. */
export function createFileSink(options: PathOptions): FileSink {
  const sources = new Map<string, string>();
  return {
    save: async ({ path, source, runId }, pieces) => {
      const target = await resolveFile(path, options);
      const other = sources.get(target);
      if (other !== undefined && other !== source) throw takenTwice(path, other, source);
      sources.set(target, source);
      const file = new PartialFile(target, runId);
      try {
        await file.open(0);
        for await (const piece of pieces) await file.append(piece);
        await options.permit?.();
        return { path, sha256: await file.commit(), bytes: file.bytes };
      } catch (thrown) {
        await file.abandon(true).catch(() => undefined);
        throw thrown instanceof SnapError ? thrown : fileError(thrown, `Saving ${target}`);
      }
    },
  };
}

function takenTwice(name: string, other: string, source: string): DataError {
  return new DataError('SNAP_DOCUMENT_INVALID', `The file ${JSON.stringify(name)} was not saved.`, {
    reason: `${source} would replace ${other}, saved under the same name by this run`,
    resolution: 'put the ID into the path, as { "expression": "\'scans/\' & id & \'.pdf\'" }',
  });
}

// Owns reading the files of one pack. A path, or a link behind it, that leads out of the pack's folder is refused.
import { realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { JsonValue } from '../document/json.ts';
import { type Fault, SnapError } from '../errors.ts';
import { type JsonSchema, readJsonFile } from '../schema/index.ts';

/** Reads JSON files inside one folder, and keeps the faults instead of throwing them. */
export class PackFiles {
  readonly folder: string;
  readonly faults: Fault[] = [];

  constructor(folder: string) {
    this.folder = realpathSync(folder);
  }

  /** The parsed file, deeply frozen; undefined with a fault at `pointer` when it is missing, outside or not JSON. */
  read(file: string, pointer: string): JsonValue | undefined {
    try {
      return deepFreeze(readJsonFile(this.#inside(file), { code: 'SNAP_PACK_INVALID', name: file }));
    } catch (thrown) {
      const message = thrown instanceof SnapError ? thrown.reason : 'the file is not in the pack';
      this.faults.push({ pointer, message: `${file}: ${message}` });
      return undefined;
    }
  }

  /** The parsed file as a schema: it must be an object. */
  readSchema(file: string, pointer: string): JsonSchema | undefined {
    const schema = this.read(file, pointer);
    if (schema === undefined) return undefined;
    if (schema !== null && typeof schema === 'object' && !Array.isArray(schema)) return schema as JsonSchema;
    this.faults.push({ pointer, message: `${file}: must hold a JSON Schema` });
    return undefined;
  }

  #inside(file: string): string {
    const path = join(this.folder, file);
    // The folder is resolved even where the file is not there, so that the message tells a missing file from an escape.
    const real = join(realpathSync(dirname(path)), relative(dirname(path), path));
    const target = safeRealpath(real);
    const way = relative(this.folder, target);
    if (way === '..' || way.startsWith(`..${sep}`)) {
      throw new SnapError('SNAP_PACK_INVALID', 'Could not read a file of the pack.', {
        reason: "it lies outside of the pack's folder",
        resolution: 'put the file into the pack',
      });
    }
    return target;
  }
}

function safeRealpath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there: reading it reports that with its name.
    return path;
  }
}

/** Freezes a JSON value and all it holds. */
export function deepFreeze<T extends JsonValue>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}

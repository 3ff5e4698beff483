// The contract of where a snap saves files: the host keeps them inside the output directory. Types only.
import type { JsonObject } from '../document/json.ts';

export interface SavedFile extends JsonObject {
  /** As the setting or the far side named it, relative to the output directory. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface FileSink {
  /**
   * Saves a whole file in one step: it has its name only when it is durable. Saving it again replaces it.
   * Throws SNAP_FILE_OUTSIDE, SNAP_FILE_FAILED, SNAP_DISK_FULL; SNAP_DOCUMENT_INVALID when this run has saved another of that name.
   */
  save(path: string, bytes: Uint8Array, source: string): Promise<SavedFile>;
}

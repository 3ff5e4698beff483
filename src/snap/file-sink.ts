// The contracts of where a snap saves and finds files: the host keeps both inside the output directory. Types only.
import type { JsonObject } from '../document/json.ts';

export interface SavedFile extends JsonObject {
  /** As the setting or the far side named it, relative to the output directory. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface FileToSave {
  readonly path: string;
  /** Where it comes from; two sources under one name are refused. */
  readonly source: string;
  readonly runId: string;
}

export interface FileSink {
  /**
   * Saves a file while its pieces come: it has its name only when it is whole and durable. Saving it again replaces it.
   * Throws SNAP_FILE_OUTSIDE, SNAP_FILE_FAILED, SNAP_DISK_FULL; SNAP_DOCUMENT_INVALID when this run has saved another of that
   * name; and what the pieces throw. Nothing is left behind then.
   */
  save(file: FileToSave, pieces: AsyncIterable<Uint8Array>): Promise<SavedFile>;
}

/** What tells a file from any other: its length and its hash. */
export interface FileMark {
  readonly bytes: number;
  readonly sha256: string;
}

export interface FileSource {
  /** Reads a file once and gives its mark. Throws SNAP_FILE_OUTSIDE, SNAP_FILE_FAILED; SNAP_LIMIT_REACHED above `bytesMax`. */
  measure(path: string, bytesMax: number): Promise<FileMark>;
  /** Gives the bytes of a file in pieces. Throws SNAP_FILE_OUTSIDE, SNAP_FILE_FAILED. */
  read(path: string): AsyncIterable<Uint8Array>;
}

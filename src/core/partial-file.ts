// Owns a file while it is being written: a temporary name beside the target, cut back on resume, renamed when whole.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ExecutionError } from '../errors.ts';
import { makeFolder, syncFolder } from './durable-folder.ts';
import { fileError } from './file-path.ts';

const copyBytes = 1024 * 1024;
/** Of a name of at most 255 bytes, what leaves room for the run and the ending. */
const nameBytesMax = 180;
// A link planted under the temporary name must not lead the writing elsewhere.
const beginAnew = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);
const goOn = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);

/**
 * States: open (bytes are appended), renamed (the target is whole and durable), closed. A process killed while open
 * leaves the temporary file; `open` with the checkpoint's bytes cuts it back to them. Killed after the rename, the
 * temporary file is gone and the target has just these bytes: then nothing is left to do.
 */
export class PartialFile {
  readonly target: string;
  readonly partial: string;
  readonly #hash = createHash('sha256');
  #handle: FileHandle | undefined;
  #bytes = 0;
  /** Whether a power cut leaves the temporary file under its name. */
  #isNamed = false;

  /** `runId` keeps two runs that write one target apart until the last rename. */
  constructor(target: string, runId: string) {
    this.target = target;
    this.partial = path.join(path.dirname(target), `.${shortName(path.basename(target))}.${runId}.partial`);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Opens at `bytes`, the length of the last checkpoint; 0 begins anew. Throws SNAP_FILE_FAILED, SNAP_DISK_FULL. */
  async open(bytes: number): Promise<void> {
    await this.#guard(`Opening ${this.target}`, async () => {
      await makeFolder(path.dirname(this.target));
      if (bytes > 0 && (await this.#isRenamed(bytes))) {
        await this.#rehash(this.target, bytes);
        return;
      }
      const handle = await open(this.partial, bytes === 0 ? beginAnew : goOn, 0o644);
      this.#handle = handle;
      try {
        if (bytes > 0) await this.#cutBack(handle, bytes);
      } catch (thrown) {
        await this.abandon(false);
        throw thrown;
      }
    });
  }

  async append(text: string | Uint8Array): Promise<void> {
    if (text.length === 0) return;
    const handle = this.#opened();
    const buffer = typeof text === 'string' ? Buffer.from(text) : text;
    await this.#guard(`Writing ${this.target}`, async () => {
      for (let written = 0; written < buffer.length; ) {
        const { bytesWritten } = await handle.write(buffer, written, buffer.length - written, this.#bytes + written);
        written += bytesWritten;
      }
    });
    this.#hash.update(buffer);
    this.#bytes += buffer.length;
  }

  /** Makes everything appended durable, and at first the name under which a resume will look for it. */
  async sync(): Promise<void> {
    await this.#guard(`Writing ${this.target}`, async () => {
      if (this.#handle === undefined) return;
      await this.#handle.datasync();
      if (!this.#isNamed) await syncFolder(path.dirname(this.partial));
      this.#isNamed = true;
    });
  }

  /** Puts the whole file in its place, durably: the file, the rename, and the folder. Gives its sha256. */
  async commit(): Promise<string> {
    await this.#guard(`Finishing ${this.target}`, async () => {
      if (this.#handle === undefined) return;
      await this.#handle.sync();
      await this.#handle.close();
      this.#handle = undefined;
      await rename(this.partial, this.target);
      await syncFolder(path.dirname(this.target));
    });
    return this.#hash.copy().digest('hex');
  }

  /** Lets go; the temporary file stays for a resume unless `isUseless`. */
  async abandon(isUseless: boolean): Promise<void> {
    await this.#handle?.close().catch(() => {});
    this.#handle = undefined;
    if (isUseless) await rm(this.partial, { force: true });
  }

  /** Whether a run that was killed behind its last checkpoint had renamed already. */
  async #isRenamed(bytes: number): Promise<boolean> {
    const partial = await stat(this.partial).catch(() => undefined);
    if (partial !== undefined) return false;
    const target = await stat(this.target).catch(() => undefined);
    return target?.size === bytes;
  }

  async #cutBack(handle: FileHandle, bytes: number): Promise<void> {
    const { size } = await handle.stat();
    if (size < bytes) throw tooShort(this.partial, size, bytes);
    await handle.truncate(bytes);
    await this.#rehash(this.partial, bytes);
  }

  async #rehash(file: string, bytes: number): Promise<void> {
    const reader = await open(file, 'r');
    try {
      const buffer = Buffer.allocUnsafe(copyBytes);
      while (this.#bytes < bytes) {
        const { bytesRead } = await reader.read(buffer, 0, Math.min(buffer.length, bytes - this.#bytes), this.#bytes);
        if (bytesRead === 0) throw tooShort(file, this.#bytes, bytes);
        this.#hash.update(buffer.subarray(0, bytesRead));
        this.#bytes += bytesRead;
      }
    } finally {
      await reader.close();
    }
  }

  #opened(): FileHandle {
    if (this.#handle !== undefined) return this.#handle;
    throw new ExecutionError('SNAP_INTERNAL', `Writing ${this.target} failed.`, {
      reason: 'the file is not open',
      resolution: 'report the fault with this text',
    });
  }

  async #guard(doing: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      throw thrown instanceof ExecutionError ? thrown : fileError(thrown, doing);
    }
  }
}

function shortName(name: string): string {
  return Buffer.byteLength(name) <= nameBytesMax ? name : createHash('sha256').update(name).digest('hex');
}

function tooShort(file: string, size: number, bytes: number): ExecutionError {
  return new ExecutionError('SNAP_FILE_FAILED', `The run cannot go on with ${file}.`, {
    reason: `it has ${size} bytes; the checkpoint has ${bytes}`,
    resolution: 'start a new run',
  });
}

// Owns the bytes of a file as a snap reads them: as they are, or out of gzip. Bounded, so that a bomb ends as an error.
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ExecutionError } from '../errors.ts';

/** What a packed file may hold: gzip makes a thousand bytes of one, and a bomb must not fill a night. */
export const unpackedBytesMaxDefault = 16 * 1024 ** 3;

const pieceBytes = 256 * 1024;

export interface ByteOptions {
  readonly isPacked: boolean;
  readonly unpackedBytesMax: number;
  readonly signal: AbortSignal;
}

/**
 * The bytes of a file, in pieces. Several gzip members one after another are one text. Throws SNAP_FILE_FAILED for a
 * packed file that is broken or cut short, SNAP_LIMIT_REACHED for one that holds more than `unpackedBytesMax`.
 */
export async function* readBytes(file: string, options: ByteOptions): AsyncGenerator<Buffer> {
  const { isPacked, unpackedBytesMax, signal } = options;
  if (!isPacked) {
    yield* createReadStream(file, { signal, highWaterMark: pieceBytes }) as AsyncIterable<Buffer>;
    return;
  }
  // The error of the file must reach the unpacked side, or reading would wait for ever; `pipeline` passes it on.
  const unpacked = pipeline(
    createReadStream(file, { signal, highWaterMark: pieceBytes }),
    createGunzip({ chunkSize: pieceBytes }),
    () => {},
  );
  let bytes = 0;
  try {
    for await (const piece of unpacked as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > unpackedBytesMax) throw tooMuch(unpackedBytesMax);
      yield piece;
    }
  } catch (thrown) {
    throw isBroken(thrown) ? notGzip(thrown) : thrown;
  }
}

const isBroken = (thrown: unknown): thrown is Error & { code: string } =>
  thrown instanceof Error && ((thrown as NodeJS.ErrnoException).code ?? '').startsWith('Z_');

function notGzip(thrown: Error & { code: string }): ExecutionError {
  const isShort = thrown.code === 'Z_BUF_ERROR';
  return new ExecutionError('SNAP_FILE_FAILED', 'The packed file cannot be read.', {
    reason: isShort ? 'it is cut short' : `it is not gzip (${thrown.message})`,
    resolution: isShort ? 'copy the file again, then run again' : 'set compression to none, or pack the file with gzip',
  });
}

function tooMuch(bytesMax: number): ExecutionError {
  return new ExecutionError('SNAP_LIMIT_REACHED', 'The packed file holds too much.', {
    reason: `it unpacks to more than ${bytesMax} bytes`,
    resolution: 'if the file is meant to be so large, set unpackedBytesMax higher',
  });
}

// Owns undoing the content encoding. One layer only, and never more decoded bytes than the bound: 200 bytes can hold 256 MiB.
import { pipeline, type Readable, type Transform } from 'node:stream';
import { promisify } from 'node:util';
import {
  brotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  gunzip,
  inflate,
  zstdDecompress,
} from 'node:zlib';
import { SnapError } from '../errors.ts';
import { answerMalformed, answerTooLarge, type Place } from './failure.ts';

type Decoder = (body: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

/** zlib counts while it inflates and stops at `maxOutputLength`. A map, for the name comes from outside. */
const decoders = new Map<string, Decoder>([
  ['gzip', promisify(gunzip) as Decoder],
  ['x-gzip', promisify(gunzip) as Decoder],
  ['deflate', promisify(inflate) as Decoder],
  ['br', promisify(brotliDecompress) as Decoder],
  ['zstd', promisify(zstdDecompress) as Decoder],
]);

const streamingDecoders = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

/** What the client says it takes; the four are decoded whether asked for or not. */
export const acceptEncoding = 'gzip, br';

/** Decodes a whole body. Throws SNAP_ANSWER_TOO_LARGE, and SNAP_ANSWER_MALFORMED for a cut body or an unknown encoding. */
export async function decode(
  body: Uint8Array,
  encoding: string,
  bodyBytesMax: number,
  place: Place,
): Promise<Uint8Array> {
  const name = nameOf(encoding);
  if (name === '' || body.length === 0) return body;
  const decoder = decoders.get(name);
  if (!decoder) throw unknownEncoding(name, place);
  try {
    return await decoder(body, { maxOutputLength: bodyBytesMax });
  } catch (error) {
    if (error instanceof RangeError) throw answerTooLarge(place, bodyBytesMax);
    throw answerMalformed(place, `the ${name} body is damaged or cut short`, true);
  }
}

/** Decodes a body while it comes; throws as `decode` does, and whatever one of our errors ended the body. */
export async function* decodeStream(
  body: Readable,
  encoding: string,
  bodyBytesMax: number,
  place: Place,
): AsyncGenerator<Uint8Array> {
  const name = nameOf(encoding);
  const decoder = streamingDecoders.get(name);
  if (name !== '' && !decoder) throw unknownEncoding(name, place);
  // The error that ends the body must reach the decoded side, or its reader would wait for ever; `pipeline` passes it on.
  const decoded = decoder === undefined ? body : pipeline(body, decoder(), () => {});
  let bytes = 0;
  try {
    for await (const piece of decoded as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > bodyBytesMax) throw answerTooLarge(place, bodyBytesMax);
      yield piece;
    }
  } catch (thrown) {
    throw thrown instanceof SnapError
      ? thrown
      : answerMalformed(place, `the ${name} body is damaged or cut short`, true);
  }
}

function nameOf(encoding: string): string {
  const name = encoding.trim().toLowerCase();
  return name === 'identity' ? '' : name;
}

function unknownEncoding(name: string, place: Place): Error {
  const reason = `the content encoding "${name.slice(0, 80)}" is not one of gzip, deflate, br, zstd`;
  return answerMalformed(place, reason, false);
}

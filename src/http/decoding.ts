// Owns undoing the content encoding. One layer only, and never more decoded bytes than the bound: 200 bytes can hold 256 MiB.
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
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

/** What the client says it takes; the four are decoded whether asked for or not. */
export const acceptEncoding = 'gzip, br';

/** Decodes a whole body. Throws SNAP_ANSWER_TOO_LARGE, and SNAP_ANSWER_MALFORMED for a cut body or an unknown encoding. */
export async function decode(
  body: Uint8Array,
  encoding: string,
  bodyBytesMax: number,
  place: Place,
): Promise<Uint8Array> {
  const name = encoding.trim().toLowerCase();
  if (name === '' || name === 'identity' || body.length === 0) return body;
  const decoder = decoders.get(name);
  if (!decoder)
    throw answerMalformed(
      place,
      `the content encoding "${name.slice(0, 80)}" is not one of gzip, deflate, br, zstd`,
      false,
    );
  try {
    return await decoder(body, { maxOutputLength: bodyBytesMax });
  } catch (error) {
    if (error instanceof RangeError) throw answerTooLarge(place, bodyBytesMax);
    throw answerMalformed(place, `the ${name} body is damaged or cut short`, true);
  }
}

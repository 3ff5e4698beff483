// Owns turning bytes into text. Bytes that are not UTF-8 are an error, never replacement characters.
import { ExecutionError } from '../errors.ts';

const strict = new TextDecoder('utf-8', { fatal: true });

/** Decodes UTF-8, without its byte order mark. Throws SNAP_ANSWER_MALFORMED on anything else. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    throw new ExecutionError('SNAP_ANSWER_MALFORMED', 'A text is not UTF-8.', {
      reason: `${bytes.length} bytes were expected to be UTF-8 and are not`,
      resolution: 'look at the answer of the far side, or convert the file to UTF-8',
    });
  }
}

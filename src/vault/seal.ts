// Owns sealing: AES-256-GCM with the place of the value bound in. Keeps nothing and knows no key but the one it is given.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ExecutionError } from '../errors.ts';

/** Where a sealed value belongs; it opens nowhere else. */
export interface SealPlace {
  readonly table: string;
  /** The account, or whatever else the row belongs to. */
  readonly owner: string;
  readonly field: string;
  readonly version: number;
}

export interface SealKey {
  readonly id: string;
  /** 32 bytes. */
  readonly bytes: Uint8Array;
}

const format = 's1';
const nonceBytes = 12;
const tagBytes = 16;

/** Seals text for one place: `s1.` and base64url of nonce, ciphertext and tag. */
export function seal(text: string, key: SealKey, place: SealPlace): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: tagBytes });
  cipher.setAAD(bindPlace(key, place));
  const body = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${format}.${body.toString('base64url')}`;
}

/** Opens a sealed value. Throws SNAP_SEAL_BROKEN when it was changed, moved, or sealed with another key. */
export function open(sealed: string, key: SealKey, place: SealPlace): string {
  const encoded = sealed.slice(format.length + 1);
  const body = Buffer.from(encoded, 'base64url');
  // Decoding base64 forgives spare bits and foreign characters: two texts must not open to one value.
  const isCanonical = sealed.startsWith(`${format}.`) && body.toString('base64url') === encoded;
  if (!isCanonical || body.length < nonceBytes + tagBytes) throw sealIsBroken(place);
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, body.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(bindPlace(key, place));
  decipher.setAuthTag(body.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(body.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    throw sealIsBroken(place);
  }
}

const bindPlace = (key: SealKey, { table, owner, field, version }: SealPlace): Buffer =>
  Buffer.from(JSON.stringify([format, table, owner, field, version, key.id]));

/** The error for a value that does not open at its place. */
export function sealIsBroken({ table, field }: SealPlace): ExecutionError {
  return new ExecutionError('SNAP_SEAL_BROKEN', 'A sealed value of the store could not be opened.', {
    reason: `the ${field} in ${table} was changed, moved from another place, or put back from an older state`,
    resolution:
      'run "snaps key verify" to see what is affected; enter that account\'s secret again and authorize it anew',
  });
}

// Owns the master key in memory: reading its text, its fingerprint, wrapping and opening data keys. Never written anywhere from here.
import { hkdfSync, randomBytes } from 'node:crypto';
import { ConfigurationError } from '../errors.ts';
import { open, type SealKey, seal } from './seal.ts';

const keyBytes = 32;

/** A key that wraps data keys; it never seals anything else. */
export interface MasterKey {
  /** Names the key without telling anything about it. */
  readonly fingerprint: string;
  readonly wrapKey: SealKey;
}

const derive = (secret: Uint8Array, purpose: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `snaps ${purpose}`, length));

/** Reads 32 bytes as base64, base64url or hex. Throws SNAP_KEY_MISSING naming the origin, never the text. */
export function readMasterKey(text: string, origin: string): MasterKey {
  const trimmed = text.trim();
  const isHex = /^[0-9a-fA-F]{64}$/.test(trimmed);
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed);
  if (!isHex && !isBase64) {
    throw new ConfigurationError('SNAP_KEY_MISSING', 'The sealing key could not be read.', {
      reason: `${origin} does not hold 32 bytes as base64 or hex`,
      resolution: 'make a key with "openssl rand -base64 32"',
    });
  }
  const secret = Buffer.from(trimmed, isHex ? 'hex' : 'base64');
  const fingerprint = derive(secret, 'fingerprint', 8).toString('hex');
  return { fingerprint, wrapKey: { id: fingerprint, bytes: derive(secret, 'wrap', keyBytes) } };
}

/** Makes the text of a new master key. */
export const makeMasterKeyText = (): string => randomBytes(keyBytes).toString('base64');

/** Makes a data key with a random id. */
export const makeDataKey = (): SealKey => ({ id: randomBytes(8).toString('hex'), bytes: randomBytes(keyBytes) });

const wrapPlace = (dataKeyId: string) => ({ table: 'key_wraps', owner: dataKeyId, field: 'wrap', version: 1 });

/** Wraps a data key for the store. */
export const wrapDataKey = (dataKey: SealKey, master: MasterKey): string =>
  seal(Buffer.from(dataKey.bytes).toString('base64'), master.wrapKey, wrapPlace(dataKey.id));

/** Opens a wrapped data key. Throws SNAP_SEAL_BROKEN. */
export const unwrapDataKey = (id: string, wrap: string, master: MasterKey): SealKey => ({
  id,
  bytes: Buffer.from(open(wrap, master.wrapKey, wrapPlace(id)), 'base64'),
});

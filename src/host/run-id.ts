// Owns ids of runs that something else decides: asked for again, it is the same run.
import { createHash } from 'node:crypto';

/** The id of a run that another one starts: asked for again, it is the same. */
export function childRunId(parentRunId: string, snapId: string, sequence: number): string {
  return uuidOf(JSON.stringify([parentRunId, snapId, sequence]));
}

/** A version 8 UUID (RFC 9562) that the text alone decides. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

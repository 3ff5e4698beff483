// Owns how files are asked for, and how long one may take on its way.
import type { Pack } from '../pack/index.ts';

/** A connection slower than this (4 Mbit/s) does not carry the largest files in time. */
const bytesPerSecondMin = 512 * 1024;

/** The total bound of one attempt that carries this many bytes at most, in ms. */
export function transferTimeoutMs({ manifest }: Pack, bytes: number): number {
  return ((manifest.api?.timeoutSeconds ?? 60) + Math.ceil(bytes / bytesPerSecondMin)) * 1000;
}

/** The API's own format is asked for by its headers; a file comes as it is, for packing it once more gains little. */
export function acceptAny(pack: Pack): Record<string, string> {
  const { 'content-type': _, ...headers } = { 'content-type': '', ...pack.manifest.api?.headers };
  return { ...headers, accept: '*/*', 'accept-encoding': 'identity' };
}

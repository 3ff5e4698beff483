// Reads JSON objects that a person hands in: one a line, or one array.
import { open } from 'node:fs/promises';
import { parseExact } from '../document/exact-json.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError, type Fault } from '../errors.ts';

const bytesMax = 64 * 1024 * 1024;

/** The objects of a file, or of standard input for `-`. Throws SNAP_USAGE with every line that is none. */
export async function readDocuments(place: string): Promise<readonly JsonObject[]> {
  const text = (await readText(place)).trim();
  const lines = text.startsWith('[') ? [text] : text.split('\n').filter((line) => line.trim() !== '');
  const faults: Fault[] = [];
  const values = lines.flatMap((line, index): readonly JsonValue[] => {
    try {
      const value = parseExact(line);
      return Array.isArray(value) ? value : [value];
    } catch {
      faults.push({ pointer: `line ${index + 1}`, message: 'is no JSON' });
      return [];
    }
  });
  const objects = values.filter(isObject);
  if (objects.length < values.length) faults.push({ pointer: '', message: 'every value must be a JSON object' });
  if (faults.length === 0) return objects;
  throw usage(place, faults[0]?.message ?? '', faults);
}

async function readText(place: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    const source = place === '-' ? process.stdin : (await open(place)).createReadStream();
    for await (const chunk of source as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) break;
      chunks.push(chunk);
    }
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
    throw usage(place, `reading it failed with ${code}`);
  }
  if (bytes > bytesMax) throw usage(place, `it is larger than ${bytesMax} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}

const isObject = (value: JsonValue): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function usage(place: string, reason: string, faults: readonly Fault[] = []): ConfigurationError {
  return new ConfigurationError('SNAP_USAGE', `The documents of ${place} cannot be read.`, {
    reason,
    resolution: 'give error documents as "snaps runs errors RUN" prints them, one a line',
    faults: faults.slice(0, 20),
  });
}

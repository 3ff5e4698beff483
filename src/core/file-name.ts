// Owns what the name of a file tells: its format, and whether it is packed.
import type { JsonValue } from '../document/json.ts';
import type { FileFormat } from './file-format.ts';

const endings: Readonly<Record<string, FileFormat>> = { json: 'json', csv: 'csv', xml: 'xml' };

/** The format that a file's name tells, packed or not; ndjson for any other name. */
export function formatOf(file: string): FileFormat {
  const ending = /\.([a-z]+)(?:\.gz)?$/i.exec(file)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(endings, ending) ? (endings[ending] as FileFormat) : 'ndjson';
}

/** Whether a file is gzip: by the setting, or by its ending when that is left out. */
export function isPacked(file: string, compression: JsonValue | undefined): boolean {
  return compression === undefined ? /\.gz$/i.test(file) : compression === 'gzip';
}

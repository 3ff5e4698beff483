// Owns cutting ndjson and JSON arrays into records.
import { isUtf8 } from 'node:buffer';
import { cutRecords, decodeText, depthMax } from '../document/index.ts';
import { ExecutionError, SnapError } from '../errors.ts';
import { FileFault, type FileRecord, recordBytesMax } from './file-record.ts';

/** A JSON array is read whole; larger files belong into ndjson. */
const jsonBytesMax = 256 * 1024 * 1024;

export async function* readLines(pieces: AsyncIterable<Buffer>): AsyncGenerator<FileRecord> {
  let line = 0;
  // Joined only when the line ends: joining with every piece would copy a long line again and again.
  let kept: Buffer[] = [];
  let keptBytes = 0;
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(0x0a, start); end !== -1; end = piece.indexOf(0x0a, start)) {
      line += 1;
      const part = piece.subarray(start, end);
      const record = lineRecord(kept.length === 0 ? part : Buffer.concat([...kept, part]), line);
      if (record !== undefined) yield record;
      kept = [];
      keptBytes = 0;
      start = end + 1;
    }
    kept.push(piece.subarray(start));
    keptBytes += piece.length - start;
    if (keptBytes > recordBytesMax) throw new FileFault(line + 1, `it is longer than ${recordBytesMax} bytes`);
  }
  const last = lineRecord(Buffer.concat(kept), line + 1);
  if (last !== undefined) yield last;
}

const tooDeep = `it nests more than ${depthMax} levels`;

/** Whether writing the record again could overflow the stack. */
function isTooDeep(text: string): boolean {
  if (text.length <= depthMax) return false;
  try {
    cutRecords(`[${text}]`);
    return false;
  } catch {
    return true;
  }
}

/** Undefined for an empty line. */
function lineRecord(bytes: Buffer, line: number): FileRecord | undefined {
  if (!isUtf8(bytes)) throw new FileFault(line, 'it is not UTF-8: set the encoding');
  const text = decodeText(bytes).trim();
  if (text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      return { json: JSON.stringify({ text }), line, fault: 'it is JSON, but not an object' };
    }
    return isTooDeep(text) ? { json: JSON.stringify({ text: '' }), line, fault: tooDeep } : { json: text, line };
  } catch {
    return { json: JSON.stringify({ text }), line, fault: 'it is not JSON' };
  }
}

export async function* readArray(pieces: AsyncIterable<Buffer>): AsyncGenerator<FileRecord> {
  for (const [index, bytes] of cutFile(await wholeText(pieces)).entries()) {
    const json = bytes.toString();
    try {
      JSON.parse(json);
      yield { json, line: index + 1 };
    } catch {
      yield { json: JSON.stringify({ text: json }), line: index + 1, fault: 'it is not JSON' };
    }
  }
}

/** The far side's words for a page do not help a person with a file. */
function cutFile(text: Buffer): Buffer[] {
  try {
    return cutRecords(text);
  } catch (thrown) {
    throw thrown instanceof SnapError
      ? new FileFault(1, `the file is not a JSON array of objects (${thrown.reason})`)
      : thrown;
  }
}

async function wholeText(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    kept.push(piece);
    if (bytes <= jsonBytesMax) continue;
    throw new ExecutionError('SNAP_LIMIT_REACHED', 'The file is too large to be read as one JSON array.', {
      reason: `it has more than ${jsonBytesMax} bytes`,
      resolution: 'write it as ndjson, one object a line',
    });
  }
  return Buffer.concat(kept, bytes);
}

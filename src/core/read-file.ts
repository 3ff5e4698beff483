// Owns core.read-file: documents from one file, in order, resumable behind any batch.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { parse } from 'csv-parse';
import { cutRecords, Document, decodeText, depthMax } from '../document/index.ts';
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError, DataError, ExecutionError, SnapError } from '../errors.ts';
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';
import type { FileFormat } from './file-format.ts';
import { fileError, type PathOptions, resolveFile } from './file-path.ts';
import { formatOf } from './write-file.ts';

const documentsPerBatch = 100;
/** A JSON array is read whole; larger files belong into ndjson. */
const jsonBytesMax = 256 * 1024 * 1024;
const lineBytesMax = 16 * 1024 * 1024;

export function createReadFile(options: PathOptions): SnapExecutor {
  return {
    async run(context: SnapContext): Promise<void> {
      const settings = await context.resolve();
      if (typeof settings.path !== 'string' || settings.path === '') throw noPath(context, settings);
      const file = await resolveFile(settings.path, options);
      const format = (settings.format as FileFormat | undefined) ?? formatOf(settings.path);
      try {
        await readAll(readers[format](file), context);
      } catch (thrown) {
        if (thrown instanceof SnapError || context.signal.aborted || isNotSystem(thrown)) throw thrown;
        throw fileError(thrown, `Reading ${settings.path}`);
      }
    },
  };
}

/** A record's text, or what is wrong with it. `line` counts from 1 and names it in messages. */
interface FileRecord {
  readonly json: string;
  readonly line: number;
  readonly fault?: string;
}

type Reader = (file: string) => AsyncIterable<FileRecord>;

async function readAll(records: AsyncIterable<FileRecord>, context: SnapContext): Promise<void> {
  const { read: skipped = 0 } = (context.restored ?? {}) as { readonly read?: number };
  let read = 0;
  let batch: Document[] = [];
  for await (const { json, line, fault } of records) {
    context.signal.throwIfAborted();
    read += 1;
    if (read <= skipped) continue;
    const document = Document.fromJson(json, { snap: context.snapId, page: `line ${line}`, index: read - 1 });
    if (fault === undefined) batch.push(document);
    else await context.fail(document, badRecord(line, fault));
    context.traffic.bytesIn += json.length;
    if (batch.length < documentsPerBatch) continue;
    await context.emit(batch, { position: { read } });
    batch = [];
  }
  await context.emit(batch, { position: { read } });
}

const readers: Readonly<Record<FileFormat, Reader>> = { ndjson: readLines, json: readArray, csv: readCsv };

async function* readLines(file: string): AsyncGenerator<FileRecord> {
  let line = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(0x0a, start); end !== -1; end = bytes.indexOf(0x0a, start)) {
      line += 1;
      const record = lineRecord(bytes.subarray(start, end), line);
      if (record !== undefined) yield record;
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > lineBytesMax) throw badRecord(line + 1, `it is longer than ${lineBytesMax} bytes`);
  }
  const last = lineRecord(rest, line + 1);
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

async function* readArray(file: string): AsyncGenerator<FileRecord> {
  const { size } = await stat(file);
  if (size > jsonBytesMax) {
    throw new ExecutionError('SNAP_LIMIT_REACHED', 'The file is too large to be read as one JSON array.', {
      reason: `it has ${size} bytes; at most ${jsonBytesMax} are read`,
      resolution: 'write it as ndjson, one object a line',
    });
  }
  for (const [index, json] of cutRecords(await readFile(file)).entries()) {
    try {
      JSON.parse(json);
      yield { json, line: index + 1 };
    } catch {
      yield { json: JSON.stringify({ text: json }), line: index + 1, fault: 'it is not JSON' };
    }
  }
}

async function* readCsv(file: string): AsyncGenerator<FileRecord> {
  const parser = parse({ columns: true, bom: true, skip_empty_lines: true, max_record_size: lineBytesMax, info: true });
  const stream = createReadStream(file);
  // pipe does not pass on errors: a file that is not there would never end.
  stream.on('error', (error) => parser.destroy(error));
  stream.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: JsonObject; info: { lines: number } }>) {
      yield { json: JSON.stringify(record), line: info.lines };
    }
  } catch (thrown) {
    const { code = '', lines } = thrown as { code?: string; lines?: number };
    if (!code.startsWith('CSV_')) throw thrown;
    throw badRecord(
      lines ?? 0,
      `it is not CSV as its header says (${code.slice(4).toLowerCase().replaceAll('_', ' ')})`,
    );
  }
}

/** Thrown by code and not by the system: it must not be told as a failed file. */
const isNotSystem = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).syscall === undefined;

function badRecord(line: number, fault: string): DataError {
  return new DataError('SNAP_DOCUMENT_INVALID', `Line ${line} of the file is no document.`, {
    reason: fault,
    resolution: 'correct the file, or set the format that it is in',
  });
}

function noPath(context: SnapContext, settings: JsonObject): ConfigurationError {
  return new ConfigurationError('SNAP_SETTINGS_INVALID', `The snap "${context.snapId}" has no file to read.`, {
    reason: `its path is ${JSON.stringify(settings.path ?? null)}`,
    resolution: 'write a path, or an expression that gives one',
  });
}

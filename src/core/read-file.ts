// Owns core.read-file: documents from one file or from all that a pattern fits, in order, resumable behind any batch.
import { createHash } from 'node:crypto';
import { Document } from '../document/index.ts';
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError, ExecutionError, SnapError } from '../errors.ts';
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';
import { csvSettings } from './csv-settings.ts';
import { toUtf8 } from './file-encoding.ts';
import type { FileFormat } from './file-format.ts';
import { type FoundFile, listFiles } from './file-list.ts';
import { formatOf, isPacked } from './file-name.ts';
import { fileError, type PathOptions } from './file-path.ts';
import { badRecord, FileFault, type FileRecord } from './file-record.ts';
import { readBytes, unpackedBytesMaxDefault } from './file-text.ts';
import { readCsv } from './read-csv.ts';
import { readArray, readLines } from './read-json.ts';
import { readXml } from './read-xml.ts';

const documentsPerBatch = 100;
const markCharacters = 16;

/** What has gone on: the first `read` records of `file`, and every file whose name comes before. */
interface ReadPlace {
  readonly file?: string;
  readonly read: number;
  /** Tells the last of these records again: when another one stands there on a resume, counting to it would lose or double some. */
  readonly last?: string;
}

export function createReadFile(options: PathOptions): SnapExecutor {
  return {
    async run(context: SnapContext): Promise<void> {
      const settings = await context.resolve();
      if (typeof settings.path !== 'string' || settings.path === '') throw noPath(context, settings);
      const files = await listFiles(settings.path, options);
      if (files.length === 0 && settings.mayMatchNothing !== true) throw noFile(settings.path);
      const place = (context.restored ?? { read: 0 }) as unknown as ReadPlace;
      if (place.file !== undefined && !files.some(({ name }) => name === place.file)) throw isGone(place.file);
      for (const found of files) {
        // A file that was added behind the place is read; one added before it belongs to the next run.
        if (place.file !== undefined && found.name < place.file) continue;
        const isBegun = place.file === undefined || place.file === found.name;
        await readOne(found, { context, settings, place: isBegun ? place : { read: 0 } });
      }
    },
  };
}

interface Reading {
  readonly context: SnapContext;
  readonly settings: JsonObject;
  /** The records of this file that went on before the run was interrupted. */
  readonly place: ReadPlace;
}

async function readOne(found: FoundFile, reading: Reading): Promise<void> {
  const { context } = reading;
  try {
    await readAll(recordsOf(found, reading), found.name, reading);
  } catch (thrown) {
    if (thrown instanceof FileFault) throw badRecord(found.name, thrown.line, thrown.message);
    if (thrown instanceof SnapError || context.signal.aborted || isNotSystem(thrown)) throw thrown;
    throw fileError(thrown, `Reading ${found.name}`);
  }
}

function recordsOf({ name, file }: FoundFile, { context, settings }: Reading): AsyncIterable<FileRecord> {
  const encoding = settings.encoding as string | undefined;
  const packed = readBytes(file, {
    isPacked: isPacked(name, settings.compression),
    unpackedBytesMax: Number(settings.unpackedBytesMax ?? unpackedBytesMaxDefault),
    signal: context.signal,
  });
  const format = (settings.format as FileFormat | undefined) ?? formatOf(name);
  const bytes = toUtf8(packed, { encoding, isChecked: format !== 'csv' });
  const readers: Readonly<Record<FileFormat, () => AsyncIterable<FileRecord>>> = {
    ndjson: () => readLines(bytes),
    json: () => readArray(bytes),
    csv: () => readCsv(bytes, csvSettings(settings)),
    xml: () =>
      readXml(bytes, {
        record: settings.recordElement as string | undefined,
        lists: (settings.listElements ?? []) as readonly string[],
        isDecoded: encoding !== undefined,
      }),
  };
  return readers[format]();
}

async function readAll(records: AsyncIterable<FileRecord>, file: string, reading: Reading): Promise<void> {
  const { context, place } = reading;
  let read = 0;
  let last = '';
  let batch: Document[] = [];
  for await (const { json, line, fault } of records) {
    context.signal.throwIfAborted();
    read += 1;
    last = json;
    if (read === place.read && place.last !== undefined && place.last !== mark(json)) throw isChanged(file, read);
    if (read <= place.read) continue;
    const document = Document.fromJson(json, { snap: context.snapId, page: `${file}, line ${line}`, index: read - 1 });
    if (fault === undefined) batch.push(document);
    else await context.fail(document, badRecord(file, line, fault));
    context.traffic.bytesIn += json.length;
    if (batch.length < documentsPerBatch) continue;
    await context.emit(batch, { position: { file, read, last: mark(json) } });
    batch = [];
  }
  if (read < place.read) throw isChanged(file, place.read);
  await context.emit(batch, { position: { file, read, last: mark(last) } });
}

const mark = (json: string): string => createHash('sha256').update(json).digest('base64url').slice(0, markCharacters);

/** Thrown by code and not by the system: it must not be told as a failed file. */
const isNotSystem = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).syscall === undefined;

function noPath(context: SnapContext, settings: JsonObject): ConfigurationError {
  return new ConfigurationError('SNAP_SETTINGS_INVALID', `The snap "${context.snapId}" has no file to read.`, {
    reason: `its path is ${JSON.stringify(settings.path ?? null)}`,
    resolution: 'write a path, or an expression that gives one',
  });
}

function isGone(file: string): ExecutionError {
  return new ExecutionError('SNAP_FILE_FAILED', `The run cannot go on with ${file}.`, {
    reason: 'the run was interrupted while it read this file, and the file is not there any more',
    resolution: 'put the file back and resume, or start a new run',
  });
}

function isChanged(file: string, read: number): ExecutionError {
  return new ExecutionError('SNAP_FILE_FAILED', `The run cannot go on with ${file}.`, {
    reason: `the file was changed since the run was interrupted: its record ${read} is not the one that was read last`,
    resolution: 'put the file back as it was and resume, or start a new run',
  });
}

function noFile(pattern: string): ExecutionError {
  return new ExecutionError('SNAP_FILE_FAILED', `The pattern ${JSON.stringify(pattern)} fits no file.`, {
    reason: 'nothing in the output directory has such a name',
    resolution: 'check the pattern, or set mayMatchNothing when there may be no file',
  });
}

// Owns core.write-file: documents to one file, durable at every checkpoint, in its place only when whole.
import type { Batch } from '../document/document.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError, DataError } from '../errors.ts';
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';
import { csvSettings } from './csv-settings.ts';
import { createFormatter, type FileFormat, type FormatState, type Formatter } from './file-format.ts';
import { formatOf, isPacked } from './file-name.ts';
import { type PathOptions, resolveFile } from './file-path.ts';
import { GzipMembers, type GzipState } from './gzip-members.ts';
import { PartialFile } from './partial-file.ts';

const namesShownMax = 20;

type WriteSettings = JsonObject & { readonly path: string };

/** A checkpoint's place in the file. `isEnded` tells that the closing text has been written. */
interface WriteState {
  readonly bytes: number;
  readonly isEnded: boolean;
  readonly format: FormatState;
  /** What a packed file has not packed yet. */
  readonly gzip?: GzipState;
}

export interface WriteFileOptions extends PathOptions {
  /** The files that snaps of this run write; each has one writer. */
  readonly targets: Set<string>;
}

export function createWriteFile(options: WriteFileOptions): SnapExecutor {
  return new FileWriter(options);
}

class FileWriter implements SnapExecutor {
  readonly #options: WriteFileOptions;
  #file: PartialFile | undefined;
  #formatter: Formatter | undefined;
  #gzip: GzipMembers | undefined;
  #context: SnapContext | undefined;
  #isEnded = false;
  #hasCheckpoint = false;

  constructor(options: WriteFileOptions) {
    this.#options = options;
  }

  async run(context: SnapContext): Promise<void> {
    const settings = await settingsOf(context);
    const restored = context.restored as unknown as WriteState | undefined;
    const file = new PartialFile(await this.#claim(settings.path), context.runId);
    const formatter = formatterOf(settings, restored?.format);
    await file.open(restored?.bytes ?? 0);
    this.#context = context;
    this.#file = file;
    this.#formatter = formatter;
    if (isPacked(settings.path, settings.compression)) this.#gzip = new GzipMembers(restored?.gzip);
    this.#isEnded = restored?.isEnded ?? false;
    this.#hasCheckpoint = restored !== undefined;
    for await (const batch of context.input()) {
      const before = file.bytes;
      const text = formatter.write(batch);
      await this.#options.permit?.();
      await file.append(this.#gzip === undefined ? text : await this.#gzip.write(text));
      context.traffic.bytesOut += file.bytes - before;
      await warnOfLeftOut(context, formatter, batch);
    }
    if (!this.#isEnded) {
      const text = formatter.end();
      await file.append(this.#gzip === undefined ? text : await this.#gzip.end(text));
    }
    this.#isEnded = true;
  }

  /** Two snaps that write one file would each undo what the other wrote. */
  async #claim(setting: string): Promise<string> {
    const { targets } = this.#options;
    const target = await resolveFile(setting, this.#options);
    if (!targets.has(target)) {
      targets.add(target);
      return target;
    }
    throw new ConfigurationError('SNAP_SETTINGS_INVALID', `Two snaps write the file ${JSON.stringify(setting)}.`, {
      reason: 'a file has one writer in a run',
      resolution: 'join their inputs with core.union, or write two files',
    });
  }

  async snapshot(): Promise<JsonValue> {
    const state: WriteState = {
      bytes: this.#file?.bytes ?? 0,
      isEnded: this.#isEnded,
      format: this.#formatter?.state ?? { documents: 0 },
      ...(this.#gzip === undefined ? {} : { gzip: await this.#gzip.snapshot() }),
    };
    await this.#file?.sync();
    this.#hasCheckpoint = true;
    return state as unknown as JsonObject;
  }

  async close(committed: boolean): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    if (!committed) return file.abandon(!this.#hasCheckpoint && this.#isOurs());
    await this.#options.permit?.();
    const sha256 = await file.commit();
    const documents = this.#formatter?.state.documents ?? 0;
    this.#context?.addOutput({ path: file.target, documents, bytes: file.bytes, sha256 });
  }

  /** Whether the temporary file is certainly no other process's by now. */
  #isOurs(): boolean {
    const wait = this.#options.permit?.();
    wait?.catch(() => undefined);
    return wait === undefined;
  }
}

async function warnOfLeftOut(context: SnapContext, formatter: Formatter, batch: Batch): Promise<void> {
  for (const document of batch) {
    const names = formatter.leftOut?.(document) ?? [];
    if (names.length > 0) await context.warn(document, leftOut(names));
  }
}

function leftOut(names: readonly string[]): DataError {
  return new DataError('SNAP_DOCUMENT_INVALID', 'Fields of the document are not in the CSV file.', {
    reason: `its columns are the fields of the first document, which had no ${names.slice(0, namesShownMax).join(', ')}`,
    resolution: 'write the columns in the settings of the snap, or give all documents the same fields with core.map',
  });
}

function formatterOf(settings: WriteSettings, state: FormatState | undefined): Formatter {
  const { path, format, guardFormulas = true, rootElement = 'documents', recordElement = 'document' } = settings;
  const options = {
    csv: csvSettings(settings),
    xml: { root: String(rootElement), record: String(recordElement) },
    guardFormulas: guardFormulas !== false,
  };
  return createFormatter((format as FileFormat | undefined) ?? formatOf(path), options, state);
}

async function settingsOf(context: SnapContext): Promise<WriteSettings> {
  const settings = await context.resolve();
  if (typeof settings.path === 'string' && settings.path !== '') return settings as unknown as WriteSettings;
  throw new ConfigurationError('SNAP_SETTINGS_INVALID', `The snap "${context.snapId}" has no file to write.`, {
    reason: `its path is ${JSON.stringify(settings.path ?? null)}`,
    resolution: 'write a path, or an expression that gives one',
  });
}

// Owns core.write-file: documents to one file, durable at every checkpoint, in its place only when whole.
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError } from '../errors.ts';
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';
import { createFormatter, type FileFormat, type FormatState, type Formatter } from './file-format.ts';
import { type PathOptions, resolveFile } from './file-path.ts';
import { PartialFile } from './partial-file.ts';

interface WriteSettings {
  readonly path: string;
  readonly format?: FileFormat;
  readonly columns?: readonly string[];
  readonly guardFormulas?: boolean;
}

/** A checkpoint's place in the file. `isEnded` tells that the closing text has been written. */
interface WriteState {
  readonly bytes: number;
  readonly isEnded: boolean;
  readonly format: FormatState;
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
  #context: SnapContext | undefined;
  #isEnded = false;
  #hasCheckpoint = false;

  constructor(options: WriteFileOptions) {
    this.#options = options;
  }

  async run(context: SnapContext): Promise<void> {
    const { path: setting, format, columns, guardFormulas = true } = await settingsOf(context);
    const restored = context.restored as unknown as WriteState | undefined;
    const file = new PartialFile(await this.#claim(setting), context.runId);
    const formatter = createFormatter(
      format ?? formatOf(setting),
      { guardFormulas, ...(columns === undefined ? {} : { columns }) },
      restored?.format,
    );
    await file.open(restored?.bytes ?? 0);
    this.#context = context;
    this.#file = file;
    this.#formatter = formatter;
    this.#isEnded = restored?.isEnded ?? false;
    this.#hasCheckpoint = restored !== undefined;
    for await (const batch of context.input()) {
      const before = file.bytes;
      await file.append(formatter.write(batch));
      context.traffic.bytesOut += file.bytes - before;
    }
    if (!this.#isEnded) await file.append(formatter.end());
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
    };
    await this.#file?.sync();
    this.#hasCheckpoint = true;
    return state as unknown as JsonObject;
  }

  async close(committed: boolean): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    if (!committed) return file.abandon(!this.#hasCheckpoint);
    const sha256 = await file.commit();
    const documents = this.#formatter?.state.documents ?? 0;
    this.#context?.addOutput({ path: file.target, documents, bytes: file.bytes, sha256 });
  }
}

async function settingsOf(context: SnapContext): Promise<WriteSettings> {
  const settings = await context.resolve();
  if (typeof settings.path === 'string' && settings.path !== '') return settings as unknown as WriteSettings;
  throw new ConfigurationError('SNAP_SETTINGS_INVALID', `The snap "${context.snapId}" has no file to write.`, {
    reason: `its path is ${JSON.stringify(settings.path ?? null)}`,
    resolution: 'write a path, or an expression that gives one',
  });
}

/** The format that a file's name tells; ndjson for any other name. */
export function formatOf(file: string): FileFormat {
  const ending = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase();
  return ending === 'json' || ending === 'csv' ? ending : 'ndjson';
}

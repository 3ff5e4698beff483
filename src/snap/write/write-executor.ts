// Owns running a snap that writes: each document once, journaled before it is sent, in any order, handed on in the order it came.
import { type Batch, Document } from '../../document/index.ts';
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { ConfigurationError, DataError } from '../../errors.ts';
import type { LoadedSnap, Operation, Pack } from '../../pack/index.ts';
import { findExpressions } from '../../schema/index.ts';
import { checkSettings } from '../check-settings.ts';
import { chooseOperation } from '../choose-operation.ts';
import type { SnapContext, SnapExecutor } from '../executor.ts';
import type { FileSource } from '../file-sink.ts';
import { mapInOrder } from '../map-in-order.ts';
import type { OperationExecutorOptions } from '../operation-executor.ts';
import { resourceOf } from '../record-fields.ts';
import type { WriteJournal } from './journal.ts';
import { planUpload } from './plan-upload.ts';
import { invalidRecord, type PlannedWrite, planWrite } from './plan-write.ts';
import { undecidedError, undecidedWrites } from './undecided.ts';
import { type WriteResult, WriteSession } from './write-session.ts';

export interface WriteExecutorOptions extends OperationExecutorOptions {
  readonly journal: WriteJournal;
  readonly files: FileSource;
}

/** Files on their way at once: each takes its share of the line. */
const uploadsMax = 4;

/** Whether a snap writes: then it needs a journal. */
export function isWriting(pack: Pack, snap: LoadedSnap): boolean {
  return (snap.declaration.operations ?? []).some(
    ({ operation }) => pack.operations.get(operation)?.write !== undefined,
  );
}

/** Makes the executor of a writing snap for one run. */
export function createWriteExecutor(options: WriteExecutorOptions): SnapExecutor {
  let run: WriteRun | undefined;
  return {
    run: async (context) => {
      run = await WriteRun.open(options, context);
      await run.work();
    },
    snapshot: async () => (run === undefined ? { sequence: 0 } : await run.snapshot()),
  };
}

class WriteRun {
  readonly #options: WriteExecutorOptions;
  readonly #context: SnapContext;
  readonly #operation: Operation;
  readonly #session: WriteSession;
  readonly #hasExpressions: boolean;
  /** Sequences of the last snapshots: a row goes only when two later ones were taken, for the last may not be durable yet. */
  #snapshots: number[] = [];

  private constructor(options: WriteExecutorOptions, context: SnapContext, session: WriteSession) {
    this.#options = options;
    this.#context = context;
    this.#operation = operationOf(options, context);
    this.#session = session;
    this.#hasExpressions = findExpressions(context.settings).length > 0;
  }

  static async open(options: WriteExecutorOptions, context: SnapContext): Promise<WriteRun> {
    const restored = (context.restored ?? {}) as { readonly sequence?: number };
    const session = await WriteSession.open({
      pack: options.pack,
      context,
      connection: await options.connect(context),
      journal: options.journal,
      operation: operationOf(options, context),
      from: restored.sequence ?? 0,
    });
    return new WriteRun(options, context, session);
  }

  async work(): Promise<void> {
    const { hasInput, input, restored } = this.#context;
    if (hasInput) for await (const batch of input()) await this.#write(batch);
    else if (restored === undefined) await this.#write([this.#ownDocument()]);
    const undecided = await this.#session.finish();
    if (undecided.length > 0) throw undecidedWrites(undecided, this.#context.snapId);
  }

  async snapshot(): Promise<JsonValue> {
    const { sequence } = this.#session;
    const [covered, ...later] = [...this.#snapshots, sequence].slice(-3);
    if (later.length === 2 && covered !== undefined) await this.#session.prune(covered);
    this.#snapshots = [...this.#snapshots, sequence].slice(-2);
    return { sequence };
  }

  /** Without an input the snap writes once, with what its settings say. */
  #ownDocument(): Document {
    return Document.fromValue({}, { snap: this.#context.snapId, index: 0 });
  }

  async #write(batch: Batch): Promise<void> {
    const context = this.#context;
    const { concurrency: callsMax = 1 } = this.#options.pack.manifest.api ?? {};
    const concurrency = this.#operation.call === 'upload' ? Math.min(callsMax, uploadsMax) : callsMax;
    const results = await mapInOrder(batch, concurrency, (document) => this.#writeOne(document));
    const written: Document[] = [];
    for (const [index, result] of results.entries()) {
      const document = batch[index];
      if (document === undefined) continue;
      if (result instanceof Document) written.push(result);
      else await this.#fail(document, result);
    }
    const options = context.hasInput ? {} : { position: { sequence: this.#session.sequence } };
    if (written.length > 0) await context.emit(written, options);
  }

  /** An undecided write ends the run in any case; when it ends here, all that are undecided are named. */
  async #fail(document: Document, result: Exclude<WriteResult, Document>): Promise<void> {
    const { snapId } = this.#context;
    if ('error' in result) return this.#context.fail(document, result.error);
    try {
      await this.#context.fail(document, undecidedError(result, snapId));
    } catch {
      throw undecidedWrites(this.#session.undecided, snapId);
    }
  }

  async #writeOne(document: Document): Promise<WriteResult> {
    let planned: PlannedWrite;
    try {
      planned = await this.#plan(document);
    } catch (thrown) {
      if (thrown instanceof DataError) return { error: thrown };
      throw thrown;
    }
    if (planned.warnings.length > 0) {
      await this.#context.warn(document, invalidRecord(planned.resource?.key ?? '', planned.warnings));
    }
    // A preview shows what would be written; nothing outside may change.
    if (this.#context.isPreview) return document;
    return await this.#session.write(planned);
  }

  async #plan(document: Document): Promise<PlannedWrite> {
    const { pack, snap, files } = this.#options;
    const operation = this.#operation;
    const settings = await this.#settings(document);
    const idField = pack.operations.get(operation.write?.key?.operation ?? '')?.paging?.idField ?? 'id';
    const around = { pack, operation, resource: resourceOf(pack, snap, settings), idField };
    if (operation.call === 'upload') return await planUpload(document, settings, { ...around, files });
    return planWrite(document, settings, around);
  }

  /** The settings with every expression evaluated and checked again: what an expression gives is known only now. */
  async #settings(document: Document): Promise<JsonObject> {
    const settings = await this.#context.resolve(this.#context.hasInput ? document : undefined);
    if (!this.#hasExpressions) return settings;
    const faults = checkSettings(this.#options.pack, this.#options.snap, settings, { isResolved: true });
    if (faults.length === 0) return settings;
    throw new DataError(
      'SNAP_DOCUMENT_INVALID',
      `The settings of ${this.#options.snap.id} do not fit for this document.`,
      {
        reason: faults.map(({ pointer, message }) => `${pointer} ${message}`).join('; '),
        resolution: 'correct the expressions, or filter out documents without these values',
        faults,
      },
    );
  }
}

/** Chosen by the settings as written, as for reading. */
function operationOf({ pack, snap }: WriteExecutorOptions, { settings }: SnapContext): Operation {
  const operation = chooseOperation(pack, snap, settings);
  if (operation !== undefined) return operation;
  throw new ConfigurationError('SNAP_SETTINGS_INVALID', `The settings of ${snap.id} cannot be used.`, {
    reason: 'they name no operation',
    resolution: 'run "snaps pipeline check" on the pipeline',
  });
}

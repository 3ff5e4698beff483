// Owns running a snap that a pack declares by operations: as a source, or once for each document that comes in.
import { type Batch, Document } from '../document/index.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError, DataError, type Fault, type SnapError } from '../errors.ts';
import type { LoadedSnap, Operation, Pack, Paging } from '../pack/index.ts';
import { findExpressions } from '../schema/index.ts';
import { checkSettings } from './check-settings.ts';
import { callFor, chooseOperation } from './choose-operation.ts';
import type { Connection } from './connection.ts';
import type { SnapContext, SnapExecutor } from './executor.ts';
import { mapInOrder } from './map-in-order.ts';
import { markDrained, readDrain } from './read-drain.ts';
import { readIncremental } from './read-incremental.ts';
import { type ListOptions, type ListPage, readList } from './read-list.ts';
import { cursorField, markCall, type ReadMode, readModeOf } from './read-mode.ts';
import { type Reading, readRecord } from './read-page.ts';
import { resourceOf } from './record-fields.ts';
import { callUrl, commonParameters } from './request.ts';

export interface OperationExecutorOptions {
  readonly pack: Pack;
  readonly snap: LoadedSnap;
  /** Opens the account that the pipeline names for this snap. */
  readonly connect: (context: SnapContext) => Promise<Connection>;
}

/** A preview reads no more than this. */
const previewRecordsMax = 50;

/** Makes the executor of one snap of a pack for one run. */
export function createOperationExecutor(options: OperationExecutorOptions): SnapExecutor {
  const open = async (context: SnapContext) => new OperationRun(options, context, await options.connect(context));
  let source: OperationRun | undefined;
  return {
    run: async (context) => {
      const run = await open(context);
      if (context.hasInput) return await run.forEachDocument();
      source = run;
      await run.asSource();
    },
    snapshot: async () => source?.position ?? null,
    cursor: () => (source?.mode === 'incremental' ? source.position : undefined),
    arrived: async (context) => {
      const run = await open(context);
      if (run.mode === 'drain') await run.markDrained();
    },
  };
}

class OperationRun {
  readonly #pack: Pack;
  readonly #snap: LoadedSnap;
  readonly #context: SnapContext;
  readonly #connection: Connection;
  /** Chosen by the settings as written: an id whose expression gives nothing must never read everything instead. */
  readonly #operation: Operation;
  readonly mode: ReadMode;
  /** The position behind the last page that was given. */
  position: JsonValue | undefined;
  readonly #hasExpressions: boolean;

  constructor({ pack, snap }: OperationExecutorOptions, context: SnapContext, connection: Connection) {
    this.#pack = pack;
    this.#snap = snap;
    this.#context = context;
    this.#connection = connection;
    this.#operation = chooseOperation(pack, snap, context.settings) ?? unusable(snap, []);
    this.mode = readModeOf(snap, this.#operation, context.settings);
    this.position = context.restored;
    this.#hasExpressions = findExpressions(context.settings).length > 0;
  }

  async asSource(): Promise<void> {
    const settings = await this.#settings();
    if (this.#operation.call === 'list') return this.#list(settings, { isSource: true });
    if (this.#context.restored !== undefined) return;
    const document = await this.#get(settings, 0);
    this.position = { read: 1 };
    await this.#context.emit([document], { position: this.position });
  }

  async forEachDocument(): Promise<void> {
    const { concurrency = 1 } = this.#pack.manifest.api ?? {};
    if (this.mode !== 'full') return unusable(this.#snap, [onlyAsSource(this.#operation, this.mode)]);
    for await (const batch of this.#context.input()) {
      if (this.#operation.call === 'get') await this.#getBatch(batch, concurrency);
      else for (const document of batch) await this.#listFor(document);
    }
  }

  async #getBatch(batch: Batch, concurrency: number): Promise<void> {
    const results = await mapInOrder(batch, concurrency, async (document, index) => {
      try {
        return await this.#get(await this.#settings(document), index);
      } catch (thrown) {
        if (thrown instanceof DataError) return thrown;
        throw thrown;
      }
    });
    const found: Document[] = [];
    for (const [index, result] of results.entries()) {
      const document = batch[index];
      if (result instanceof Document) found.push(result);
      else if (document !== undefined) await this.#context.fail(document, result);
    }
    if (found.length > 0) await this.#context.emit(found);
  }

  async #listFor(document: Document): Promise<void> {
    let failed: SnapError | undefined;
    try {
      await this.#list(await this.#settings(document), { isSource: false });
    } catch (thrown) {
      if (!(thrown instanceof DataError)) throw thrown;
      failed = thrown;
    }
    if (failed !== undefined) await this.#context.fail(document, failed);
  }

  async #list(settings: JsonObject, { isSource }: { readonly isSource: boolean }): Promise<void> {
    const context = this.#context;
    const { limitSetting = '' } = this.#operation;
    const pages = this.#pages(settings, {
      restored: isSource ? context.restored : undefined,
      limit: this.#limit(settings[limitSetting]),
      signal: context.signal,
      onEstimate: (records) => {
        if (isSource) context.expect(records);
      },
    });
    for await (const { records, place, position } of pages) {
      this.position = position;
      const documents = records.map(({ bytes }, index) =>
        Document.fromBytes(bytes, { snap: context.snapId, page: place, index }),
      );
      await context.emit(documents, isSource ? { position } : {});
    }
  }

  #pages(settings: JsonObject, how: Omit<ListOptions, 'reading' | 'paging'>): AsyncGenerator<ListPage> {
    const { modes } = this.#operation;
    const { paging, field, reading } = this.#listing(settings);
    if (this.mode === 'incremental' && modes?.incremental !== undefined && field !== undefined) {
      const { cursor } = this.#context;
      return readIncremental({ ...how, reading, paging, field, incremental: modes.incremental, cursor });
    }
    if (this.mode === 'drain' && modes?.drain !== undefined) {
      return readDrain({ ...how, reading, paging, field, drain: modes.drain });
    }
    return readList({ ...how, reading, paging });
  }

  /** Marks what the checkpoint says was read; called when all of it has arrived. */
  async markDrained(): Promise<void> {
    const settings = await this.#settings();
    const { paging, field, reading } = this.#listing(settings);
    const call = markCall(resourceOf(this.#pack, this.#snap, settings) ?? unusable(this.#snap, []));
    const drain = this.#operation.modes?.drain;
    if (call === undefined || drain === undefined) return unusable(this.#snap, []);
    const { signal, restored: position } = this.#context;
    await markDrained({ reading, paging, field, drain, call, position, signal });
  }

  /** What a list is read with; the modes need the time of change of every record. */
  #listing(settings: JsonObject): { reading: Reading; paging: Paging; field: string | undefined } {
    const resource = resourceOf(this.#pack, this.#snap, settings) ?? unusable(this.#snap, []);
    const field = this.mode === 'full' ? undefined : cursorField(this.#operation, resource, settings);
    const reading = this.#reading(settings);
    const binding = { ...reading.binding, needs: field === undefined ? [] : [field] };
    return {
      reading: { ...reading, binding },
      paging: this.#operation.paging ?? unusable(this.#snap, []),
      field,
    };
  }

  async #get(settings: JsonObject, index: number): Promise<Document> {
    const reading = this.#reading(settings);
    const id = settings[this.#operation.idSetting ?? ''];
    const bytes = await readRecord(
      reading,
      callUrl(reading.binding, commonParameters(reading.binding), id),
      this.#context.signal,
    );
    return Document.fromBytes(bytes, { snap: this.#context.snapId, page: `id ${String(id)}`, index });
  }

  #reading(settings: JsonObject): Reading {
    const resource = resourceOf(this.#pack, this.#snap, settings) ?? unusable(this.#snap, []);
    const call = callFor(this.#operation, resource) ?? unusable(this.#snap, []);
    const { baseUrl } = this.#connection;
    return {
      binding: { pack: this.#pack, operation: this.#operation, call, settings, baseUrl },
      connection: this.#connection,
      traffic: this.#context.traffic,
      resource: resource.key,
    };
  }

  /** The settings with every expression evaluated and checked again: what an expression gives is known only now. */
  async #settings(document?: Document): Promise<JsonObject> {
    const settings = await this.#context.resolve(document);
    if (!this.#hasExpressions) return settings;
    const faults = checkSettings(this.#pack, this.#snap, settings, { isResolved: true });
    if (faults.length === 0) return settings;
    if (document === undefined) return unusable(this.#snap, faults);
    throw new DataError('SNAP_DOCUMENT_INVALID', `The settings of ${this.#snap.id} do not fit for this document.`, {
      reason: faults.map(({ pointer, message }) => `${pointer} ${message}`).join('; '),
      resolution: 'correct the expressions, or filter out documents without these values',
      faults,
    });
  }

  #limit(setting: JsonValue | undefined): number | undefined {
    const limits = [
      typeof setting === 'number' ? [setting] : [],
      this.#context.isPreview ? [previewRecordsMax] : [],
    ].flat();
    return limits.length === 0 ? undefined : Math.min(...limits);
  }
}

function onlyAsSource({ modes }: Operation, mode: ReadMode): Fault {
  return { pointer: `/${modes?.setting ?? ''}`, message: `"${mode}" serves a snap without an input only` };
}

function unusable(snap: LoadedSnap, faults: SnapError['faults']): never {
  throw new ConfigurationError('SNAP_SETTINGS_INVALID', `The settings of ${snap.id} cannot be used.`, {
    reason:
      faults[0] === undefined
        ? 'they name no operation, resource or call'
        : `${faults[0].pointer} ${faults[0].message}`,
    resolution: 'run "snaps pipeline check" on the pipeline',
    faults,
  });
}

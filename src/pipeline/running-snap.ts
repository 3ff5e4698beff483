// Owns one snap under way: its links, counts, error policy and place in checkpoints. What it does is its executor's.
import type { Batch, Document } from '../document/document.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ExecutionError, type SnapError } from '../errors.ts';
import type { BoundExpression, SnapContext, SnapExecutor, SnapOutput } from '../snap/executor.ts';
import type { CarefulTurn } from './careful-turn.ts';
import { errorView } from './check-graph.ts';
import type { Checkpointer, SnapCheckpoint } from './checkpoint.ts';
import { emptyCounts, type SnapCounts, type SnapReport, type SnapState } from './counts.ts';
import type { EngineEvent } from './engine-event.ts';
import { errorDocument } from './error-document.ts';
import { Inbox, type Taken } from './inbox.ts';
import type { PlannedSnap } from './plan.ts';
import type { PreviewSample } from './preview-sample.ts';
import { compileSettings } from './resolve-settings.ts';
import { type SetAside, setAsideDocument, setAsideError } from './set-aside.ts';
import type { View, ViewLimits } from './view.ts';

export interface RunningSnapOptions {
  readonly planned: PlannedSnap;
  readonly executor: SnapExecutor;
  readonly runId: string;
  readonly limits: ViewLimits;
  readonly signal: AbortSignal;
  readonly checkpointer: Checkpointer;
  readonly restored: SnapCheckpoint | undefined;
  readonly cursor: JsonValue | undefined;
  readonly sample: PreviewSample | undefined;
  /** Undefined for a run whose process has not died. */
  readonly careful: CarefulTurn | undefined;
  readonly bind: (source: string) => BoundExpression;
  /** Lets every snap of the run go of a checkpoint that this one cannot take part in. */
  readonly giveUp: (checkpoint: number) => void;
  /** Throws when a source may give no more documents. */
  readonly admit: (documents: number) => void;
  readonly onEvent: (event: EngineEvent) => void;
}

/** Error documents kept for a view that is not linked, until the next checkpoint stores them. */
const keptErrorsMax = 10_000;
/** Warnings kept of one snap; further ones are only counted. */
const keptWarningsMax = 100;

/**
 * States: waiting, running, then completed, failed or stopped; skipped stands for a snap that a preview leaves out (it
 * takes its documents and does nothing). A snap restored as done does not run again: its output has long left it. Only
 * one that must be closed (a file to rename) runs, over an input that has ended.
 */
export class RunningSnap {
  readonly planned: PlannedSnap;
  readonly outputs: SnapOutput[] = [];
  readonly inbox: Inbox;
  state: SnapState = 'waiting';
  expected: number | undefined;
  readonly #options: RunningSnapOptions;
  readonly #counts: SnapCounts;
  readonly #links = new Map<string, View[]>();
  #keptErrors: JsonObject[] = [];
  #startedAt = 0;
  #waitedMs = 0;
  #lastMarker = 0;
  #last: SnapCheckpoint | undefined;
  #failedDocument: Document | undefined;
  #emitting: Promise<void> = Promise.resolve();

  constructor(options: RunningSnapOptions) {
    this.#options = options;
    this.planned = options.planned;
    this.#counts = { ...emptyCounts(), ...options.restored?.counts };
    this.inbox = new Inbox({
      limits: options.limits,
      signal: options.signal,
      onMarker: (checkpoint) => this.#passMarker(checkpoint),
      onBlocked: options.giveUp,
      onWait: (ms) => {
        this.#waitedMs += ms;
      },
    });
  }

  /** Joins an output view to a link. */
  link(view: string, to: View): void {
    this.#links.set(view, [...(this.#links.get(view) ?? []), to]);
  }

  /** Runs to the end and ends the links behind. Rejects with what the executor threw. */
  async run({ isSkipped }: { readonly isSkipped: boolean }): Promise<void> {
    const { executor, restored, planned, checkpointer, careful } = this.#options;
    await careful?.take(this.#turn);
    this.#startedAt = performance.now();
    this.state = isSkipped ? 'skipped' : 'running';
    const isDone = restored?.isDone === true;
    if (isSkipped) await this.#skip();
    else if (!isDone || executor.close !== undefined) await this.#execute(isDone);
    for (const view of this.#allLinks()) view.put({ kind: 'end' });
    this.#last = await this.#checkpoint(true);
    checkpointer.end(planned.id, this.#last, this.#takeErrors());
    if (!isSkipped) this.state = 'completed';
    careful?.giveBack(planned.id);
    await this.inbox.drain();
  }

  report(): SnapReport {
    return { id: this.planned.id, snap: this.planned.snap.id, state: this.state, ...this.#currentCounts() };
  }

  /** What the snap leaves for the next run; known when it has ended. */
  get cursor(): JsonValue | undefined {
    return this.#last?.cursor;
  }

  /** Tells the executor that everything has arrived. */
  async arrived(): Promise<void> {
    const { executor } = this.#options;
    const last = this.#last;
    if (this.state !== 'completed' || executor.arrived === undefined || last === undefined) return;
    await executor.arrived({ ...this.#context(true), restored: last.state });
  }

  /** The document whose failure ended the run. */
  get failedDocument(): Document | undefined {
    return this.#failedDocument;
  }

  /** Error documents that no checkpoint has stored. */
  get unsavedErrors(): readonly JsonObject[] {
    return this.#keptErrors;
  }

  async #execute(isDone: boolean): Promise<void> {
    try {
      await this.#options.executor.run(this.#context(isDone));
      await this.#emitting;
      this.#countTaken();
    } catch (thrown) {
      if (this.#options.sample?.isFull !== true || thrown !== this.#options.sample.enough) throw thrown;
    }
  }

  async #skip(): Promise<void> {
    for (let taken = await this.inbox.take(); taken !== undefined; taken = await this.inbox.take()) {
      this.#counts.input += taken.batch.length;
      this.#counts.dropped += taken.batch.length;
    }
  }

  #context(isDone: boolean): SnapContext {
    const { planned, runId, sample, bind, signal, restored, cursor, careful } = this.#options;
    const noInput = (async function* (): AsyncGenerator<never> {})();
    return {
      snapId: planned.id,
      runId,
      isPreview: sample !== undefined,
      settings: planned.settings,
      resolve: compileSettings(planned.settings, bind),
      expression: bind,
      get isCareful() {
        return careful !== undefined && !careful.isOver;
      },
      hasInput: this.inbox.isLinked,
      input: (view) => (isDone ? noInput : this.#input(view)),
      inputs: () => (isDone ? noInput : this.#inputs()),
      emit: (documents, options = {}) =>
        isDone ? Promise.resolve() : this.#inTurn(() => this.#emit(documents, options)),
      fail: (document, error) => this.#inTurn(() => this.#fail(document, error)),
      warn: (document, error) => this.#inTurn(() => this.#warn(document, error)),
      drop: (count) => {
        this.#counts.dropped += count;
      },
      // The counts hold the traffic too: an executor adds to them in place.
      traffic: this.#counts,
      expect: (documents) => {
        this.expected = documents;
      },
      addOutput: (output) => {
        this.outputs.push(output);
      },
      restored: restored?.state,
      cursor,
      signal,
    };
  }

  async *#input(view?: string): AsyncGenerator<Batch> {
    for await (const { batch } of this.#inputs(view)) yield batch;
  }

  async *#inputs(view?: string): AsyncGenerator<Taken> {
    const { careful } = this.#options;
    for (;;) {
      this.#countTaken();
      careful?.giveBack(this.planned.id);
      const taken = await this.inbox.take(view);
      // What a snap does when everything has come is its turn too.
      if (taken === undefined) await careful?.take(this.#turn);
      if (taken === undefined) return;
      if (careful === undefined || careful.isOver) {
        this.#counts.input += taken.batch.length;
        yield taken;
      } else yield* this.#oneByOne(taken, careful);
    }
  }

  async *#oneByOne({ view, batch }: Taken, careful: CarefulTurn): AsyncGenerator<Taken> {
    for (const document of batch) {
      this.#countTaken();
      careful.giveBack(this.planned.id);
      const aside = await careful.take({ ...this.#turn, document, number: this.#counts.input + 1 });
      this.#counts.input += 1;
      if (aside === undefined) yield { view, batch: [document] };
      else this.#setAside(document, aside);
    }
  }

  get #turn(): { readonly snap: string; readonly isSource: boolean } {
    return { snap: this.planned.id, isSource: !this.inbox.isLinked };
  }

  /** A snap without output views has handed on what it took and did not fail: counted when it asks for more or ends. */
  #countTaken(): void {
    if (this.planned.snap.declaration.views.output.max > 0) return;
    this.#counts.output = this.#counts.input - this.#counts.errors - this.#counts.dropped;
  }

  /** An executor may emit from several places at once; what it gives leaves in the order of the calls. */
  #inTurn(give: () => Promise<void>): Promise<void> {
    const turn = this.#emitting.then(give);
    this.#emitting = turn.catch(() => {});
    return turn;
  }

  async #emit(documents: Batch, { view, position }: { view?: string; position?: JsonValue }): Promise<void> {
    const { planned, sample, signal } = this.#options;
    const name = view ?? planned.outputViews[0] ?? 'output';
    if (view !== undefined && !planned.outputViews.includes(view)) {
      throw new ExecutionError('SNAP_INTERNAL', `The snap "${planned.id}" gave documents to a view it does not have.`, {
        reason: `it has ${planned.outputViews.join(', ') || 'no output view'}, not "${view}"`,
        resolution: 'report the fault with this text',
      });
    }
    const batch = sample === undefined ? documents : sample.take(documents, name);
    if (!this.inbox.isLinked) this.#options.admit(batch.length);
    if (batch.length > 0) {
      await this.#put(name, batch, signal);
      this.#counts.output += batch.length;
    }
    if (!this.inbox.isLinked) await this.#afterSource(batch.length, position);
    // Others take what it gave before it reads on.
    if (!this.inbox.isLinked) await this.#outOfTurn(async () => undefined);
    if (sample?.isFull === true) throw sample.enough;
  }

  async #put(name: string, documents: Batch, signal: AbortSignal): Promise<void> {
    for (const view of this.#links.get(name) ?? []) {
      if (!view.hasRoom) {
        const startedAt = performance.now();
        await this.#outOfTurn(() => view.whenRoom(signal));
        this.#waitedMs += performance.now() - startedAt;
      }
      view.put({ kind: 'batch', documents });
    }
    signal.throwIfAborted();
  }

  /** Lets others work while this snap waits, and goes on with what it had in hand. */
  async #outOfTurn(wait: () => Promise<void>): Promise<void> {
    const turn = this.#options.careful?.giveBack(this.planned.id);
    await wait();
    if (turn !== undefined) await this.#options.careful?.take(turn);
  }

  /** Behind a batch of a source with its position is where a checkpoint's marker may stand. */
  async #afterSource(count: number, position: JsonValue | undefined): Promise<void> {
    const { checkpointer, planned } = this.#options;
    checkpointer.count(count);
    const asked = checkpointer.asked;
    if (asked === undefined || position === undefined || asked === this.#lastMarker) return;
    this.#lastMarker = asked;
    const counts = { ...this.#currentCounts() };
    for (const view of this.#allLinks()) view.put({ kind: 'marker', checkpoint: asked });
    checkpointer.report(planned.id, { state: position, isDone: false, counts }, this.#takeErrors());
  }

  async #passMarker(checkpoint: number): Promise<void> {
    const { checkpointer, planned, careful } = this.#options;
    await careful?.take(this.#turn);
    const state = this.state === 'skipped' ? this.#skippedCheckpoint() : await this.#checkpoint(false);
    for (const view of this.#allLinks()) view.put({ kind: 'marker', checkpoint });
    checkpointer.report(planned.id, state, this.#takeErrors());
    careful?.giveBack(planned.id);
  }

  #skippedCheckpoint(): SnapCheckpoint {
    return { isDone: false, counts: this.#currentCounts() };
  }

  async #checkpoint(isDone: boolean): Promise<SnapCheckpoint> {
    const { executor, restored } = this.#options;
    const hasRun = this.state !== 'skipped' && (restored?.isDone !== true || executor.close !== undefined);
    const state = hasRun && executor.snapshot !== undefined ? await executor.snapshot() : restored?.state;
    const counts = { ...this.#currentCounts() };
    const cursor = restored?.isDone === true ? restored.cursor : hasRun ? executor.cursor?.() : undefined;
    return {
      ...(state === undefined || (!isDone && executor.snapshot === undefined) ? {} : { state }),
      ...(cursor === undefined || !isDone ? {} : { cursor }),
      isDone,
      counts,
    };
  }

  async #fail(document: Document, error: SnapError): Promise<void> {
    const { planned, runId, sample, signal } = this.#options;
    const failure = (): Document => errorDocument(document, error, { snapId: planned.id, runId });
    sample?.fail(failure());
    if (planned.errors === 'stop') {
      this.#failedDocument ??= document;
      throw error;
    }
    this.#counts.errors += 1;
    this.#options.onEvent({ kind: 'document', snap: planned.id, error, isWarning: false });
    if (planned.errors === 'discard') return;
    const failed = failure();
    if (this.#links.has(errorView)) return this.#put(errorView, [failed], signal);
    if (this.#keptErrors.length >= keptErrorsMax) throw tooManyErrors(planned.id);
    this.#keptErrors.push(failed.value);
    if (this.#keptErrors.length * 2 > keptErrorsMax) this.#options.checkpointer.begin();
  }

  /** Whatever the error policy says: a run that stopped here, or fed the document to a snap behind, would have found out nothing. */
  #setAside(document: Document, aside: SetAside): void {
    this.#counts.errors += 1;
    const error = setAsideError(aside);
    this.#options.onEvent({ kind: 'document', snap: this.planned.id, error, isWarning: false });
    this.#keptErrors.push(setAsideDocument(document, aside, this.#options.runId));
  }

  async #warn(document: Document, error: SnapError): Promise<void> {
    const { planned, runId } = this.#options;
    this.#counts.warnings += 1;
    this.#options.onEvent({ kind: 'document', snap: planned.id, error, isWarning: true });
    if (this.#counts.warnings > keptWarningsMax) return;
    const warned = errorDocument(document, error, { snapId: planned.id, runId });
    this.#keptErrors.push({ ...warned.value, isWarning: true });
  }

  #takeErrors(): JsonObject[] {
    return this.#keptErrors.splice(0);
  }

  #allLinks(): View[] {
    return [...this.#links.values()].flat();
  }

  #currentCounts(): SnapCounts {
    const ranMs = this.#startedAt === 0 ? 0 : performance.now() - this.#startedAt;
    const before = this.#options.restored?.counts;
    const waitMs = Math.round((before?.waitMs ?? 0) + this.#waitedMs);
    const busyMs = Math.round((before?.busyMs ?? 0) + Math.max(ranMs - this.#waitedMs, 0));
    return { ...this.#counts, waitMs, busyMs };
  }
}

function tooManyErrors(snapId: string): ExecutionError {
  return new ExecutionError('SNAP_LIMIT_REACHED', `Too many documents failed in "${snapId}".`, {
    reason: `${keptErrorsMax} error documents wait to be kept, and no checkpoint could be made meanwhile`,
    resolution: `link the error view of "${snapId}" to a snap that writes it`,
  });
}

// Owns core.pipeline: a run of another pipeline for each document, in the documents' order, none of them twice.
import { createHash } from 'node:crypto';
import { Document } from '../document/document.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { DataError, ExecutionError, SnapError } from '../errors.ts';
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';
import type { ChildResult, ChildRunner, EarlierChild } from './child-contract.ts';

interface PipelineSettings {
  readonly mode?: 'each' | 'stream';
  readonly output?: 'summary' | 'documents';
  readonly concurrency?: number;
}

/** What a checkpoint holds: the highest number of a run, and those below it whose documents have not come again since a resume. */
interface PipelineState {
  readonly sequence: number;
  readonly open: readonly number[];
}

export function createPipelineSnap(runner: ChildRunner): SnapExecutor {
  return new PipelineSnap(runner);
}

/**
 * Each document gets a run with a number of its own. A snap that goes on behind a checkpoint gets documents again whose runs were
 * begun already: these are told by a hash of document and parameters, whatever order the documents come in, and their runs go
 * on or are given as they ended. A batch is in hand until all its runs have ended, so that a checkpoint never cuts one in two.
 */
class PipelineSnap implements SnapExecutor {
  readonly #runner: ChildRunner;
  #sequence = 0;
  #earlier = new Map<string, EarlierChild[]>();
  #snapId: string | undefined;

  constructor(runner: ChildRunner) {
    this.#runner = runner;
  }

  async run(context: SnapContext): Promise<void> {
    const { mode = 'each' } = context.settings as PipelineSettings;
    // The engine has put the pipeline's own snaps behind this one: it is only the door.
    if (mode === 'stream') {
      for await (const batch of context.input()) await context.emit(batch);
      return;
    }
    this.#snapId = context.snapId;
    await this.#restore(context);
    if (!context.hasInput) return await this.#runAll(context, [undefined]);
    for await (const batch of context.input()) await this.#runAll(context, batch);
  }

  async snapshot(): Promise<JsonValue> {
    const open = [...this.#earlier.values()].flat().map(({ sequence }) => sequence);
    return { sequence: this.#sequence, open };
  }

  async close(isCommitted: boolean): Promise<void> {
    if (isCommitted && this.#snapId !== undefined) await this.#runner.forget(this.#snapId);
  }

  async #restore({ snapId, restored }: SnapContext): Promise<void> {
    const { sequence: last, open } = (restored ?? { sequence: 0, open: [] }) as unknown as PipelineState;
    const begun = await this.#runner.earlier(snapId, Math.min(last, ...open.map((sequence) => sequence - 1)));
    const earlier = begun.filter(({ sequence }) => sequence > last || open.includes(sequence));
    this.#earlier = Map.groupBy(earlier, ({ hash }) => hash);
    this.#sequence = Math.max(last, ...earlier.map(({ sequence }) => sequence));
  }

  /** Runs a batch with bounded concurrency; results leave in order, each as soon as those before it have left. */
  async #runAll(context: SnapContext, documents: readonly (Document | undefined)[]): Promise<void> {
    const { concurrency = 1 } = context.settings as PipelineSettings;
    const wait = takeTurns(concurrency);
    const hasFailed = new AbortController();
    const results = documents.map((document) =>
      wait(async () => {
        context.signal.throwIfAborted();
        hasFailed.signal.throwIfAborted();
        return await this.#runOne(context, document);
      }),
    );
    // One that fails while an earlier one is awaited must not end the process; its turn comes, or the run has failed by then.
    for (const result of results) result.catch(() => undefined);
    try {
      for (const [index, result] of results.entries()) await this.#hand(context, documents[index], await result);
    } catch (thrown) {
      hasFailed.abort(thrown);
      throw thrown;
    } finally {
      await Promise.allSettled(results);
    }
  }

  async #runOne(context: SnapContext, document: Document | undefined): Promise<ChildResult | SnapError> {
    const { snapId, signal, settings } = context;
    const { output } = settings as PipelineSettings;
    try {
      const { parameters = {} } = (await context.resolve(document)) as { readonly parameters?: JsonObject };
      const text = document?.json;
      const hash = hashOf([parameters, text ?? null]);
      const sequence = this.#earlier.get(hash)?.shift()?.sequence ?? this.#next();
      const request = { snapId, sequence, hash, parameters, text, signal };
      return await this.#runner.run({ ...request, isCollected: output === 'documents' });
    } catch (thrown) {
      const isOfDocument = thrown instanceof DataError || isInvalid(thrown);
      if (!isOfDocument || signal.aborted) throw thrown;
      return thrown;
    }
  }

  #next(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  async #hand(context: SnapContext, document: Document | undefined, result: ChildResult | SnapError): Promise<void> {
    const { output = 'summary' } = context.settings as PipelineSettings;
    const original = document ?? Document.fromValue({}, { snap: context.snapId, index: 0 });
    if (result instanceof SnapError) return await context.fail(original, result);
    addTraffic(context, result);
    if (result.state !== 'completed') {
      context.signal.throwIfAborted();
      return await context.fail(original, childFailed(result));
    }
    if (output === 'summary') return await context.emit([original.withValue(summaryOf(result, document))]);
    for await (const batch of result.documents()) await context.emit(batch);
  }
}

function summaryOf(result: ChildResult, document: Document | undefined): JsonObject {
  const { runId, pipeline, read, written, errors, outputs } = result;
  const original = document === undefined ? {} : { original: document.value };
  return { runId, pipeline, read, written, errors, outputs, ...original };
}

function addTraffic({ traffic }: SnapContext, result: ChildResult): void {
  traffic.requests += result.traffic.requests;
  traffic.retries += result.traffic.retries;
  traffic.throttledMs += result.traffic.throttledMs;
  traffic.bytesIn += result.traffic.bytesIn;
  traffic.bytesOut += result.traffic.bytesOut;
}

/** The error of the child's run, with the run's name; its code decides the exit code as if it had happened here. */
function childFailed({ runId, pipeline, state, error }: ChildResult): SnapError {
  const resolution = `see "snaps runs show ${runId}" and "snaps runs logs ${runId}"`;
  if (error === undefined) {
    return new ExecutionError('SNAP_RUN_FAILED', `The run ${runId} of "${pipeline}" is ${state}.`, {
      reason: 'somebody stopped it',
      resolution,
    });
  }
  return new ExecutionError(error.code, `The run ${runId} of "${pipeline}" failed: ${error.message}`, {
    reason: error.reason,
    resolution: `${error.resolution}; ${resolution}`,
    ...(error.status === undefined ? {} : { status: error.status }),
  });
}

const isInvalid = (thrown: unknown): thrown is SnapError =>
  thrown instanceof SnapError && thrown.code === 'SNAP_PIPELINE_INVALID';

function hashOf(value: JsonValue): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** Lets at most so many of the given works go at once, in the order in which they were given. */
function takeTurns(concurrency: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let free = concurrency;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

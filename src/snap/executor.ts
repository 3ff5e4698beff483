// The contract between the engine and whatever runs a snap: an operation of a pack, or one of the host's own.
import type { Batch, Document } from '../document/document.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { SnapError } from '../errors.ts';
import type { DirectResult } from '../expression/fast-path.ts';

/** Counts of one snap that only its executor knows; the engine counts documents, waiting and working itself. */
export interface SnapTraffic {
  requests: number;
  retries: number;
  throttledMs: number;
  bytesIn: number;
  bytesOut: number;
}

/** A file (or table) that a snap has made, as the run report lists it. */
export interface SnapOutput {
  readonly path: string;
  readonly documents: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** An expression bound to the run; evaluated for one document, or without one for settings of a source. */
export interface BoundExpression {
  /** Rejects with SNAP_EXPRESSION_FAILED or SNAP_EXPRESSION_TIMEOUT. Calls made in one turn of the event loop travel together. */
  (document?: Document): Promise<JsonValue | undefined>;
  /** The result when it can be had at once, else expression/'s `deferred`: then call the expression. */
  direct?(document?: Document): DirectResult;
}

/** What the engine hands to an executor for one run. */
export interface SnapContext {
  readonly snapId: string;
  readonly runId: string;
  /** True when the run is a preview: bounded samples, no effects outside. */
  readonly isPreview: boolean;
  /** Settings after schema check; expressions stand as they were written and are reached through `resolve`. */
  readonly settings: JsonObject;
  /** Gives the settings with every expression evaluated, for one document where a document is given. */
  resolve(document?: Document): Promise<JsonObject>;
  /** Compiles an expression that a snap keeps as text (a map's fields, a filter's condition). */
  expression(source: string): BoundExpression;
  /**
   * True while the engine looks for a document that ends the process: documents come one by one then, and a snap that gathers
   * them has finished with a large one when it asks for the next.
   */
  readonly isCareful: boolean;
  /** Whether a link comes in. A snap that may begin a pipeline or stand inside one asks before it reads its input. */
  readonly hasInput: boolean;
  /** Batches of one input view in order; ends when everything upstream has ended. */
  input(view?: string): AsyncIterable<Batch>;
  /** Batches of all input views as they come, each with its view. A snap of several views reads them so: it never waits on one while another fills up. */
  inputs(): AsyncIterable<{ readonly view: string; readonly batch: Batch }>;
  /**
   * Hands documents to an output view; waits while the view is full. A source passes its `position` after these
   * documents: what `restored` must hold to go on right behind them.
   */
  emit(documents: Batch, options?: { readonly view?: string; readonly position?: JsonValue }): Promise<void>;
  /** Treats one document by the error policy: throws on `stop`, drops on `discard`, routes on `route`. */
  fail(document: Document, error: SnapError): Promise<void>;
  /** Counts a document that goes on although something is wrong with it, and keeps the first of them with the run. */
  warn(document: Document, error: SnapError): Promise<void>;
  /** Counts a document that a snap drops on purpose (a filter). */
  drop(count: number): void;
  readonly traffic: SnapTraffic;
  /** Tells how many documents a source expects in all, for progress; may be called again with a better number. */
  expect(documents: number): void;
  addOutput(output: SnapOutput): void;
  /** The position or snapshot of the last complete checkpoint; undefined on a fresh run. */
  readonly restored: JsonValue | undefined;
  /** What the last completed run of this pipeline left for this snap with `SnapExecutor.cursor`. */
  readonly cursor: JsonValue | undefined;
  /** Aborts when the run is stopped. Executors pass it to everything that waits. */
  readonly signal: AbortSignal;
}

/**
 * Runs one snap once. The engine calls `run`; while it runs, the engine calls `snapshot` between two batches of its
 * input, never while a batch is in hand, to take the state that a checkpoint must hold. A destination makes everything
 * it was given durable before its snapshot resolves. `close` is called once, after every snap of the run has completed
 * (`committed` true: rename temporary files, say) or when the run ended otherwise. `cursor` is asked when `run` has ended;
 * the store keeps its answer for the next run in the step that makes this run completed, or not at all. `arrived` is
 * called when every snap has been closed with true: what was read has arrived for good, and the far side may be told. It is
 * called again on a resume, perhaps by another process: then only the context's `restored` tells what was read.
 */
export interface SnapExecutor {
  run(context: SnapContext): Promise<void>;
  snapshot?(): Promise<JsonValue>;
  close?(committed: boolean): Promise<void>;
  cursor?(): JsonValue | undefined;
  arrived?(context: SnapContext): Promise<void>;
}

export type ExecutorFactory = () => SnapExecutor;

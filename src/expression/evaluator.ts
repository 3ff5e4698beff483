// Owns the process that evaluates expressions: batches calls to it, and kills it when one of them does not end.
// A thread would not do: when its heap is full, V8 may end the whole process.
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Document } from '../document/document.ts';
import { parseExact } from '../document/exact-json.ts';
import type { JsonValue } from '../document/json.ts';
import { DataError } from '../errors.ts';
import type { CompiledExpression } from './compile.ts';
import { type DirectResult, deferred } from './fast-path.ts';
import type { Answer, Outcome, Program, Work } from './protocol.ts';
import type { ExpressionBindings } from './scope.ts';

export interface EvaluatorOptions {
  /** How long one expression may take for one document. */
  readonly deadlineMs?: number;
  /** The most memory that the evaluating process may take for values. */
  readonly memoryMbMax?: number;
}

const deadlineMsDefault = 2_000;
const memoryMbMaxDefault = 128;
const tasksPerBatchMax = 500;
/** JSONata's own deadline comes first: it costs no process. */
const graceMs = 200;

/** An expression bound to one snap of one run. */
export interface EvaluatedExpression {
  (document?: Document): Promise<JsonValue | undefined>;
  /** The result when it can be had at once on this thread, else `deferred`: then call the expression. */
  direct(document?: Document): DirectResult;
}

interface Task {
  readonly program: Program;
  readonly document: Document | undefined;
  readonly resolve: (value: JsonValue | undefined) => void;
  readonly reject: (error: DataError) => void;
}

/**
 * Evaluates expressions for one run. Calls of one turn of the event loop travel together. States: no process (none was
 * needed yet, or the last was killed), idle (process, no batch), busy (one batch under way, the others queued), closed.
 * A task that passes the deadline, or ends the process, fails alone: the others of its batch are sent to a new process.
 */
export class ExpressionEvaluator {
  readonly #deadlineMs: number;
  readonly #memoryMbMax: number;
  #queue: Task[] = [];
  #batch: Task[] = [];
  #child: ChildProcess | undefined;
  /** Programs that the process has. */
  #known = new Set<number>();
  #programs = 0;
  #isFlushing = false;
  /** Tasks of the batch that have begun, and when the last did. */
  #begun = 0;
  #begunAt = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: EvaluatorOptions = {}) {
    this.#deadlineMs = options.deadlineMs ?? deadlineMsDefault;
    this.#memoryMbMax = options.memoryMbMax ?? memoryMbMaxDefault;
  }

  /** Rejects with SNAP_EXPRESSION_FAILED or SNAP_EXPRESSION_TIMEOUT, for this document alone. */
  bind(compiled: CompiledExpression, bindings: ExpressionBindings): EvaluatedExpression {
    const { source, rootNames, direct } = compiled;
    this.#programs += 1;
    const program: Program = { id: this.#programs, source, rootNames, bindings };
    const evaluateDirect = (document?: Document): DirectResult =>
      direct === undefined ? deferred : direct(document?.value, bindings);
    const evaluate = async (document?: Document): Promise<JsonValue | undefined> => {
      const result = evaluateDirect(document);
      return result === deferred ? this.#enqueue(program, document) : result;
    };
    return Object.assign(evaluate, { direct: evaluateDirect });
  }

  /** Ends the process. Calls under way are rejected. */
  close(): void {
    const open = [...this.#batch.splice(0), ...this.#queue.splice(0)];
    for (const task of open) task.reject(failed(task, 'the run ended before the expression did'));
    this.#dismiss();
  }

  #enqueue(program: Program, document: Document | undefined): Promise<JsonValue | undefined> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ program, document, resolve, reject });
      if (this.#isFlushing) return;
      this.#isFlushing = true;
      queueMicrotask(() => {
        this.#isFlushing = false;
        this.#send();
      });
    });
  }

  #send(): void {
    if (this.#batch.length > 0 || this.#queue.length === 0) return;
    this.#batch = this.#queue.splice(0, tasksPerBatchMax);
    this.#child ??= this.#start();
    const texts: string[] = [];
    const places = new Map<Document, number>();
    const added = new Map<number, Program>();
    const tasks = this.#batch.map(({ program, document }): [number, number] => {
      if (!this.#known.has(program.id)) added.set(program.id, program);
      if (document === undefined) return [program.id, -1];
      const place = places.get(document) ?? texts.push(document.json) - 1;
      places.set(document, place);
      return [program.id, place];
    });
    for (const id of added.keys()) this.#known.add(id);
    this.#begun = 0;
    const work: Work = { programs: [...added.values()], texts, tasks, deadlineMs: this.#deadlineMs };
    this.#child.send(work);
    this.#watch = setInterval(() => this.#killWhenLate(), Math.max(this.#deadlineMs / 10, 5));
  }

  #start(): ChildProcess {
    const file = new URL(`./evaluate.worker${path.extname(import.meta.filename)}`, import.meta.url);
    const child = fork(fileURLToPath(file), [], {
      env: {},
      execArgv: [`--max-old-space-size=${this.#memoryMbMax}`, '--permission', '--allow-fs-read=*', '--no-warnings'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc', 'pipe'],
    });
    child.on('message', ({ outcomes }: Answer) => this.#settle(child, outcomes));
    child.on('error', (error) =>
      this.#abandon(child, (task) => failed(task, `no process evaluates it: ${error.name}`)),
    );
    child.on('exit', () =>
      this.#abandon(child, (task) => failed(task, `it needs more than ${this.#memoryMbMax} MB of memory`)),
    );
    const progress = child.stdio[4] as Readable;
    progress.on('data', (bytes: Uint8Array) => {
      if (child !== this.#child) return;
      this.#begun += bytes.length;
      this.#begunAt = performance.now();
    });
    // An idle process must not keep the host alive.
    child.unref();
    child.channel?.unref();
    (progress as Readable & { unref(): void }).unref();
    return child;
  }

  #settle(child: ChildProcess, outcomes: readonly Outcome[]): void {
    if (child !== this.#child) return;
    clearInterval(this.#watch);
    const batch = this.#batch.splice(0);
    for (const [index, task] of batch.entries()) {
      const { text, error, isTimeout } = outcomes[index] ?? {};
      if (isTimeout) task.reject(timedOut(task, this.#deadlineMs));
      else if (error !== undefined) task.reject(failed(task, error));
      else task.resolve(text === undefined ? undefined : parseExact(text));
    }
    this.#send();
  }

  #killWhenLate(): void {
    // A process that still starts has begun no task: that is not the expression's time.
    const isLate = () => this.#begun > 0 && performance.now() - this.#begunAt > this.#deadlineMs + graceMs;
    if (!isLate()) return;
    const seen = this.#begun;
    // This thread may itself have been busy: what the pipe holds is read before anybody is blamed.
    setImmediate(() => {
      if (this.#child !== undefined && this.#begun === seen && isLate()) {
        this.#abandon(this.#child, (task) => timedOut(task, this.#deadlineMs));
      }
    });
  }

  /** Gives the process up: the task under way fails, and the rest of its batch begins anew in another. */
  #abandon(child: ChildProcess, explain: (task: Task) => DataError): void {
    if (child !== this.#child) return;
    const batch = this.#batch.splice(0);
    this.#dismiss();
    const culprit = Math.max(this.#begun - 1, 0);
    this.#queue.unshift(...batch.filter((_, index) => index !== culprit));
    const task = batch[culprit];
    task?.reject(explain(task));
    this.#send();
  }

  #dismiss(): void {
    clearInterval(this.#watch);
    const child = this.#child;
    this.#child = undefined;
    this.#known = new Set();
    child?.kill('SIGKILL');
  }
}

function failed({ program }: Task, reason: string): DataError {
  return new DataError('SNAP_EXPRESSION_FAILED', `The expression ${shown(program.source)} failed on a document.`, {
    reason,
    resolution: 'correct the expression or the document; $exists() and "? :" treat what may be missing',
  });
}

function timedOut({ program }: Task, deadlineMs: number): DataError {
  return new DataError('SNAP_EXPRESSION_TIMEOUT', `The expression ${shown(program.source)} did not end.`, {
    reason: `it was stopped after ${deadlineMs} ms on one document`,
    resolution: 'make the expression simpler, or leave such documents out before it',
  });
}

const shownCharactersMax = 120;
const shown = (source: string): string =>
  JSON.stringify(source.length > shownCharactersMax ? `${source.slice(0, shownCharactersMax)}…` : source);

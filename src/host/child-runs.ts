// Owns the runs that a snap of another run asks for: a row of their own, begun once, gone on with, or given as they ended.
import {
  type ChildRequest,
  type ChildResult,
  type ChildRunner,
  childFolder,
  createChildCollector,
  type EarlierChild,
  readChildDocuments,
  removeChildDocuments,
} from '../core/index.ts';
import type { JsonObject } from '../document/json.ts';
import { type ErrorBody, ExecutionError, type SnapError } from '../errors.ts';
import { type Enclosed, enclose } from '../pipeline/enclose.ts';
import { expectSamePipeline } from '../pipeline/fingerprint.ts';
import type { PipelinePlan, PlannedChild } from '../pipeline/plan.ts';
import { type RunRow, type Store, statesUnderWay } from '../store/contract.ts';
import { type Definition, fingerprintOfRow } from './run-definition.ts';
import { childRunId } from './run-id.ts';
import { leaseLost, RunJournal } from './run-journal.ts';
import type { RunLog } from './run-log.ts';
import { findRun } from './run-reports.ts';

/** A child whose row is in the store, ready to run. */
export interface PreparedChild {
  readonly runId: string;
  readonly definition: Definition;
  readonly enclosed: Enclosed;
  readonly signal: AbortSignal;
}

export interface ChildRunsOptions {
  readonly store: Store;
  /** Of the run that starts them. */
  readonly journal: RunJournal;
  readonly log: RunLog;
  readonly plan: PipelinePlan;
  readonly definition: Definition;
  /** Files that belong to a writer already. */
  readonly targets: Set<string>;
  /** Runs a child to its end; the outcome is in the store then. */
  readonly runChild: (child: PreparedChild) => Promise<void>;
}

/**
 * A child's id is made of its parent's, its snap's and its number. Its row is added under the parent's lease, and it runs under a
 * lease of its own, so that it is a run like any other: with checkpoints, a journal of writes, a log and a report. One that has
 * completed is never run again; any other goes on from its last checkpoint.
 */
export class ChildRuns implements ChildRunner {
  readonly #options: ChildRunsOptions;

  constructor(options: ChildRunsOptions) {
    this.#options = options;
  }

  async earlier(snapId: string, after: number): Promise<readonly EarlierChild[]> {
    const { store, journal } = this.#options;
    const all: EarlierChild[] = [];
    for (let last = after; ; last = all.at(-1)?.sequence ?? last) {
      const page = await store.runs.children(journal.runId, snapId, last);
      all.push(...page.map(({ sequence, hash }) => ({ sequence, hash })));
      if (page.length === 0) return all;
    }
  }

  async run(request: ChildRequest): Promise<ChildResult> {
    const { store, journal, targets, log } = this.#options;
    const { snapId, sequence } = request;
    const child = this.#child(snapId);
    const runId = childRunId(journal.runId, snapId, sequence);
    const before = await store.runs.find(runId);
    if (before !== undefined && before.parent?.hash !== request.hash) throw otherDocument(runId);
    if (before?.state !== 'completed') await this.#run(runId, request, before);
    // What an earlier process let a child write has its writer.
    else for (const { path } of before.outputs) targets.add(String(path));
    const row = await findRun(store, runId);
    const level = row.state === 'completed' ? 'info' : 'warning';
    const message = `the run ${runId} of "${row.pipeline}" is ${row.state}`;
    const details = { runId, state: row.state };
    log.gather({ level, event: 'child', snap: snapId, message, details }, { code: row.state });
    return resultOf(row, child, () => readChildDocuments(this.#folder(snapId), runId, request.signal));
  }

  async forget(snapId: string): Promise<void> {
    await removeChildDocuments(this.#folder(snapId));
  }

  async #run(runId: string, request: ChildRequest, before: RunRow | undefined): Promise<void> {
    const { store, definition, journal } = this.#options;
    const { snapId, sequence, hash, parameters, text, isCollected, signal } = request;
    const child = this.#child(snapId);
    const collector = isCollected ? createChildCollector(this.#folder(snapId), runId) : undefined;
    const enclosed = enclose(child.plan(parameters), { texts: text === undefined ? [] : [text], collector });
    const { plan } = enclosed;
    const own = childDefinition(definition, child, parameters);
    if (before === undefined) {
      const isAdded = await store.runs.insert({
        ...{ runId, pipeline: plan.name, parameters: plan.parameters },
        definition: { ...own, fingerprint: plan.fingerprint } as unknown as JsonObject,
        parent: { ...journal.parent, snapId, sequence, hash },
      });
      if (!isAdded) throw leaseLost(journal.runId);
    } else {
      expectSamePipeline(fingerprintOfRow(before), plan.fingerprint);
    }
    await this.#options.runChild({ runId, definition: own, enclosed, signal });
  }

  #folder(snapId: string): string {
    const { definition, journal } = this.#options;
    return childFolder(definition.outputDirectory, journal.runId, snapId);
  }

  #child(snapId: string): PlannedChild {
    const child = this.#options.plan.children[snapId];
    if (child !== undefined) return child;
    throw new ExecutionError('SNAP_INTERNAL', `The snap "${snapId}" runs no pipeline.`, {
      reason: 'its plan has none for it',
      resolution: 'report the fault with this text',
    });
  }
}

/**
 * Ends the runs that a run which has completed left behind: they were begun for documents that were set aside later, and
 * nobody goes on with them.
 */
export async function endSparedChildren(store: Store, runId: string, { children }: PipelinePlan): Promise<void> {
  for (const snapId of Object.keys(children)) {
    for (const child of await store.runs.children(runId, snapId, 0)) {
      if (!statesUnderWay.includes(child.state)) continue;
      const error = spared(runId).toJSON() as unknown as JsonObject;
      await RunJournal.holding(store, child, (journal) =>
        journal.update({ state: 'failed', finishedAt: new Date().toISOString(), error }),
      );
    }
  }
}

function spared(runId: string): ExecutionError {
  return new ExecutionError('SNAP_RUN_SET_ASIDE', 'The run was set aside with its document.', {
    reason: 'the process died again and again while it ran',
    resolution: `see "snaps runs errors ${runId}" for the document`,
  });
}

/** What a child is run again from: its own pipeline, and the accounts and places of the run that starts it. */
export function childDefinition(
  { accounts, outputDirectory, allowPaths, isShared = false }: Definition,
  { file, pipeline }: PlannedChild,
  parameters: JsonObject,
): Definition {
  const source = file === undefined ? { pipeline } : { file };
  const places = { outputDirectory, allowPaths, ...(isShared ? { isShared } : {}) };
  return { ...source, accounts, parameters, ...places, isChild: true };
}

function resultOf(row: RunRow, child: PlannedChild, documents: ChildResult['documents']): ChildResult {
  const { runId, pipeline, snaps, outputs } = row;
  const sum = (key: string, rows: readonly JsonObject[] = snaps): number =>
    rows.reduce((total, each) => total + Number(each[key] ?? 0), 0);
  const isDestination = new Set(child.snaps.map(({ id }) => id));
  for (const { from } of child.links) isDestination.delete(from);
  return {
    ...{ runId, pipeline, outputs, documents },
    state: row.state === 'completed' ? 'completed' : row.state === 'failed' ? 'failed' : 'stopped',
    error: errorOfRow(row),
    read: sum(
      'output',
      snaps.filter(({ input }) => input === 0),
    ),
    written: sum(
      'input',
      snaps.filter(({ id }) => isDestination.has(String(id))),
    ),
    errors: sum('errors'),
    traffic: {
      ...{ requests: sum('requests'), retries: sum('retries'), throttledMs: sum('throttledMs') },
      ...{ bytesIn: sum('bytesIn'), bytesOut: sum('bytesOut') },
    },
  };
}

/** Never happens while numbers are given out once; the result of another document must not pass for this one's. */
function otherDocument(runId: string): ExecutionError {
  return new ExecutionError('SNAP_INTERNAL', `The run ${runId} was started for another document.`, {
    reason: 'its row holds another hash of document and parameters',
    resolution: 'start a new run, and report the fault with this text',
  });
}

function errorOfRow({ error }: RunRow): SnapError | undefined {
  if (error === null) return undefined;
  const { code, message, ...details } = error as unknown as ErrorBody;
  return new ExecutionError(code, message, details);
}

// Owns what an error pipeline gets when a run has ended: the error documents that nobody took, and one about the failure of the run.
import type { JsonObject } from '../document/json.ts';
import { enclose } from '../pipeline/enclose.ts';
import type { PipelinePlan } from '../pipeline/plan.ts';
import type { RunResult } from '../pipeline/run-pipeline.ts';
import { errorPipelineSnap, type RunInsert, type Store } from '../store/contract.ts';
import { childDefinition } from './child-runs.ts';
import { keptErrors } from './replay-documents.ts';
import type { Definition } from './run-definition.ts';
import { childRunId } from './run-id.ts';
import type { RunJournal } from './run-journal.ts';

/** Characters of all documents of one run of an error pipeline; they are kept with it, so that it can be resumed. */
const charactersMax = 16 * 1024 * 1024;

export interface EndedRun {
  readonly store: Store;
  readonly journal: RunJournal;
  readonly plan: PipelinePlan;
  readonly definition: Definition;
  /** When the run was first started, ISO 8601. */
  readonly startedAt: string;
  readonly attempt: number;
  readonly result: RunResult;
  /** Of the run: its error pipeline is run by workers too. */
  readonly lane: string | null;
}

/**
 * The run of the error pipeline that follows from a run that has completed or failed; undefined when nothing went wrong or
 * the run was stopped, for then it will go on. It is added in the step that ends the run, so that it is begun once. A run that
 * failed and was resumed makes error documents again that were told already: those are told once.
 */
export async function errorRun(ended: EndedRun): Promise<RunInsert | undefined> {
  const { store, journal, plan, definition, attempt, result, lane } = ended;
  const child = plan.errorPipeline;
  if (child === undefined || result.state === 'stopped') return undefined;
  const kept = await keptErrors(store, journal.runId);
  const told = await toldBefore(store, journal.runId);
  const fresh = kept
    .filter(({ isWarning }) => isWarning !== true)
    .map((document) => JSON.stringify(document))
    .filter((text) => !take(told, text));
  const failure = result.error === undefined ? [] : [JSON.stringify(failureDocument(ended))];
  const texts = [...failure, ...bounded(fresh)];
  if (texts.length === 0) return undefined;
  const enclosed = enclose(child.plan({}), { texts });
  const own: Definition = { ...childDefinition(definition, child, {}), texts };
  return {
    runId: childRunId(journal.runId, errorPipelineSnap, attempt),
    pipeline: enclosed.plan.name,
    parameters: enclosed.plan.parameters,
    lane,
    definition: { ...own, fingerprint: enclosed.plan.fingerprint } as unknown as JsonObject,
    parent: { ...journal.parent, snapId: errorPipelineSnap, sequence: attempt, hash: '' },
  };
}

/** How often each text was handed to runs of the error pipeline of this run. */
async function toldBefore(store: Store, runId: string): Promise<Map<string, number>> {
  const told = new Map<string, number>();
  for (const { runId: earlier } of await store.runs.children(runId, errorPipelineSnap, 0)) {
    const { texts = [] } = ((await store.runs.find(earlier))?.definition ?? {}) as Partial<Definition>;
    for (const text of texts) told.set(text, (told.get(text) ?? 0) + 1);
  }
  return told;
}

function take(told: Map<string, number>, text: string): boolean {
  const count = told.get(text) ?? 0;
  if (count > 0) told.set(text, count - 1);
  return count > 0;
}

/** As many documents as one run can keep; the others stay with the run that they failed in. */
function bounded(texts: readonly string[]): readonly string[] {
  let characters = 0;
  return texts.filter((text) => {
    characters += text.length;
    return characters <= charactersMax;
  });
}

/** An error document whose original is the run itself; `isRunFailure` tells it from those of documents. */
function failureDocument({ journal, plan, startedAt, attempt, result }: EndedRun): JsonObject {
  const { code = 'SNAP_INTERNAL', message = '', reason = '', resolution = '' } = result.error?.toJSON() ?? {};
  return {
    ...{ code, message, reason, resolution },
    snap: result.failedSnap ?? null,
    runId: journal.runId,
    isRunFailure: true,
    original: {
      ...{ runId: journal.runId, pipeline: plan.name, state: result.state, attempt },
      ...{ parameters: plan.parameters, startedAt },
      errors: result.snaps.reduce((sum, { errors }) => sum + errors, 0),
    },
  };
}

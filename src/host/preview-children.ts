// Owns the pipelines that a snap runs on a preview: bounded samples like the preview itself, kept in memory, with no row and no write.
import { randomUUID } from 'node:crypto';
import type { ChildRequest, ChildResult, ChildRunner } from '../core/index.ts';
import type { Batch } from '../document/document.ts';
import { ConfigurationError } from '../errors.ts';
import { enclose } from '../pipeline/enclose.ts';
import type { PlannedChild, PlannedSnap } from '../pipeline/plan.ts';
import { type RunOptions, runPipeline } from '../pipeline/run-pipeline.ts';
import type { SnapExecutor } from '../snap/executor.ts';

/** Children of one preview; documents beyond them fail there. A preview shows what a child does, not all of them. */
const childrenMax = 10;

export interface PreviewedChildren extends Pick<RunOptions, 'startedAt' | 'accountSettings' | 'evaluators'> {
  readonly children: Readonly<Record<string, PlannedChild>>;
  readonly documentsMax: number;
  /** Makes the executors of one child, whose own children are these. */
  readonly executorFor: (inner: ChildRunner) => (planned: PlannedSnap) => SnapExecutor;
}

export function previewChildren(options: PreviewedChildren): ChildRunner {
  return new PreviewChildren(options);
}

class PreviewChildren implements ChildRunner {
  readonly #options: PreviewedChildren;
  #runs = 0;

  constructor(options: PreviewedChildren) {
    this.#options = options;
  }

  async earlier(): Promise<readonly []> {
    return [];
  }

  async forget(): Promise<void> {
    // Nothing of a preview is kept.
  }

  async run({ snapId, parameters, text, signal }: ChildRequest): Promise<ChildResult> {
    const { children, documentsMax, executorFor, startedAt, accountSettings, evaluators } = this.#options;
    const child = children[snapId];
    this.#runs += 1;
    if (child === undefined || this.#runs > childrenMax) throw tooManyChildren();
    const kept: Batch[] = [];
    const collector: SnapExecutor = {
      run: async (context) => {
        for await (const batch of context.input()) kept.push(batch);
      },
    };
    const { plan, executor } = enclose(child.plan(parameters), { texts: text === undefined ? [] : [text], collector });
    const make = executorFor(previewChildren({ ...this.#options, children: plan.children }));
    const runId = `preview-${randomUUID()}`;
    const result = await runPipeline(plan, {
      ...{ runId, startedAt, signal, previewDocumentsMax: documentsMax },
      ...(evaluators === undefined ? {} : { evaluators }),
      ...(accountSettings === undefined ? {} : { accountSettings }),
      executor: (planned) => executor(planned) ?? make(planned),
    });
    const sum = (key: 'input' | 'output' | 'errors', isCounted: (row: { readonly input: number }) => boolean): number =>
      result.snaps.filter(isCounted).reduce((total, row) => total + row[key], 0);
    return {
      ...{ runId, pipeline: plan.name, state: result.state, error: result.error, outputs: [] },
      read: sum('output', ({ input }) => input === 0),
      written: 0,
      errors: sum('errors', () => true),
      traffic: { requests: 0, retries: 0, throttledMs: 0, bytesIn: 0, bytesOut: 0 },
      documents: async function* () {
        yield* kept;
      },
    };
  }
}

function tooManyChildren(): ConfigurationError {
  return new ConfigurationError('SNAP_PIPELINE_INVALID', 'The preview runs no further pipelines.', {
    reason: `it has run ${childrenMax} of them`,
    resolution: 'preview fewer documents, or run the pipeline',
  });
}

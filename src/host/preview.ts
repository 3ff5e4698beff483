// Owns trying things out: a bounded sample of a pipeline, an expression on documents. Nothing outside changes, no trace is kept.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { ChildRunner } from '../core/index.ts';
import { Document } from '../document/document.ts';
import type { JsonObject } from '../document/json.ts';
import { asSnapError, type ErrorBody } from '../errors.ts';
import { compileExpression, ExpressionEvaluator } from '../expression/index.ts';
import { EvaluatorPool } from '../pipeline/evaluator-pool.ts';
import type { PlannedSnap } from '../pipeline/plan.ts';
import { runPipeline } from '../pipeline/run-pipeline.ts';
import type { Store } from '../store/contract.ts';
import type { ExecutorSource } from './executors.ts';
import type { EvaluateRequest, Evaluation, Preview, PreviewRequest } from './host.ts';
import type { Pipelines } from './pipelines.ts';
import { previewChildren } from './preview-children.ts';
import { errorOf } from './run-under-journal.ts';
import { noWrites } from './write-journal.ts';

/** A preview that takes longer is stopped; what it has by then is shown. */
const previewMsMax = 60_000;

export interface PreviewOptions {
  readonly pipelines: Pipelines;
  readonly executors: ExecutorSource;
  readonly openStore: () => Promise<Store>;
  /** Where relative paths of reading snaps begin. */
  readonly outputDirectory: string;
}

/** Runs a bounded sample. Throws SNAP_PIPELINE_INVALID; a failure of a snap is in the report. */
export async function previewPipeline(request: PreviewRequest, options: PreviewOptions): Promise<Preview> {
  const plan = await options.pipelines.plan(request, request);
  const accounts = new Map((await (await options.openStore()).accounts.list()).map((row) => [row.name, row.settings]));
  const startedAt = new Date().toISOString();
  const runId = `preview-${randomUUID()}`;
  const accountSettings = ({ account }: PlannedSnap) => (account === undefined ? undefined : accounts.get(account));
  const executorFor = (children: ChildRunner) =>
    options.executors.forRun(
      {
        outputDirectory: path.resolve(request.outputDirectory ?? options.outputDirectory),
        allowPaths: request.allowPaths ?? false,
        log: request.onLog ?? (() => undefined),
        children,
        targets: new Set(),
      },
      { writes: () => noWrites },
    );
  const evaluators = new EvaluatorPool();
  const shared = { startedAt, accountSettings, evaluators };
  const { children } = plan;
  const { documentsMax } = request;
  const result = await runPipeline(plan, {
    runId,
    executor: executorFor(previewChildren({ ...shared, children, documentsMax, executorFor })),
    ...shared,
    signal: AbortSignal.any([
      AbortSignal.timeout(previewMsMax),
      ...(request.signal === undefined ? [] : [request.signal]),
    ]),
    previewDocumentsMax: documentsMax,
  }).finally(() => evaluators.close());
  return {
    report: {
      runId,
      pipeline: plan.name,
      state: result.state,
      startedAt,
      finishedAt: new Date().toISOString(),
      attempt: 1,
      parameters: plan.parameters,
      snaps: result.snaps as unknown as readonly JsonObject[],
      outputs: [],
      ...(result.error === undefined ? {} : { error: errorOf(result) as unknown as ErrorBody }),
    },
    samples: result.samples ?? {},
    views: result.sampledViews ?? {},
  };
}

/** Evaluates an expression for documents, each on its own. Throws SNAP_EXPRESSION_INVALID. */
export async function evaluateExpression(request: EvaluateRequest): Promise<readonly Evaluation[]> {
  const { expression, documents, parameters } = request;
  const scope = { hasDocument: true, parameters: Object.keys(parameters), hasAccount: false };
  const compiled = compileExpression(expression, scope);
  const evaluator = new ExpressionEvaluator();
  try {
    const evaluate = evaluator.bind(compiled, {
      parameters,
      run: { id: 'preview', startedAt: new Date().toISOString() },
    });
    return await Promise.all(
      documents.map(async (value, index): Promise<Evaluation> => {
        try {
          const result = await evaluate(Document.fromValue(value, { snap: 'preview', index }));
          return result === undefined ? {} : { value: result };
        } catch (thrown) {
          return { error: asSnapError(thrown, 'The expression').toJSON() };
        }
      }),
    );
  } finally {
    evaluator.close();
  }
}

// Owns running a pipeline with open views on its own: documents are fed into its open input, and what leaves it is collected.
import { createHash } from 'node:crypto';
import type { SnapExecutor } from '../snap/executor.ts';
import { createFeed, hostSnap, plannedHostSnap } from './feed.ts';
import type { PipelinePlan, PlannedSnap } from './plan.ts';

/** A plan with snaps of the host in it. */
export interface Enclosed {
  readonly plan: PipelinePlan;
  /** The executor of a snap of the host; undefined for the pipeline's own snaps. */
  executor(planned: PlannedSnap): SnapExecutor | undefined;
}

export interface Enclosing {
  /** JSON texts of the documents for the open input. */
  readonly texts: readonly string[];
  /** Takes what leaves by open outputs; without it nobody takes it. */
  readonly collector?: SnapExecutor | undefined;
}

// No snap of a pipeline file can have such ids.
const inputId = 'parent:input';
const outputId = 'parent:output';
const inputSnap = hostSnap('parent-input', { input: 0, output: 1 });
const outputSnap = hostSnap('parent-output', { input: 1, output: 0 });

/** Puts a feed before the open input of a plan and a collector behind its open outputs. */
export function enclose(plan: PipelinePlan, { texts, collector }: Enclosing): Enclosed {
  const [open] = plan.open.inputs;
  const feed = open === undefined ? [] : [plannedHostSnap(inputId, inputSnap)];
  const sink = collector === undefined ? [] : [plannedHostSnap(outputId, outputSnap)];
  const feedLinks = open === undefined ? [] : [{ from: inputId, fromView: 'output', to: open.snap, toView: open.view }];
  const sinkLinks = sink.flatMap(({ id }) =>
    plan.open.outputs.map(({ snap, view }) => ({ from: snap, fromView: view, to: id, toView: 'input' })),
  );
  const digest = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
  return {
    plan: {
      ...plan,
      snaps: [...feed, ...plan.snaps, ...sink],
      links: [...feedLinks, ...plan.links, ...sinkLinks],
      fingerprint: { ...plan.fingerprint, ...(open === undefined ? {} : { 'the documents that came in': digest }) },
    },
    executor: ({ snap }) => (snap === inputSnap ? createFeed(texts) : snap === outputSnap ? collector : undefined),
  };
}

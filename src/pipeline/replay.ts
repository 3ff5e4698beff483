// Owns sending documents back in where they failed: the part of a plan behind those snaps, fed by the documents themselves.
import { createHash } from 'node:crypto';
import { ConfigurationError, type Fault } from '../errors.ts';
import type { SnapExecutor } from '../snap/executor.ts';
import { createFeed, hostSnap, plannedHostSnap } from './feed.ts';
import type { PipelinePlan, PlannedSnap } from './plan.ts';

/** A document that failed, mended or not, and the snap that it goes back into. */
export interface ReplayedDocument {
  readonly snap: string;
  /** JSON text of the document as it went into the snap. */
  readonly text: string;
}

export interface Replay {
  readonly plan: PipelinePlan;
  /** The executor of a feeding snap; undefined for the pipeline's own snaps. */
  executor(planned: PlannedSnap): SnapExecutor | undefined;
}

const feedId = 'replay';
/** No snap of a pipeline file can have such an id. */
const feedOf = (snapId: string): string => `replay:${snapId}`;
const feedSnap = hostSnap(feedId, { input: 0, output: 1 });

/**
 * Cuts a plan down to the snaps that documents failed in and everything behind them, each fed with its documents.
 * Throws SNAP_PIPELINE_INVALID naming every snap that cannot take documents back: one that is not in the pipeline, takes no
 * documents, or needs another input that would stay empty.
 */
export function planReplay(plan: PipelinePlan, documents: readonly ReplayedDocument[]): Replay {
  const fed = Map.groupBy(documents, ({ snap }) => snap);
  const kept = reachedFrom(plan, new Set(fed.keys()));
  expectReplayable(plan, fed, kept);
  const feeds = [...fed.keys()].map((id) => plannedHostSnap(feedOf(id), feedSnap));
  const byId = new Map(plan.snaps.map((planned) => [planned.id, planned]));
  const links = [...fed.keys()].map((id) => ({
    from: feedOf(id),
    fromView: 'output',
    to: id,
    toView: byId.get(id)?.inputViews[0] ?? 'input',
  }));
  const digest = createHash('sha256').update(JSON.stringify(documents)).digest('hex');
  return {
    plan: {
      ...plan,
      snaps: [...feeds, ...plan.snaps.filter(({ id }) => kept.has(id))],
      links: [...links, ...plan.links.filter(({ from, to }) => kept.has(from) && kept.has(to))],
      fingerprint: { ...plan.fingerprint, 'the replayed documents': digest },
    },
    executor: ({ id, snap }) =>
      snap === feedSnap ? createFeed((fed.get(id.slice(feedOf('').length)) ?? []).map(({ text }) => text)) : undefined,
  };
}

function reachedFrom(plan: PipelinePlan, ids: Set<string>): ReadonlySet<string> {
  for (const id of ids) for (const link of plan.links) if (link.from === id) ids.add(link.to);
  return ids;
}

function expectReplayable(
  plan: PipelinePlan,
  fed: ReadonlyMap<string, readonly ReplayedDocument[]>,
  kept: ReadonlySet<string>,
): void {
  const byId = new Map(plan.snaps.map((planned) => [planned.id, planned]));
  const faults = [...kept].flatMap((id): Fault[] => {
    const planned = byId.get(id);
    const fault = (message: string): Fault[] => [{ pointer: '', message: `"${id}" ${message}` }];
    if (planned === undefined) return fault('is no snap of the pipeline');
    if (planned.inputViews.length === 0) return fault('takes no documents; run it again instead');
    if (planned.execution === 'disabled') return fault('is disabled');
    const lost = plan.links.filter((link) => link.to === id && !kept.has(link.from));
    const isOther = planned.inputViews.length > 1 && (fed.has(id) || lost.length > 0);
    return isOther ? fault('needs documents on another input too; run the pipeline again') : [];
  });
  if (faults.length === 0) return;
  throw new ConfigurationError('SNAP_PIPELINE_INVALID', 'The documents cannot go back in.', {
    reason: faults.map(({ message }) => message).join('; '),
    resolution: 'leave those documents out, or start a new run',
    faults,
  });
}

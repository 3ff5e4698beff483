// Owns what the row of a run begins with, and whether one that is there may be gone on with.
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError, ExecutionError } from '../errors.ts';
import type { PipelinePlan } from '../pipeline/plan.ts';
import { errorPipelineSnap, type RunRow, type Store } from '../store/contract.ts';
import type { Definition } from './run-definition.ts';

/** Adds the row. Throws SNAP_LEASE_LOST when there is one of that id. */
export async function insertRun(
  store: Store,
  {
    runId,
    plan,
    definition,
    lane,
  }: { runId: string; plan: PipelinePlan; definition: Definition; lane: string | undefined },
): Promise<void> {
  const isNew = await store.runs.insert({
    ...{ runId, pipeline: plan.name, parameters: plan.parameters, lane: lane ?? null },
    definition: {
      ...(plan.afterCrash === undefined ? {} : { afterCrash: plan.afterCrash }),
      ...definition,
      fingerprint: plan.fingerprint,
    } as unknown as JsonObject,
    ...(definition.replay === undefined ? {} : { replayOf: definition.replay.of }),
  });
  if (isNew) return;
  throw new ExecutionError('SNAP_LEASE_LOST', `The run ${runId} was not started.`, {
    reason: 'it was started already, under this very id',
    resolution: `see "snaps runs show ${runId}"`,
  });
}

/** A child has its document from its parent, and only the parent takes what it gives. */
export function refuseChild({ runId, parent }: RunRow): void {
  if (parent === null || parent.snapId === errorPipelineSnap) return;
  throw new ConfigurationError('SNAP_USAGE', `The run ${runId} cannot be resumed on its own.`, {
    reason: `it belongs to the run ${parent.runId}, whose snap "${parent.snapId}" started it`,
    resolution: `resume that one: snaps run FILE --resume ${parent.runId}`,
  });
}

/** Whether somebody went on with a run, or stopped it, since it was found. */
export function isChanged(row: RunRow, found: RunRow): boolean {
  return row.attempt !== found.attempt || row.state !== found.state;
}

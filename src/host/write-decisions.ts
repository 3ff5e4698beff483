// Owns what a person says about writes of which nobody knows whether they took effect. It never decides by itself.
import { ConfigurationError } from '../errors.ts';
import type { Store } from '../store/contract.ts';
import type { UndecidedWriteView, WriteDecision } from './host.ts';
import { RunJournal } from './run-journal.ts';

/** The undecided writes of a run, each with what was sent. */
export async function undecidedWrites(store: Store, runId: string): Promise<readonly UndecidedWriteView[]> {
  const rows = await store.writes.undecided(runId);
  return rows.map(({ snapId, sequence, request, key, body, attempt }) => ({
    id: `${snapId}:${sequence}`,
    snap: snapId,
    write: sequence,
    request: `${String(request.method)} ${String(request.target)}`,
    key,
    attempts: attempt,
    body,
  }));
}

/** Settles one write as the person found it. Throws SNAP_WRITE_NOT_FOUND, and SNAP_LEASE_LOST while the run is under way. */
export async function decideWrite(store: Store, runId: string, decision: WriteDecision): Promise<void> {
  const known = await undecidedWrites(store, runId);
  const { snap, write, isDone } = decision;
  if (!known.some((each) => each.snap === snap && each.write === write)) {
    throw new ConfigurationError('SNAP_WRITE_NOT_FOUND', `There is no undecided write ${write} of "${snap}".`, {
      reason: `undecided in this run are ${known.map(({ id }) => id).join(', ') || 'none'}`,
      resolution: `see "snaps runs undecided ${runId}"`,
    });
  }
  await RunJournal.holding(store, { runId }, (journal) =>
    journal.writes(snap).settle({ sequence: write, state: isDone ? 'done' : 'not-done' }),
  );
}

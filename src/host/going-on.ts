// Owns what becomes of a run that nobody holds though it has not ended: gone on with, stopped as asked, or set aside.
import { SnapError } from '../errors.ts';
import type { RunRow, Store } from '../store/contract.ts';
import type { RunHandle } from './host.ts';
import type { Log } from './log.ts';
import { stopAbandoned } from './run-journal.ts';
import type { RunService } from './run-service.ts';

export interface GoingOn {
  readonly runs: Pick<RunService, 'takeOver' | 'setAside' | 'isCareful'>;
  readonly log: Log;
}

/**
 * Gives the run when it goes on here. A store or a lease that is away for the moment changes nothing; what cannot be started any
 * more, or died too often of no document, has failed with that reason. While a run is careful here others that died wait: what
 * they had in hand would be blamed for its deaths.
 */
export async function goOn(store: Store, row: RunRow, { runs, log }: GoingOn): Promise<RunHandle | undefined> {
  const { runId, pipeline, state, crashes } = row;
  if (state === 'stopping') {
    await stopAbandoned(store, runId);
    return undefined;
  }
  const isCrashed = state === 'running';
  if (isCrashed && runs.isCareful) return undefined;
  try {
    if (isCrashed) log.info({ runId, pipeline, crashes: crashes + 1 }, 'the process of the run died');
    return await runs.takeOver(row);
  } catch (thrown) {
    if (!(thrown instanceof SnapError)) throw thrown;
    log.warn({ runId, pipeline, code: thrown.code, reason: thrown.reason }, 'the run was not resumed');
    const mayWorkLater = thrown.retryable || thrown.code === 'SNAP_LEASE_LOST';
    if (!mayWorkLater) await runs.setAside(row, thrown);
  }
  return undefined;
}

// Owns what becomes of a run that nobody holds though it has not ended: gone on with, stopped as asked, or set aside.
import { ExecutionError, SnapError } from '../errors.ts';
import type { RunRow, Store } from '../store/contract.ts';
import type { RunHandle } from './host.ts';
import type { Log } from './log.ts';
import { stopAbandoned } from './run-journal.ts';
import type { RunService } from './run-service.ts';

/** A run that ended its process this often is left to a person: it would end the next one too. */
const crashesMax = 3;

export interface GoingOn {
  readonly runs: Pick<RunService, 'takeOver' | 'setAside'>;
  readonly log: Log;
}

/**
 * Gives the run when it goes on here. A store or a lease that is away for the moment changes nothing; what cannot be started any
 * more has failed with that reason.
 */
export async function goOn(store: Store, row: RunRow, { runs, log }: GoingOn): Promise<RunHandle | undefined> {
  const { runId, pipeline, state, crashes } = row;
  if (state === 'stopping') {
    await stopAbandoned(store, runId);
    return undefined;
  }
  const isCrashed = state === 'running';
  try {
    if (isCrashed) log.info({ runId, pipeline, crashes: crashes + 1 }, 'the process of the run died');
    if (!isCrashed || crashes + 1 < crashesMax) return await runs.takeOver(row);
    await runs.setAside(row, setAside(row));
  } catch (thrown) {
    if (!(thrown instanceof SnapError)) throw thrown;
    log.warn({ runId, pipeline, code: thrown.code, reason: thrown.reason }, 'the run was not resumed');
    const mayWorkLater = thrown.retryable || thrown.code === 'SNAP_LEASE_LOST';
    if (!mayWorkLater) await runs.setAside(row, thrown);
  }
  return undefined;
}

function setAside({ runId, crashes }: RunRow): ExecutionError {
  return new ExecutionError('SNAP_RUN_SET_ASIDE', 'The run was set aside.', {
    reason: `its process died ${crashes + 1} times while it ran; a document that no process has the memory for does that`,
    resolution: `see "snaps runs show ${runId}" for how far it came; with the cause mended: snaps run FILE --resume ${runId}`,
  });
}

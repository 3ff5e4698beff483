// Reads runs from the store in the words of the host's contract.
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError, type ErrorBody } from '../errors.ts';
import type { RunRow, Store } from '../store/contract.ts';
import type { RunReport, Runs } from './host.ts';

/** The history over a store that is opened when first asked. */
export function createRuns(openStore: () => Promise<Store>): Runs {
  return {
    list: async ({ limit }) => {
      const rows = await (await openStore()).runs.list({ limit });
      return rows.map(({ runId, pipeline, state, startedAt, finishedAt }) => ({
        id: runId,
        runId,
        pipeline,
        state,
        startedAt,
        finishedAt,
      }));
    },
    show: async (runId) => runReport(await findRun(await openStore(), runId)),
    errors: async (runId, page) => {
      const store = await openStore();
      await findRun(store, runId);
      const errors = await store.errorDocuments.list(runId, page);
      return errors.map(({ sequence, document }): JsonObject => ({ id: sequence, ...document }));
    },
  };
}

/** The row of a run. Throws SNAP_RUN_NOT_FOUND. */
export async function findRun(store: Store, runId: string): Promise<RunRow> {
  const row = await store.runs.find(runId);
  if (row !== undefined) return row;
  throw new ConfigurationError('SNAP_RUN_NOT_FOUND', `There is no run ${runId}.`, {
    reason: 'the store has no run of that id',
    resolution: 'see "snaps runs list"; a run of another data directory needs --data-directory',
  });
}

/** The report of a stored run. */
export function runReport(row: RunRow): RunReport {
  const { runId, pipeline, state, startedAt, finishedAt, attempt, parameters, snaps, outputs, error } = row;
  return {
    runId,
    pipeline,
    state,
    startedAt,
    finishedAt,
    attempt,
    parameters,
    snaps,
    outputs,
    ...(error === null ? {} : { error: error as unknown as ErrorBody }),
  };
}

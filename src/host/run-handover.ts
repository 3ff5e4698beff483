// Owns handing runs to workers: the row with all that is needed to run it, then its place in the queue. Runs none itself.
import { makeFolders } from '../core/durable-folder.ts';
import { fileError } from '../core/file-path.ts';
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError } from '../errors.ts';
import { readPipelineFile } from '../pipeline/pipeline-file.ts';
import type { PipelinePlan } from '../pipeline/plan.ts';
import type { RunQueue } from '../queue/run-queue.ts';
import type { RunRow, Store } from '../store/contract.ts';
import type { GivenAccounts } from './given-accounts.ts';
import type { RunHandle } from './host.ts';
import type { Log } from './log.ts';
import type { Definition } from './run-definition.ts';
import { uuidOf } from './run-id.ts';
import { RunJournal } from './run-journal.ts';
import { reportOf } from './run-reports.ts';

export interface RunHandoverOptions {
  readonly openQueue: () => Promise<RunQueue>;
  readonly given: GivenAccounts;
  readonly log: Log;
}

export interface HandedOver {
  readonly store: Store;
  readonly runId: string;
  readonly plan: PipelinePlan;
  readonly definition: Definition;
  /** Adds a fresh run. */
  readonly insert: (lane: string) => Promise<void>;
  /** A run that goes on in place of a fresh one. */
  readonly resumed: RunRow | undefined;
}

export class RunHandover {
  readonly #options: RunHandoverOptions;

  constructor(options: RunHandoverOptions) {
    this.#options = options;
  }

  /** A worker has no files of this machine: a pipeline of a file goes into the row. */
  static definitionOf({ file, ...rest }: Definition): Definition {
    if (rest.pipeline !== undefined || file === undefined) return { ...rest, isShared: true };
    return { ...rest, isShared: true, pipeline: readPipelineFile(file) as JsonObject };
  }

  /**
   * Hands the run over; its report says *queued*. Throws SNAP_USAGE for an account that was given for one run, and SNAP_LEASE_LOST
   * for a run that somebody runs. A queue that is away costs time and no run: workers also look for rows that nobody has.
   */
  async put({ store, runId, plan, definition, insert, resumed }: HandedOver): Promise<RunHandle> {
    this.#refuseGiven(plan);
    const lane = await laneOf(store, plan);
    await makeFolders(definition.outputDirectory).catch((thrown: unknown) => {
      throw fileError(thrown, `Making ${definition.outputDirectory}`);
    });
    if (resumed === undefined) await insert(lane);
    else await putBack(store, resumed, { lane, definition });
    await this.ring([{ runId, lane }]);
    return { runId, isQueued: true, finished: reportOf(store, runId), stop: () => undefined };
  }

  /** Says that runs wait. */
  async ring(runs: Parameters<RunQueue['put']>[0]): Promise<void> {
    try {
      await (await this.#options.openQueue()).put(runs);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : 'unknown';
      this.#options.log.warn({ runs: runs.length, reason }, 'runs wait without a place in the queue');
    }
  }

  #refuseGiven({ snaps }: PipelinePlan): void {
    const given = snaps.find(({ account }) => account !== undefined && this.#options.given.find(account) !== undefined);
    if (given === undefined) return;
    throw new ConfigurationError('SNAP_USAGE', 'The run was not queued.', {
      reason: `the account "${given.account}" of the snap "${given.id}" exists in this process alone, and a worker is another one`,
      resolution: 'add the account to the store with "snaps account add", or run the pipeline here, without --queue',
    });
  }
}

/** A run that had ended, or whose process died, waits again, with what it is to be gone on with. */
async function putBack(
  store: Store,
  { runId, definition: { fingerprint } }: RunRow,
  { lane, definition }: { readonly lane: string; readonly definition: Definition },
): Promise<void> {
  const kept = { ...definition, fingerprint } as unknown as JsonObject;
  await RunJournal.holding(store, { runId }, (journal) =>
    journal.update({ state: 'queued', finishedAt: null, error: null, crashes: 0, lane, definition: kept }),
  );
}

/** Runs of one account take turns with those of others; a pipeline without one is on its own. Ids only: it stands in the queue. */
async function laneOf(store: Store, { name, snaps }: PipelinePlan): Promise<string> {
  const used = new Set(snaps.map(({ account }) => account));
  const account = (await store.accounts.list()).find((row) => used.has(row.name));
  return account?.id ?? uuidOf(`pipeline ${name}`);
}

// Owns the queue of runs that wait for workers: pg-boss in the store's own PostgreSQL. A job is a run's id and nothing else.
// It only says that a run waits: who may run it is decided by the run's lease, so a job that comes twice or is lost does no harm.
import { PgBoss } from 'pg-boss';
import { ConfigurationError, ExecutionError } from '../errors.ts';
import { readPostgresError } from '../store/postgres/dialect.ts';

const schema = 'snaps_queue';
const queueName = 'runs';
const connectionsMax = 2;
/** Several processes may make the tables at the same time, or find the database still starting. */
const startAttempts = 5;
/** A job is done as soon as its run was taken; one that is not by then belonged to a worker that died. */
const takenSecondsMax = 60;
const keptSeconds = 3_600;
/** How long a run waits at most before its job is dropped; whoever looks for runs that nobody has then puts it back. */
const waitingSecondsMax = 30 * 86_400;

export interface WaitingRun {
  readonly runId: string;
  /** What runs take turns by. */
  readonly lane: string;
}

export interface RunQueueOptions {
  /** The store's URL, `postgres://...`. */
  readonly url: string;
  /** Whether this process also clears away what dead ones left. */
  readonly isWorker: boolean;
}

export class RunQueue {
  readonly #boss: PgBoss;

  private constructor(boss: PgBoss) {
    this.#boss = boss;
  }

  /** Opens the queue and makes its tables when they are missing. Throws SNAP_CONFIG_INVALID, SNAP_STORE_UNAVAILABLE. */
  static async open({ url, isWorker }: RunQueueOptions): Promise<RunQueue> {
    expectPostgres(url);
    const boss = new PgBoss({
      ...{ connectionString: url, schema, max: connectionsMax, application_name: 'snaps queue' },
      // No LISTEN and nothing else that lives in a session: a transaction pooler may stand between.
      ...{ useListenNotify: false, schedule: false, supervise: isWorker, registerInstance: false },
    });
    // What fails shows itself where it was called; the pool connects again by itself.
    boss.on('error', () => undefined);
    const queue = new RunQueue(boss);
    await guard(async () => {
      await boss.start({ attempts: startAttempts });
      await boss.createQueue(queueName, {
        policy: 'short',
        retryLimit: 0,
        ...{ expireInSeconds: takenSecondsMax, deleteAfterSeconds: keptSeconds, retentionSeconds: waitingSecondsMax },
      });
    });
    return queue;
  }

  /** Says that runs wait. A run that waits already stays where it is. */
  async put(runs: readonly WaitingRun[]): Promise<void> {
    if (runs.length === 0) return;
    const jobs = runs.map(({ runId, lane }) => ({ data: { runId }, singletonKey: runId, group: { id: lane } }));
    await guard(() => this.#boss.insert(queueName, jobs));
  }

  /** Takes the run that waits longest, of any lane but these; undefined when none does. */
  async take(passedOver: readonly string[]): Promise<WaitingRun | undefined> {
    return await guard(async () => {
      const [job] = await this.#boss.fetch<{ runId: string }>(queueName, { ignoreGroups: [...passedOver] });
      if (job === undefined) return undefined;
      // One that could not be deleted is cleared away when it has been taken for a minute.
      await this.#boss.deleteJob(queueName, job.id).catch(() => undefined);
      return { runId: job.data.runId, lane: job.groupId ?? '' };
    });
  }

  /** How many runs wait in it. */
  async waiting(): Promise<number> {
    return (await guard(() => this.#boss.findJobs(queueName, { queued: true }))).length;
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false }).catch(() => undefined);
  }
}

/** Throws SNAP_CONFIG_INVALID when the store is no PostgreSQL, which workers on several machines could share. */
export function expectPostgres(url: string): void {
  if (/^postgres(?:ql)?:/u.test(url)) return;
  throw new ConfigurationError('SNAP_CONFIG_INVALID', 'Workers need a PostgreSQL store.', {
    reason: 'the store is a SQLite file, which belongs to one machine',
    resolution: 'set SNAPS_DATABASE_URL=postgres://USER@HOST/DATABASE, the same for every host and worker',
  });
}

/** What pg-boss throws may quote its statement; only the code of the failure is kept. */
async function guard<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    throw new ExecutionError('SNAP_STORE_UNAVAILABLE', 'The queue of runs could not be read or written.', {
      reason: readPostgresError(thrown).reason,
      resolution: 'run "snaps doctor"; the database user must be allowed to make the schema "snaps_queue"',
      retryable: true,
    });
  }
}

// Owns who runs a snap: the operation that its pack declares over the account that the pipeline names, or one of the host's own.
import { type CoreOptions, coreExecutor, coreExecutors, createFileSink } from '../core/index.ts';
import { ConfigurationError } from '../errors.ts';
import type { PackRegistry } from '../pack/index.ts';
import type { PlannedSnap } from '../pipeline/plan.ts';
import {
  createDownloadExecutor,
  createOperationExecutor,
  createQueryExecutor,
  createWriteExecutor,
  type FileSink,
  isDownloading,
  isQuerying,
  isWriting,
  type OperationExecutorOptions,
  type SnapExecutor,
  type WriteJournal,
} from '../snap/index.ts';
import type { Connections } from './connections.ts';

/** What the operations of one run keep outside of themselves. */
interface Places {
  readonly writes: (snapId: string) => WriteJournal;
  readonly files: FileSink;
}

export class ExecutorSource {
  readonly #registry: PackRegistry;
  readonly #connections: Connections;
  readonly #databaseAccount: CoreOptions['databaseAccount'];

  constructor(registry: PackRegistry, connections: Connections, databaseAccount: CoreOptions['databaseAccount']) {
    this.#registry = registry;
    this.#connections = connections;
    this.#databaseAccount = databaseAccount;
  }

  /** Makes the executors of one run. */
  forRun(
    options: Omit<CoreOptions, 'databaseAccount'>,
    writes: (snapId: string) => WriteJournal,
  ): (planned: PlannedSnap) => SnapExecutor {
    const builtins = coreExecutors({ ...options, databaseAccount: this.#databaseAccount });
    const files = createFileSink(options);
    return (planned) => {
      const { builtin } = planned.snap.declaration;
      return builtin === undefined
        ? this.#operation(planned, { writes, files })
        : coreExecutor(builtins, builtin)(planned.account);
    };
  }

  #operation({ snap, account, id }: PlannedSnap, { writes, files }: Places): SnapExecutor {
    const pack = this.#registry.pack(snap.pack);
    const options: OperationExecutorOptions = {
      pack,
      snap,
      connect: async () => {
        if (account !== undefined) return await this.#connections.connect(account);
        throw new ConfigurationError('SNAP_PIPELINE_INVALID', `The snap "${id}" has no account.`, {
          reason: `${snap.id} calls an API, and the pipeline names no account for it`,
          resolution: `write "account": "NAME" at the snap "${id}"`,
        });
      },
    };
    if (isDownloading(pack, snap)) return createDownloadExecutor({ ...options, files });
    if (isQuerying(pack, snap)) return createQueryExecutor(options);
    return isWriting(pack, snap)
      ? createWriteExecutor({ ...options, journal: writes(id) })
      : createOperationExecutor(options);
  }
}

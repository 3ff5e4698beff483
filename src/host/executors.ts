// Owns who runs a snap: the operation that its pack declares over the account that the pipeline names, or one of the host's own.
import { type CoreOptions, coreExecutor, coreExecutors } from '../core/index.ts';
import { ConfigurationError } from '../errors.ts';
import type { PackRegistry } from '../pack/index.ts';
import type { PlannedSnap } from '../pipeline/plan.ts';
import {
  createOperationExecutor,
  createWriteExecutor,
  isWriting,
  type OperationExecutorOptions,
  type SnapExecutor,
  type WriteJournal,
} from '../snap/index.ts';
import type { Connections } from './connections.ts';

export class ExecutorSource {
  readonly #registry: PackRegistry;
  readonly #connections: Connections;

  constructor(registry: PackRegistry, connections: Connections) {
    this.#registry = registry;
    this.#connections = connections;
  }

  /** Makes the executors of one run. */
  forRun(options: CoreOptions, writes: (snapId: string) => WriteJournal): (planned: PlannedSnap) => SnapExecutor {
    const builtins = coreExecutors(options);
    return (planned) => {
      const { builtin } = planned.snap.declaration;
      return builtin === undefined ? this.#operation(planned, writes) : coreExecutor(builtins, builtin)();
    };
  }

  #operation({ snap, account, id }: PlannedSnap, writes: (snapId: string) => WriteJournal): SnapExecutor {
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
    return isWriting(pack, snap)
      ? createWriteExecutor({ ...options, journal: writes(id) })
      : createOperationExecutor(options);
  }
}

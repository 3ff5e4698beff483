// Owns who runs a snap: the operation that its pack declares, over the account that the pipeline names.
import { ConfigurationError } from '../errors.ts';
import type { LoadedSnap, PackRegistry } from '../pack/index.ts';
import { createOperationExecutor, type SnapExecutor } from '../snap/index.ts';
import type { Connections } from './connections.ts';

export interface OperationStep {
  readonly snap: LoadedSnap;
  /** The id of the step in the pipeline, for messages. */
  readonly stepId: string;
  /** The name of the account in the store; undefined when the pipeline names none. */
  readonly account: string | undefined;
}

/** The executor of a snap that a pack declares by operations. */
export function operationExecutor(registry: PackRegistry, connections: Connections, step: OperationStep): SnapExecutor {
  const { snap, stepId, account } = step;
  return createOperationExecutor({
    pack: registry.pack(snap.pack),
    snap,
    connect: async () => {
      if (account !== undefined) return await connections.connect(account);
      throw new ConfigurationError('SNAP_PIPELINE_INVALID', `The snap "${stepId}" has no account.`, {
        reason: `${snap.id} calls an API, and the pipeline names no account for it`,
        resolution: `write "account": "NAME" at the snap "${stepId}"`,
      });
    },
  });
}

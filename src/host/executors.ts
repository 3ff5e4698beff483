// Owns who runs a snap: the operation that its pack declares over the account that the pipeline names, or one of the host's own.
import { type CoreOptions, coreExecutor, coreExecutors, createFileSink, createFileSource } from '../core/index.ts';
import { ConfigurationError } from '../errors.ts';
import type { HttpEvent } from '../http/contract.ts';
import type { PackRegistry } from '../pack/index.ts';
import type { PlannedSnap } from '../pipeline/plan.ts';
import {
  type Connection,
  createDownloadExecutor,
  createOperationExecutor,
  createQueryExecutor,
  createWriteExecutor,
  type FileSink,
  type FileSource,
  isDownloading,
  isQuerying,
  isWriting,
  type OperationExecutorOptions,
  type SnapExecutor,
  type WriteJournal,
} from '../snap/index.ts';
import type { Activity } from './activity.ts';
import type { Connections } from './connections.ts';

/** What the snaps of one run keep outside of themselves, and whom they tell. */
export interface RunPlaces {
  readonly writes: (snapId: string) => WriteJournal;
  /** Told what happens to the requests of a snap; a preview tells nobody. */
  readonly observe?: (snapId: string, event: HttpEvent, account: string) => void;
}

interface Places extends RunPlaces {
  /** Asked before a request leaves (`HttpRequest.permit`). */
  readonly permit: CoreOptions['permit'];
  readonly files: FileSink;
  readonly source: FileSource;
}

export interface ExecutorSourceOptions extends Pick<CoreOptions, 'databaseAccount'> {
  readonly registry: PackRegistry;
  readonly connections: Connections;
  readonly activity: Activity;
}

export class ExecutorSource {
  readonly #registry: PackRegistry;
  readonly #connections: Connections;
  readonly #databaseAccount: CoreOptions['databaseAccount'];
  readonly #activity: Activity;

  constructor(options: ExecutorSourceOptions) {
    this.#registry = options.registry;
    this.#connections = options.connections;
    this.#databaseAccount = options.databaseAccount;
    this.#activity = options.activity;
  }

  /** Makes the executors of one run. */
  forRun(options: Omit<CoreOptions, 'databaseAccount'>, places: RunPlaces): (planned: PlannedSnap) => SnapExecutor {
    const builtins = coreExecutors({ ...options, databaseAccount: this.#databaseAccount });
    const files = createFileSink(options);
    const source = createFileSource(options);
    return (planned) => {
      const { builtin } = planned.snap.declaration;
      return builtin === undefined
        ? this.#operation(planned, { ...places, files, source, permit: options.permit })
        : coreExecutor(builtins, builtin)(planned.account);
    };
  }

  #operation({ snap, account, id }: PlannedSnap, { writes, files, source, ...watching }: Places): SnapExecutor {
    const pack = this.#registry.pack(snap.pack);
    const options: OperationExecutorOptions = {
      pack,
      snap,
      connect: async () => {
        if (account !== undefined) return this.#observed(await this.#connections.connect(account), id, watching);
        throw new ConfigurationError('SNAP_PIPELINE_INVALID', `The snap "${id}" has no account.`, {
          reason: `${snap.id} calls an API, and the pipeline names no account for it`,
          resolution: `write "account": "NAME" at the snap "${id}"`,
        });
      },
    };
    if (isDownloading(pack, snap)) return createDownloadExecutor({ ...options, files });
    if (isQuerying(pack, snap)) return createQueryExecutor(options);
    return isWriting(pack, snap)
      ? createWriteExecutor({ ...options, journal: writes(id), files: source })
      : createOperationExecutor(options);
  }

  /** The connection of one snap of one run: what happens to its requests is counted, and told to the run. */
  #observed(
    connection: Connection,
    snapId: string,
    { observe, permit }: Pick<Places, 'observe' | 'permit'>,
  ): Connection {
    const tell = (event: HttpEvent): void => {
      this.#activity.request(event);
      observe?.(snapId, event, connection.account);
    };
    // Nobody follows a preview for half an hour.
    const watched = {
      waitsForTenant: observe !== undefined,
      observe: tell,
      ...(permit === undefined ? {} : { permit }),
    };
    return { ...connection, send: (request) => connection.send({ ...request, ...watched }) };
  }
}

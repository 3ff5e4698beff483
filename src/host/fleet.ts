// Owns this host's part in a fleet: the queue that it hands runs to, and the workers that take them here.
import { RunQueue } from '../queue/run-queue.ts';
import type { Store } from '../store/contract.ts';
import type { HostConfig } from './config.ts';
import type { GivenAccounts } from './given-accounts.ts';
import { type Lazy, lazy } from './lazy.ts';
import type { Log } from './log.ts';
import { RunHandover } from './run-handover.ts';
import type { RunService } from './run-service.ts';
import { FleetWorker } from './worker.ts';
import type { Worker, WorkOptions } from './worker-contract.ts';

export interface FleetOptions {
  readonly config: HostConfig;
  readonly openStore: () => Promise<Store>;
  readonly given: GivenAccounts;
  readonly log: Log;
}

export class Fleet {
  readonly handover: RunHandover;
  readonly #options: FleetOptions;
  readonly #queue: Lazy<RunQueue>;

  constructor(options: FleetOptions) {
    const { config, given, log } = options;
    this.#options = options;
    this.#queue = lazy(() => RunQueue.open({ url: config.databaseUrl, isWorker: !config.queueRuns }));
    this.handover = new RunHandover({ openQueue: this.#queue.get, given, log });
  }

  /** Takes runs that wait until the worker is closed. Throws SNAP_CONFIG_INVALID, SNAP_STORE_UNAVAILABLE. */
  async work(options: WorkOptions, runs: RunService): Promise<Worker> {
    const { openStore, log } = this.#options;
    await this.#queue.get();
    const { handover } = this;
    const worker = new FleetWorker({ ...options, runs, handover, log, openStore, openQueue: this.#queue.get });
    worker.start();
    return worker;
  }

  async close(): Promise<void> {
    await (await this.#queue.made())?.close();
  }
}

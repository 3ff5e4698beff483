// A PostgreSQL store, a folder and any number of hosts over them in this process: what a fleet of machines would be.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../src/document/json.ts';
import { type Host, type HostConfig, openHost, type RunReport, resolveConfig } from '../../src/host.ts';
import { RunQueue } from '../../src/queue/run-queue.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import type { Store } from '../../src/store/contract.ts';
import { openStore } from '../../src/store/store.ts';
import { until } from '../fault/processes.ts';

export interface Fleet {
  readonly url: string;
  readonly folder: string;
  readonly store: Store;
  readonly queue: RunQueue;
  readonly simulator: Awaited<ReturnType<typeof startSimulator>>;
  /** Opens one more host; it queues its runs unless it is told otherwise. */
  host(change?: Partial<HostConfig>): Promise<Host>;
  /** Starts a run of a pipeline on a host and gives its id. */
  start(host: Host, pipeline: JsonObject): Promise<string>;
  /** Waits until the run is in this state. */
  untilState(runId: string, state: RunReport['state']): Promise<RunReport>;
  /** The ids of the records in a file that a run wrote. */
  idsIn(name: string): number[];
  close(): Promise<void>;
}

/** Opens a fleet over an empty database; its account "coupa" may read invoices. */
export async function openFleet(url: string, records: number): Promise<Fleet> {
  const folder = mkdtempSync(path.join(tmpdir(), 'snaps-fleet-'));
  const simulator = await startSimulator({ records, ratePerSecond: 0 });
  const hosts: Host[] = [];
  const environment = { SNAPS_DATA_DIR: path.join(folder, 'data'), SNAPS_DATABASE_URL: url };
  const config = await resolveConfig({
    environment: { ...environment, SNAPS_ALLOWED_HOSTS: '127.0.0.1', SNAPS_LOG_LEVEL: 'silent' },
    directory: folder,
  });
  const host = async (change: Partial<HostConfig> = {}): Promise<Host> => {
    const limits = { checkpointDocumentsMax: 100, checkpointMs: 600_000 };
    const opened = await openHost({ ...config, queueRuns: true, ...change }, { limits });
    hosts.push(opened);
    return opened;
  };
  const store = await openStore(url);
  const queue = await RunQueue.open({ url, isWorker: false });
  const scopes = ['core.invoice.read'];
  const { clientId, clientSecret } = simulator.registerClient({
    ...{ name: 'fleet', login: 'fleet', grantType: 'client_credentials', scopes },
  });
  const settings = { host: simulator.url, clientId, scopes: scopes.join(' ') };
  await (await host()).accounts.add({ name: 'coupa', type: 'coupa.oauth2', settings, secrets: { clientSecret } });
  return {
    ...{ url, folder, store, queue, simulator, host },
    start: async (on, pipeline) => (await on.startRun({ pipeline, outputDirectory: folder })).runId,
    untilState: async (runId, state) => {
      await until(async () => (await store.runs.find(runId))?.state === state);
      return await (hosts[0] as Host).runs.show(runId);
    },
    idsIn: (name) =>
      readFileSync(path.join(folder, name), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => Number((JSON.parse(line) as JsonObject).id)),
    close: async () => {
      for (const each of hosts) await each.close();
      await queue.close();
      await store.close();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Reads every invoice into NAME.ndjson. */
export function readingPipeline(name: string): JsonObject {
  return {
    name,
    snaps: [
      { id: 'read', snap: 'coupa.read', account: 'coupa', settings: { resource: 'invoices', fields: ['id'] } },
      { id: 'write', snap: 'core.write-file', settings: { path: `${name}.ndjson` } },
    ],
    links: [['read', 'write']],
  };
}

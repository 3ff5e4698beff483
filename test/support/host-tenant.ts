// A simulated tenant and a host on it in this process, with the account "coupa": for scenarios in which the command line is not the point.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../src/document/json.ts';
import type { Host, RunReport } from '../../src/host/host.ts';
import { openHost, resolveConfig } from '../../src/host.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';

export interface HostTenant {
  readonly simulator: Simulator;
  readonly host: Host;
  /** Where runs write; removed with the tenant. */
  readonly folder: string;
  /** How many requests the simulator has answered below this path. */
  requests(path: string): number;
  /** Changes records as another user would, or makes the simulator play a fault. */
  control(route: string, body: JsonObject): Promise<unknown>;
  addAccount(name: string, scopes: readonly string[]): Promise<void>;
  /** Runs snaps in a chain. */
  run(snaps: readonly JsonObject[]): Promise<RunReport>;
  /** The documents of a file of lines that a run has made. */
  lines(name: string): JsonObject[];
  close(): Promise<void>;
}

export async function openHostTenant(
  records: number,
  { scopes = ['core.invoice.read'], ...more }: SimulatorOptions & { readonly scopes?: readonly string[] } = {},
): Promise<HostTenant> {
  const simulator = await startSimulator({ records, ratePerSecond: 100_000, burst: 100_000, control: true, ...more });
  const folder = mkdtempSync(path.join(tmpdir(), 'snaps-host-'));
  const environment = { SNAPS_DATA_DIR: path.join(folder, 'data'), SNAPS_ALLOWED_HOSTS: '127.0.0.1' };
  const host = await openHost(await resolveConfig({ directory: folder, environment }));
  const addAccount: HostTenant['addAccount'] = async (name, granted) => {
    const client = simulator.registerClient({ name, login: name, grantType: 'client_credentials', scopes: granted });
    await host.accounts.add({
      name,
      type: 'coupa.oauth2',
      settings: { host: simulator.url, clientId: client.clientId, scopes: granted.join(' ') },
      secrets: { clientSecret: client.clientSecret },
    });
  };
  await addAccount('coupa', scopes);
  return {
    simulator,
    host,
    folder,
    requests: (below) =>
      Object.entries(simulator.stats().byPath)
        .filter(([name]) => name.split(' ')[1]?.startsWith(below))
        .flatMap(([, statuses]) => Object.values(statuses))
        .reduce((sum, count) => sum + count, 0),
    control: async (route, body) => {
      const answer = await fetch(`${simulator.url}/__control/${route}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([body]),
      });
      if (!answer.ok) throw new Error(`the simulator refused: ${await answer.text()}`);
      return await answer.json();
    },
    addAccount,
    run: async (snaps) => {
      const ids = snaps.map(({ id }) => String(id));
      const links = ids.slice(1).map((id, index) => [ids[index] ?? '', id]);
      const { finished } = await host.startRun({
        pipeline: { name: `run-${ids.join('-')}`, snaps, links },
        outputDirectory: folder,
      });
      return await finished;
    },
    lines: (name) => {
      const text = readFileSync(path.join(folder, name), 'utf8').trimEnd();
      return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as JsonObject);
    },
    close: async () => {
      await host.close();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

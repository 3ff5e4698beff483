// A simulated tenant and hosts in this process that can die at any call: each start is a host of its own over one folder, as after a kill.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../src/document/json.ts';
import { repositoryRoot } from '../../src/host/root.ts';
import { type Host, type HostConfig, openHost, type RunReport, resolveConfig } from '../../src/host.ts';
import { type Layer, wrap } from '../../src/http/exchange.ts';
import { discoverPacks, loadPack, PackRegistry } from '../../src/pack/index.ts';
import { type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';
import type { Store } from '../../src/store/contract.ts';
import { openStore } from '../../src/store/store.ts';
import { Browser } from './browser.ts';
import { FaultLine } from './fault-line.ts';
import { openSimulatedAccount } from './simulated-account.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import { WatchedFiles } from './watched-files.ts';

const redirectUri = 'http://127.0.0.1:9/oauth/callback';
/** Longer than the lease of a run that died. */
const afterDeathMs = 15_000;

export interface Started {
  readonly report: RunReport | undefined;
  /** Why the run was not started, or the fault of a host that died. */
  readonly thrown: unknown;
  readonly line: FaultLine;
  readonly disk: SimulatedDisk;
}

export interface StartOptions {
  readonly pipeline: JsonObject;
  readonly resume?: string;
  readonly line?: FaultLine;
  /** Changes each request next to the wire. */
  readonly wire?: Layer;
  /** Called with the host and the id of the run when it has been started. */
  readonly whileRunning?: (host: Host, stop: () => void) => void;
}

/** Folders of one undisturbed or disturbed run: store, key, and the files that it writes. */
export class FaultBench {
  readonly folder: string;
  readonly output: string;
  #clockOffsetMs = 0;
  readonly #tenant: FaultTenant;

  constructor(tenant: FaultTenant, folder: string) {
    this.#tenant = tenant;
    this.folder = folder;
    this.output = path.join(folder, 'out');
    mkdirSync(this.output, { recursive: true });
  }

  /** Lets the clock of the store go on. */
  pass(ms: number): void {
    this.#clockOffsetMs += ms;
  }

  readonly openStore = (): Promise<Store> =>
    openStore(`sqlite:${path.join(this.folder, 'snaps.sqlite')}`, { now: () => Date.now() + this.#clockOffsetMs });

  async openHost(line?: FaultLine, { wire, ...change }: Partial<HostConfig> & { wire?: Layer } = {}): Promise<Host> {
    const layers = [...(line === undefined ? [] : [line.onWire]), ...(wire === undefined ? [] : [wire])];
    const config = await resolveConfig({
      environment: { SNAPS_DATA_DIR: this.folder, SNAPS_ALLOWED_HOSTS: '127.0.0.1', SNAPS_LOG_LEVEL: 'silent' },
      directory: this.folder,
    });
    return await openHost(
      { ...config, ...change },
      {
        registry: this.#tenant.registry,
        openStore: async () => (line === undefined ? await this.openStore() : line.watch(await this.openStore())),
        onWire: (next) => wrap(next, layers),
        limits: { checkpointDocumentsMax: 8, checkpointMs: 600_000, viewDocumentsMax: 60 },
      },
    );
  }

  /** Starts or resumes a run in a host of its own, and waits until it ended or died. */
  async start({ pipeline, resume, line = new FaultLine(), wire, whileRunning }: StartOptions): Promise<Started> {
    const disk = this.#tenant.files.watch(this.output, line);
    const host = await this.openHost(line, wire === undefined ? {} : { wire });
    let report: RunReport | undefined;
    let thrown: unknown;
    try {
      const handle = await host.startRun({
        pipeline,
        outputDirectory: this.output,
        ...(resume === undefined ? {} : { resume }),
      });
      whileRunning?.(host, handle.stop);
      report = await handle.finished;
    } catch (error) {
      thrown = error;
    } finally {
      await host.close();
      this.#tenant.files.unwatch();
    }
    if (line.diedAt === undefined) return { report, thrown, line, disk };
    this.pass(afterDeathMs);
    return { report: undefined, thrown, line, disk };
  }

  async runId(): Promise<string | undefined> {
    const store = await this.openStore();
    try {
      return (await store.runs.list({ limit: 1 }))[0]?.runId;
    } finally {
      await store.close();
    }
  }

  /** The names and bytes of what was written, with the run's own id taken out. */
  written(runId: string): Record<string, string> {
    const names = readdirSync(this.output, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.output, path.join(entry.parentPath, entry.name)))
      .sort();
    const read = (name: string): string => readFileSync(path.join(this.output, name), 'utf8').replaceAll(runId, 'RUN');
    return Object.fromEntries(names.map((name) => [name.replaceAll(runId, 'RUN'), read(name)]));
  }
}

export interface FaultTenant {
  readonly simulator: Awaited<ReturnType<typeof startSimulator>>;
  readonly registry: PackRegistry;
  readonly files: WatchedFiles;
  /** A fresh folder with the account "coupa" of a client; `person` is one that a person authorized. */
  bench(grant?: 'client' | 'person'): Promise<FaultBench>;
  /** Records of the far side as another client sees them, all pages. */
  ask(call: string): Promise<JsonObject[]>;
  /** Makes the simulator play a fault. */
  fault(order: JsonObject): Promise<void>;
  close(): Promise<void>;
}

export async function openFaultTenant({
  scopes,
  ...options
}: SimulatorOptions & { readonly scopes: readonly string[] }): Promise<FaultTenant> {
  const simulator = await startSimulator({ ratePerSecond: 0, control: true, autoConsent: true, ...options });
  const registry = new PackRegistry(
    await Promise.all(discoverPacks({ root: repositoryRoot, named: [] }).map(loadPack)),
  );
  const files = await WatchedFiles.install();
  const onlooker = await openSimulatedAccount(simulator, scopes);
  const root = mkdtempSync(path.join(tmpdir(), 'snaps-faults-'));
  let benches = 0;
  const prepared = new Map<string, Promise<string>>();
  const makeBench = (): FaultBench => {
    benches += 1;
    return new FaultBench(tenant, path.join(root, `bench-${benches}`));
  };
  const addAccount = async (bench: FaultBench, grant: 'client' | 'person'): Promise<void> => {
    const isPersonal = grant === 'person';
    const wanted = isPersonal ? [...scopes, 'offline_access'] : scopes;
    const { clientId, clientSecret } = simulator.registerClient({
      name: `bench ${benches}`,
      login: `bench-${Math.random()}`,
      grantType: isPersonal ? 'authorization_code' : 'client_credentials',
      scopes: wanted,
      ...(isPersonal ? { redirectUris: [redirectUri] } : {}),
    });
    const host = await bench.openHost();
    const settings = { host: simulator.url, clientId, scopes: wanted.join(' ') };
    await host.accounts.add({
      name: 'coupa',
      type: 'coupa.oauth2',
      settings: { ...settings, grant: isPersonal ? 'authorization_code' : 'client_credentials' },
      secrets: { clientSecret },
    });
    if (isPersonal) {
      const { authorizeUrl } = await host.authorizations.begin('coupa', { redirectUri, bindsBrowser: false });
      const seen = await new Browser().open(authorizeUrl, { stopAt: redirectUri });
      await host.authorizations.complete({ parameters: new URL(seen.url).searchParams });
    } else await host.accounts.authorize('coupa');
    await host.close();
  };
  const tenant: FaultTenant = {
    ...{ simulator, registry, files },
    bench: async (grant = 'client') => {
      if (grant === 'person') {
        const bench = makeBench();
        await addAccount(bench, grant);
        return bench;
      }
      // A client's account is the same for all: made once, and copied.
      if (!prepared.has(grant)) {
        const first = makeBench();
        prepared.set(
          grant,
          addAccount(first, grant).then(() => first.folder),
        );
      }
      const from = (await prepared.get(grant)) ?? '';
      const bench = makeBench();
      cpSync(from, bench.folder, { recursive: true });
      return bench;
    },
    ask: async (call) => {
      const all: JsonObject[] = [];
      for (;;) {
        const url = new URL(`${simulator.url}/api/${call}&offset=${all.length}`);
        const { body } = await onlooker.send({
          method: 'GET',
          url,
          headers: { accept: 'application/json' },
          repeatable: true,
        });
        const page = JSON.parse(Buffer.from(body).toString('utf8')) as JsonObject[];
        if (page.length === 0) return all;
        all.push(...page);
      }
    },
    fault: async (order) => {
      const answer = await fetch(`${simulator.url}/__control/faults`, {
        method: 'POST',
        body: JSON.stringify([order]),
      });
      if (!answer.ok) throw new Error(await answer.text());
    },
    close: async () => {
      files.close();
      await onlooker.close();
      await simulator.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
  return tenant;
}

/** Writes the file that a pipeline of this bench reads. */
export function giveFile(bench: FaultBench, name: string, text: string): void {
  writeFileSync(path.join(bench.output, name), text);
}

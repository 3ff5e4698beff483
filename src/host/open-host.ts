// Wires everything. Packs are read at once; store, key and connections are opened when they are first needed, so that
// looking something up in the catalog touches neither disk nor network beyond the packs.
import path from 'node:path';
import { makeFolders } from '../core/durable-folder.ts';
import { ExecutionError, SnapError } from '../errors.ts';
import { discoverPacks, loadPack, PackRegistry } from '../pack/index.ts';
import type { Store } from '../store/contract.ts';
import { openStore } from '../store/store.ts';
import type { Vault } from '../vault/contract.ts';
import { seenVersionsIn } from '../vault/seen-versions.ts';
import { openVault } from '../vault/vault.ts';
import { accountPolicy, accountTypeOf } from './account-policy.ts';
import { createAccounts } from './account-service.ts';
import { Activity } from './activity.ts';
import { AuthorizationService } from './authorization-service.ts';
import { createCatalog } from './catalog.ts';
import type { HostConfig } from './config.ts';
import { Connections } from './connections.ts';
import { CrashedRuns } from './crashed-runs.ts';
import { createCursors } from './cursors.ts';
import { openDatabaseAccount } from './database-accounts.ts';
import { ExecutorSource } from './executors.ts';
import { Fleet } from './fleet.ts';
import { GivenAccounts } from './given-accounts.ts';
import type { Host, Keys } from './host.ts';
import { inspect } from './inspection.ts';
import { type Lazy, lazy } from './lazy.ts';
import { openLog } from './log.ts';
import { Notifications } from './notifications.ts';
import { Pipelines } from './pipelines.ts';
import { evaluateExpression, previewPipeline } from './preview.ts';
import { repositoryRoot } from './root.ts';
import { createRuns } from './run-reports.ts';
import { RunService } from './run-service.ts';
import { createSavedPipelines } from './saved-pipelines.ts';
import { ScheduleService } from './schedule-service.ts';
import type { HostSeams } from './seams.ts';
import { importSlp } from './slp/import-slp.ts';
import { SuggestionService } from './suggestions.ts';
import { TokenRequests } from './token-requests.ts';

const dayMs = 86_400_000;

/** Opens the host; whoever opened it closes it. Throws SNAP_PACK_INVALID and SNAP_PACK_NOT_FOUND; the store's and the key's faults come at first use. */
export async function openHost(config: HostConfig, seams: HostSeams = {}): Promise<Host> {
  const { allowedHosts } = config;
  const registry = seams.registry ?? (await loadPacks(config));
  const tokenRequests = new TokenRequests(registry, allowedHosts, seams.onWire);
  const store = lazy(() => openConfiguredStore(config, seams));
  const activity = new Activity();
  const vault = lazy(() => openConfiguredVault(config, registry, { store, tokenRequests, activity }));
  const given = new GivenAccounts(registry, allowedHosts);
  const opened = { openVault: vault.get, openStore: store.get };
  const connections = new Connections({ registry, allowedHosts, given, onWire: seams.onWire, ...opened });
  const pipelines = new Pipelines({ registry, openStore: store.get, given });
  const databaseAccount = (name: string) => openDatabaseAccount(name, { registry, openVault: vault.get });
  const executors = new ExecutorSource({ registry, connections, activity, databaseAccount });
  const suggestions = new SuggestionService({ registry, connections });
  const log = openLog(config.logLevel);
  const notifications = new Notifications({ rules: config.notifications, secret: config.webhookSecret, log });
  const fleet = new Fleet({ config, openStore: store.get, given, log });
  const runs = new RunService({
    ...{ pipelines, executors, openStore: store.get, notifications, log, activity },
    handover: config.queueRuns ? fleet.handover : undefined,
    ...(seams.limits === undefined ? {} : { limits: seams.limits }),
  });
  const runsKeptMs = config.runsKeptDays * dayMs;
  const saved = createSavedPipelines(store.get);
  const crashed = new CrashedRuns({ runs, openStore: store.get, afterCrash: config.afterCrash, log });
  const schedules = new ScheduleService({
    activity,
    ...{ pipelines, runs, crashed },
    openStore: store.get,
    runsKeptMs,
    saved,
    outputDirectory: path.join(config.dataDirectory, 'outputs'),
  });
  return {
    config,
    catalog: createCatalog(registry),
    accounts: createAccounts({ registry, config, openVault: vault.get, connections, given }),
    authorizations: new AuthorizationService({ registry, openVault: vault.get, tokenRequests }),
    runs: createRuns(store.get, (runId) => runs.stop(runId)),
    cursors: createCursors(store.get),
    pipelines: saved,
    schedules,
    crashedRuns: crashed,
    work: (options) => fleet.work(options, runs),
    keys: keysOf(vault),
    checkPipeline: (file, options) => pipelines.check(file, options),
    lockPipeline: (file) => pipelines.lock(file),
    checkDraft: (pipeline, options) => pipelines.checkDraft(pipeline, options),
    importPipeline: (file, content) => importSlp(file, registry, content),
    planRequests: (file, options = {}) => pipelines.requests(file, options),
    startRun: (request) => runs.start(request),
    replayRun: (request) => runs.replay(request),
    preview: (request) =>
      previewPipeline(request, {
        pipelines,
        executors,
        openStore: store.get,
        outputDirectory: path.join(config.dataDirectory, 'preview'),
      }),
    suggest: (request) => suggestions.suggest(request),
    evaluate: evaluateExpression,
    activity: () => activity.counts,
    inspect: () => inspect({ config, registry, ...opened }),
    isReady: () => answers(store),
    close: async () => {
      for (const each of [schedules, crashed, runs, fleet, connections, tokenRequests]) await each.close();
      await (await store.made())?.close();
    },
  };
}

const keysOf = (vault: Lazy<Vault>): Keys => ({
  rotate: async (newKeyText) => await (await vault.get()).keys.rotate(newKeyText),
  verify: async () => await (await vault.get()).keys.verify(),
});

async function answers(store: Lazy<Store>): Promise<boolean> {
  const opened = await store.get().catch(() => undefined);
  return (await opened?.now().catch(() => undefined)) !== undefined;
}

async function loadPacks({ packs }: HostConfig): Promise<PackRegistry> {
  const folders = discoverPacks({ root: repositoryRoot, named: packs, modules: modulesFolder() });
  return new PackRegistry(await Promise.all(folders.map(loadPack)));
}

/** The node_modules that this package was installed into, or its own in a checkout. */
function modulesFolder(): string {
  const parent = path.dirname(repositoryRoot);
  return path.basename(parent) === 'node_modules' ? parent : path.join(repositoryRoot, 'node_modules');
}

async function openConfiguredStore(config: HostConfig, seams: HostSeams): Promise<Store> {
  const file = /^sqlite:(?<file>.+)$/u.exec(config.databaseUrl)?.groups?.file;
  if (file !== undefined) await makeFolder(path.dirname(file));
  return await (seams.openStore ?? openStore)(config.databaseUrl);
}

async function openConfiguredVault(
  config: HostConfig,
  registry: PackRegistry,
  parts: { readonly store: Lazy<Store>; readonly tokenRequests: TokenRequests; readonly activity: Activity },
): Promise<Vault> {
  const { store, tokenRequests, activity } = parts;
  if ('file' in config.key && config.key.mayCreate) await makeFolder(path.dirname(config.key.file));
  return await openVault({
    store: await store.get(),
    key:
      'value' in config.key
        ? { text: config.key.value, origin: 'SNAPS_KEY' }
        : { file: config.key.file, isMadeWhenMissing: config.key.mayCreate },
    policyOf: (type) => accountPolicy(accountTypeOf(registry, type)),
    requestTokens: (account, grant, signal) => tokenRequests.request(account, grant, signal),
    onRenewal: (account, error) => activity.renewal(account, error),
    revokeTokens: (account, tokens) => tokenRequests.revoke(account, tokens),
    seen: seenVersionsIn(path.join(config.dataDirectory, 'seen-token-sets')),
  });
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder, 0o700);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
    const why = thrown instanceof SnapError ? thrown.reason : `making ${folder} failed with ${code}`;
    throw new ExecutionError('SNAP_STORE_UNAVAILABLE', 'The data directory could not be made.', {
      reason: why,
      resolution: 'name another folder with --data-directory or SNAPS_DATA_DIR',
    });
  }
}

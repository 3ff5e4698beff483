// Owns what `doctor` looks at: the machine, the configuration, the store, the key, the clock and the accounts.

import { SnapError } from '../errors.ts';
import type { PackRegistry } from '../pack/index.ts';
import type { Store } from '../store/contract.ts';
import type { Vault } from '../vault/contract.ts';
import type { HostConfig } from './config.ts';
import type { Finding } from './host.ts';

const nodeMajorMin = 24;
/** A clock further off than this makes tokens look older or younger than they are. */
const clockDifferenceMsMax = 60_000;

export interface InspectionOptions {
  readonly config: HostConfig;
  readonly registry: PackRegistry;
  readonly openStore: () => Promise<Store>;
  readonly openVault: () => Promise<Vault>;
}

/** All findings, good and bad. A part that cannot be opened is a finding, never a failure of the inspection. */
export async function inspect(options: InspectionOptions): Promise<readonly Finding[]> {
  const { config, registry } = options;
  const nodeVersion = process.versions.node;
  const sections = await Promise.all([
    [
      finding(
        'Node',
        nodeVersion,
        Number(nodeVersion.split('.')[0]) >= nodeMajorMin,
        `install Node ${nodeMajorMin} or newer`,
      ),
      good('packs', registry.packs.map((pack) => `${pack.name} ${pack.manifest.pack.version}`).join(', ')),
      good('data directory', config.dataDirectory),
    ],
    section('store', async () => inspectStore(await options.openStore())),
    section('key', async () => inspectVault(await options.openVault())),
  ]);
  return sections.flat();
}

async function inspectStore(store: Store): Promise<Finding[]> {
  const findings = await store.inspect();
  const differenceMs = Math.abs((await store.now()) - Date.now());
  return [
    ...findings.map(({ name, value, isGood, resolution }) => ({ name: `store: ${name}`, value, isGood, resolution })),
    finding(
      'clock',
      `${differenceMs} ms from the store's`,
      differenceMs <= clockDifferenceMsMax,
      "set this machine's clock by NTP",
    ),
  ];
}

async function inspectVault(vault: Vault): Promise<Finding[]> {
  const { fingerprint, opened, broken } = await vault.keys.verify();
  const accounts = await vault.accounts.list();
  return [
    finding(
      'key',
      `${fingerprint} opens ${opened} sealed values`,
      broken.length === 0,
      `these do not open: ${broken.join(', ')}; add these accounts anew`,
    ),
    ...accounts.map(({ name, state, stateReason, warnings }) => {
      const isGood = (state === 'authorized' || state === 'new') && warnings.length === 0;
      const words = [state, stateReason, ...warnings].filter((text) => text !== '').join('; ');
      return finding(`account ${name}`, words, isGood, `run "snaps account test ${name}"`);
    }),
  ];
}

async function section(name: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (thrown) {
    if (!(thrown instanceof SnapError)) throw thrown;
    return [{ name, isGood: false, value: `${thrown.message} ${thrown.reason}`, resolution: thrown.resolution }];
  }
}

const finding = (name: string, value: string, isGood: boolean, resolution: string): Finding => ({
  name,
  value,
  isGood,
  resolution: isGood ? '' : resolution,
});
const good = (name: string, value: string): Finding => finding(name, value, true, '');

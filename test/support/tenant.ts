// A simulated tenant, a data directory and an account in it, for scenarios that run the command line.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';
import { type CommandResult, runCommand, type StartedCommand, startCommand } from './command.ts';
import { writeUnlimitedPack } from './unlimited-pack.ts';

export interface Tenant {
  readonly simulator: Awaited<ReturnType<typeof startSimulator>>;
  /** Current directory of the commands; removed with the tenant. */
  readonly folder: string;
  snaps(words: readonly string[], more?: Readonly<Record<string, string>>): Promise<CommandResult>;
  start(words: readonly string[]): StartedCommand;
  /** Adds the account "coupa" of a fresh client, and gives the client's secret. */
  addAccount(secret?: string): Promise<string>;
  close(): Promise<void>;
}

export interface TenantOptions extends SimulatorOptions {
  readonly scopes?: readonly string[];
  /** Takes the rate limit out of the pack too: its snaps and account types are called `unlimited.…` then. */
  readonly isUnlimited?: boolean;
  /** Of the commands, in place of a store of the folder's own say. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a tenant whose own rate limit is out of the way. Its account may read invoices, or what `scopes` say. */
export async function openTenant(
  records: number,
  { scopes = ['core.invoice.read'], isUnlimited = false, environment = {}, ...more }: TenantOptions = {},
): Promise<Tenant> {
  const simulator = await startSimulator({ records, ratePerSecond: 100_000, burst: 100_000, ...more });
  const folder = mkdtempSync(path.join(tmpdir(), 'snaps-tenant-'));
  if (isUnlimited) {
    const packs = [writeUnlimitedPack(folder)];
    writeFileSync(path.join(folder, 'snaps.config.json'), JSON.stringify({ packs }));
  }
  const type = isUnlimited ? 'unlimited.oauth2' : 'coupa.oauth2';
  const options = {
    environment: { SNAPS_DATA_DIR: path.join(folder, 'data'), SNAPS_ALLOWED_HOSTS: '127.0.0.1', ...environment },
    directory: folder,
  };
  const snaps: Tenant['snaps'] = (words, also = {}) =>
    runCommand(words, { ...options, environment: { ...options.environment, ...also } });
  return {
    simulator,
    folder,
    snaps,
    start: (words) => startCommand(words, options),
    addAccount: async (secret) => {
      const { clientId, clientSecret } = simulator.registerClient({
        name: 'Scenario',
        login: `scenario-${Math.random()}`,
        grantType: 'client_credentials',
        scopes,
      });
      const settings = [`host=${simulator.url}`, `clientId=${clientId}`, `scopes=${scopes.join(' ')}`];
      const words = ['account', 'add', 'coupa', '--type', type, '--secret', 'clientSecret=env:THE_SECRET'];
      const flags = settings.flatMap((setting) => ['--set', setting]);
      const added = await snaps([...words, ...flags], { THE_SECRET: secret ?? clientSecret });
      if (added.code !== 0) throw new Error(`the account was not added: ${added.stderr}`);
      return clientSecret;
    },
    close: async () => {
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

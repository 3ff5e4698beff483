// Owns the host's configuration: flags over environment over snaps.config.json over defaults. It reads no environment itself.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { ConfigurationError, type Fault } from '../errors.ts';
import type { AfterCrash } from '../pipeline/plan.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import type { NotificationRule } from './notifications.ts';

const logLevels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

const runsKeptDaysDefault = 90;

/** Bound of a file that holds one secret. */
const secretBytesMax = 16_384;

export interface HostConfig {
  /** Folder of the store and the key file; made at first use. */
  readonly dataDirectory: string;
  /** `sqlite:PATH` or `postgres://...`; may hold a password and is never printed. */
  readonly databaseUrl: string;
  /** The sealing key itself, or the file that holds it; `mayCreate` is true only for the default place. */
  readonly key: { readonly value: string } | { readonly file: string; readonly mayCreate: boolean };
  /** Where a browser reaches the web host; decides the redirect URI. */
  readonly publicUrl: string | undefined;
  /** Hosts allowed beside those of the account types; `127.0.0.1` also allows plain http to it. */
  readonly allowedHosts: readonly string[];
  readonly logLevel: LogLevel;
  /** Folders of further packs. */
  readonly packs: readonly string[];
  /** Days that a run stays in the history after its end. */
  readonly runsKeptDays: number;
  /** What becomes of runs whose process died, where their pipeline and schedule say nothing. */
  readonly afterCrash: AfterCrash;
  /** Whether runs are handed to workers instead of being run by this host. */
  readonly queueRuns: boolean;
  readonly notifications: readonly NotificationRule[];
  /** Signs webhooks; never printed. */
  readonly webhookSecret: string | undefined;
  /** Opens /metrics to a scraper that has no session; never printed. */
  readonly metricsToken: string | undefined;
}

export interface ConfigSources {
  readonly flags?: {
    readonly dataDirectory?: string | undefined;
    readonly packs?: readonly string[] | undefined;
    readonly queueRuns?: boolean | undefined;
  };
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Where snaps.config.json is looked for; relative flags and variables resolve against it. */
  readonly directory: string;
}

/** Resolves the configuration. Throws SNAP_CONFIG_INVALID with every fault of all sources at once. */
export async function resolveConfig(sources: ConfigSources): Promise<HostConfig> {
  const { flags = {}, environment = {}, directory } = sources;
  const faults: Fault[] = [];
  const file = readConfigFile(directory, faults);
  const absolute = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : path.resolve(directory, name);
  const dataDirectory =
    absolute(flags.dataDirectory ?? environment.SNAPS_DATA_DIR ?? file.dataDirectory) ?? userDataDirectory(environment);
  const databaseUrl =
    (await readSecret('SNAPS_DATABASE_URL', sources, faults)) ?? (await databaseUrlOfFile(file, directory, faults));
  const config: HostConfig = {
    dataDirectory,
    databaseUrl: databaseUrl ?? `sqlite:${path.join(dataDirectory, 'snaps.sqlite')}`,
    key: keyOf(environment, absolute(environment.SNAPS_KEY_FILE ?? file.keyFile), dataDirectory, faults),
    publicUrl: (environment.SNAPS_PUBLIC_URL ?? file.publicUrl)?.replace(/\/$/u, ''),
    allowedHosts:
      environment.SNAPS_ALLOWED_HOSTS?.split(',')
        .map((host) => host.trim())
        .filter(Boolean) ??
      file.allowedHosts ??
      [],
    logLevel: logLevelOf(environment.SNAPS_LOG_LEVEL ?? file.logLevel ?? 'warn', faults),
    runsKeptDays: file.runsKeptDays ?? runsKeptDaysDefault,
    afterCrash: file.afterCrash ?? 'leave',
    queueRuns: flags.queueRuns ?? file.queueRuns ?? false,
    notifications: file.notifications ?? [],
    webhookSecret: await readSecret('SNAPS_WEBHOOK_SECRET', sources, faults),
    metricsToken: await readSecret('SNAPS_METRICS_TOKEN', sources, faults),
    packs: (flags.packs ?? file.packs ?? []).map((name) => path.resolve(directory, name)),
  };
  checkUrls(config, faults);
  if (faults.length > 0) {
    throw new ConfigurationError('SNAP_CONFIG_INVALID', 'The host configuration is not valid.', {
      reason: `${faults.length === 1 ? 'one setting does' : `${faults.length} settings do`} not fit`,
      resolution: 'correct the named settings; docs/configuration.md lists them all',
      faults,
    });
  }
  return config;
}

function userDataDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const base = environment.XDG_DATA_HOME;
  // The XDG specification says that a relative value is to be ignored.
  return path.join(base && path.isAbsolute(base) ? base : path.join(homedir(), '.local', 'share'), 'snaps');
}

function keyOf(
  environment: Readonly<Record<string, string | undefined>>,
  file: string | undefined,
  dataDirectory: string,
  faults: Fault[],
): HostConfig['key'] {
  const value = environment.SNAPS_KEY;
  if (value !== undefined && environment.SNAPS_KEY_FILE !== undefined) {
    faults.push({ pointer: 'SNAPS_KEY', message: 'SNAPS_KEY and SNAPS_KEY_FILE are both set; keep one' });
  }
  if (value !== undefined) return { value };
  return file === undefined ? { file: path.join(dataDirectory, 'key'), mayCreate: true } : { file, mayCreate: false };
}

/** A secret given as NAME or, in a file, as NAME_FILE. */
async function readSecret(name: string, sources: ConfigSources, faults: Fault[]): Promise<string | undefined> {
  const value = sources.environment?.[name];
  const file = sources.environment?.[`${name}_FILE`];
  if (value !== undefined && file !== undefined) {
    faults.push({ pointer: name, message: `${name} and ${name}_FILE are both set; keep one` });
  }
  return (
    value ?? (file === undefined ? undefined : await readSecretFile(path.resolve(sources.directory, file), faults))
  );
}

async function databaseUrlOfFile(file: ConfigFile, directory: string, faults: Fault[]): Promise<string | undefined> {
  if (file.databaseUrl !== undefined) return file.databaseUrl;
  return file.databaseUrlFile === undefined
    ? undefined
    : await readSecretFile(path.resolve(directory, file.databaseUrlFile), faults);
}

async function readSecretFile(file: string, faults: Fault[]): Promise<string | undefined> {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    if (text !== '' && text.length <= secretBytesMax) return text;
    faults.push({ pointer: file, message: `must hold one line of at most ${secretBytesMax} bytes` });
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    faults.push({ pointer: file, message: `cannot be read (${String(code)})` });
  }
  return undefined;
}

function logLevelOf(text: string, faults: Fault[]): LogLevel {
  const level = logLevels.find((known) => known === text);
  if (level === undefined)
    faults.push({ pointer: 'SNAPS_LOG_LEVEL', message: `must be one of ${logLevels.join(', ')}` });
  return level ?? 'warn';
}

function checkUrls(config: HostConfig, faults: Fault[]): void {
  if (!/^(?:sqlite:.+|postgres(?:ql)?:\/\/.+)$/u.test(config.databaseUrl)) {
    faults.push({ pointer: 'SNAPS_DATABASE_URL', message: 'must be sqlite:PATH or postgres://...' });
  }
  if (config.queueRuns && config.databaseUrl.startsWith('sqlite:')) {
    const message = 'a SQLite file belongs to one machine; runs are queued in postgres://USER@HOST/DATABASE';
    faults.push({ pointer: 'SNAPS_DATABASE_URL', message });
  }
  if (config.publicUrl === undefined) return;
  const url = URL.parse(config.publicUrl);
  if (
    url === null ||
    !/^https?:$/u.test(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.username !== ''
  ) {
    faults.push({ pointer: 'SNAPS_PUBLIC_URL', message: 'must be http(s)://HOST[:PORT] without a path' });
  }
}

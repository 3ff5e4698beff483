// Owns reading snaps.config.json: checked by its schema, its relative paths made absolute.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import type { AfterCrash } from '../pipeline/plan.ts';
import { compileCheck, readJsonFile } from '../schema/index.ts';
import type { NotificationRule } from './notifications.ts';
import { repositoryRoot } from './root.ts';

const fileName = 'snaps.config.json';

/** The keys of snaps.config.json; `schemas/host/config.schema.json` says what each means. */
export interface ConfigFile {
  readonly dataDirectory?: string;
  readonly databaseUrl?: string;
  readonly databaseUrlFile?: string;
  readonly keyFile?: string;
  readonly publicUrl?: string;
  readonly allowedHosts?: readonly string[];
  readonly logLevel?: string;
  readonly packs?: readonly string[];
  readonly runsKeptDays?: number;
  readonly afterCrash?: AfterCrash;
  readonly queueRuns?: boolean;
  readonly notifications?: readonly NotificationRule[];
}

/** Reads the file in `directory`, or {} when there is none. Faults are added with the file's name before the pointer. */
export function readConfigFile(directory: string, faults: Fault[]): ConfigFile {
  const file = path.join(directory, fileName);
  if (!existsSync(file)) return {};
  const source = { code: 'SNAP_CONFIG_INVALID', name: fileName } as const;
  const value = readJsonFile(file, source);
  const schema = readJsonFile(path.join(repositoryRoot, 'schemas', 'host', 'config.schema.json'), source) as JsonObject;
  const found = compileCheck(schema)(value);
  if (found.length === 0) return value as ConfigFile;
  faults.push(...found.map(({ pointer, message }) => ({ pointer: `${fileName}#${pointer}`, message })));
  return {};
}

// Owns loading one pack: read, check everything, report all faults at once, freeze. Never runs anything of the pack's.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError, type Fault, SnapError } from '../errors.ts';
import type { ImportTable } from '../generated/host/import-table.ts';
import type { Manifest, Operation } from '../generated/host/manifest.ts';
import { type Check, compileCheck, compileSettingsCheck, type JsonSchema, readJsonFile } from '../schema/index.ts';
import { readCatalog } from './catalog.ts';
import type { LoadedAccountType, LoadedSnap, Pack, Resource } from './pack.ts';
import { PackFiles } from './pack-files.ts';
import { checkAccountType } from './references-account.ts';
import { checkOperation } from './references-operation.ts';
import { checkSnap } from './references-snap.ts';
import { checkSuggestion } from './references-suggestion.ts';

const hostRoot = join(import.meta.dirname, '../..');

/** The version of this host, from its package.json. */
export function hostVersion(): string {
  const file = readJsonFile(join(hostRoot, 'package.json'), { code: 'SNAP_INTERNAL', name: 'package.json' });
  return String((file as JsonObject).version);
}

const hostChecks = new Map<string, Check>();

/** The faults of a value against one of the host's own schemas. */
function checkAgainst(name: 'manifest' | 'import-table', value: JsonValue): Fault[] {
  let check = hostChecks.get(name);
  if (check === undefined) {
    const file = join(hostRoot, `schemas/host/${name}.schema.json`);
    check = compileCheck(readJsonFile(file, { code: 'SNAP_INTERNAL', name: `the ${name} schema` }) as JsonSchema);
    hostChecks.set(name, check);
  }
  return check(value);
}

/**
 * Loads the pack in a folder: the manifest against its schema, then every reference inside it.
 * Throws SNAP_PACK_NOT_FOUND when the folder has no manifest.json, and SNAP_PACK_INVALID with all faults otherwise.
 */
export async function loadPack(folder: string): Promise<Pack> {
  if (!existsSync(join(folder, 'manifest.json'))) {
    throw new ConfigurationError('SNAP_PACK_NOT_FOUND', `There is no snap pack in ${folder}.`, {
      reason: 'the folder holds no manifest.json',
      resolution: 'name the folder of a snap pack',
    });
  }
  const files = new PackFiles(folder);
  const json = files.read('manifest.json', '');
  if (json === undefined) throw invalid(folder, files.faults);
  const shapeFaults = checkAgainst('manifest', json);
  if (shapeFaults.length > 0) throw invalid(folder, shapeFaults);
  const pack = assemble(json as unknown as Manifest, files);
  if (files.faults.length > 0) throw invalid(folder, files.faults);
  return Object.freeze(pack);
}

function assemble(manifest: Manifest, files: PackFiles): Pack {
  const { name } = manifest.pack;
  files.faults.push(...checkHostVersion(manifest), ...checkIds(manifest));
  const operations = new Map<string, Operation>((manifest.operations ?? []).map((entry) => [entry.id, entry]));
  const catalog = manifest.resources === undefined ? undefined : readCatalog(manifest.resources, files);
  const accountTypes = new Map<string, LoadedAccountType>();
  for (const [index, declaration] of (manifest.accountTypes ?? []).entries()) {
    const pointer = `/accountTypes/${index}`;
    const settingsSchema = files.readSchema(declaration.settings, `${pointer}/settings`);
    if (settingsSchema === undefined) continue;
    files.faults.push(...checkAccountType(declaration, settingsSchema, pointer));
    const checkSettings = compiled(() => compileCheck(settingsSchema), files, `${pointer}/settings`);
    if (checkSettings !== undefined) {
      accountTypes.set(declaration.id, { id: declaration.id, pack: name, declaration, settingsSchema, checkSettings });
    }
  }
  for (const [index, operation] of (manifest.operations ?? []).entries()) {
    files.faults.push(...checkOperation(operation, manifest, `/operations/${index}`));
  }
  for (const [index, suggestion] of (manifest.suggestions ?? []).entries()) {
    files.faults.push(...checkSuggestion(suggestion, operations, `/suggestions/${index}`));
  }
  const snaps = new Map<string, LoadedSnap>();
  for (const [index, declaration] of manifest.snaps.entries()) {
    const pointer = `/snaps/${index}`;
    const settingsSchema = files.readSchema(declaration.settings, `${pointer}/settings`);
    if (settingsSchema === undefined) continue;
    files.faults.push(...checkSnap(declaration, { manifest, operations, settingsSchema, pointer }));
    const checkSettings = compiled(() => compileSettingsCheck(settingsSchema), files, `${pointer}/settings`);
    if (checkSettings !== undefined) {
      snaps.set(declaration.id, { id: declaration.id, pack: name, declaration, settingsSchema, checkSettings });
    }
  }
  const { resources, objectSchema } = catalog ?? {
    resources: new Map<string, Resource>(),
    objectSchema: () => undefined,
  };
  return {
    name,
    folder: files.folder,
    manifest,
    accountTypes,
    snaps,
    operations,
    imports: readImports(manifest, files),
    resources,
    objectSchema,
    recordSchema: (resource) => objectSchema(objectName(resource)),
  };
}

/** The import table, when it is sound. */
function readImports({ imports }: Manifest, files: PackFiles): ImportTable | undefined {
  const table = imports === undefined ? undefined : files.read(imports, '/imports');
  if (table === undefined) return undefined;
  const faults = checkAgainst('import-table', table);
  files.faults.push(
    ...faults.map(({ pointer, message }) => ({ pointer: '/imports', message: `${imports}${pointer}: ${message}` })),
  );
  return faults.length === 0 ? (table as unknown as ImportTable) : undefined;
}

const objectName = (resource: Resource) => /([^/]+)\.schema\.json$/.exec(resource.schema)?.[1] ?? resource.schema;

function compiled<T>(compile: () => T, files: PackFiles, pointer: string): T | undefined {
  try {
    return compile();
  } catch (thrown) {
    // The words of a schema that does not compile come from the pack's own file; they hold nothing secret.
    const words = thrown instanceof SnapError ? thrown.reason : (thrown as Error).message;
    files.faults.push({ pointer, message: `the settings schema does not compile: ${words}` });
    return undefined;
  }
}

function checkIds(manifest: Manifest): Fault[] {
  const faults: Fault[] = [];
  const sections = {
    accountTypes: manifest.accountTypes ?? [],
    operations: manifest.operations ?? [],
    snaps: manifest.snaps,
  };
  for (const [section, entries] of Object.entries(sections)) {
    const seen = new Set<string>();
    for (const [index, { id }] of entries.entries()) {
      const pointer = `/${section}/${index}/id`;
      if (seen.has(id)) faults.push({ pointer, message: `the id "${id}" stands here twice` });
      seen.add(id);
      if (section !== 'operations' && !id.startsWith(`${manifest.pack.name}.`)) {
        faults.push({ pointer, message: `must begin with the pack's name, "${manifest.pack.name}."; found "${id}"` });
      }
    }
  }
  return faults;
}

function checkHostVersion(manifest: Manifest): Fault[] {
  const needed = manifest.pack.hostVersion;
  const present = hostVersion();
  const numbers = (version: string) => version.split(/[.-]/).slice(0, 3).map(Number);
  const difference = numbers(present)
    .map((number, index) => number - (numbers(needed)[index] ?? 0))
    .find((each) => each !== 0);
  if (difference === undefined || difference > 0) return [];
  return [{ pointer: '/pack/hostVersion', message: `needs host version ${needed}; this is ${present}` }];
}

function invalid(folder: string, faults: readonly Fault[]): ConfigurationError {
  const first = faults[0];
  const more = faults.length > 1 ? `, and ${faults.length - 1} more` : '';
  return new ConfigurationError('SNAP_PACK_INVALID', `Could not load the snap pack in ${folder}.`, {
    reason: `${first?.pointer || 'the manifest'}: ${first?.message}${more}`,
    resolution: `correct the manifest, then run "snaps pack check ${folder}"`,
    faults,
  });
}

// Owns the lock beside a pipeline file: what its packs were when somebody agreed to them, and whether they still are that.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError, type Fault } from '../errors.ts';
import type { PackRegistry } from '../pack/index.ts';
import { type Check, compileCheck, type JsonSchema, readJsonFile } from '../schema/index.ts';
import type { PipelinePlan, PlannedSnap } from './plan.ts';
import { meaningHash, type UsedParts, usedParts } from './used-parts.ts';

/** What stands in a *.pipeline.lock.json file; `schemas/host/pipeline-lock.schema.json` says what each part means. */
export interface PipelineLock extends LockedParts {
  /** A lock of version 1 says nothing about the pipeline that runs on failure. */
  readonly lockVersion: 1 | 2;
  readonly pipeline: string;
  /** Undefined where no pipeline runs on failure. */
  readonly errorPipeline?: LockedParts;
}

interface LockedParts {
  readonly snaps: Readonly<Record<string, string>>;
  readonly packs: Readonly<Record<string, { readonly version: string; readonly uses: UsedParts }>>;
}

type LockedPlan = Pick<PipelinePlan, 'name' | 'snaps' | 'children' | 'errorPipeline'>;

/** The snaps of a plan and of the pipelines that it runs, those under the name of the snap that runs them. */
function allSnaps({ snaps, children }: Pick<LockedPlan, 'snaps' | 'children'>): PlannedSnap[] {
  const inner = Object.entries(children).flatMap(([id, child]) =>
    allSnaps(child).map((snap) => ({ ...snap, id: `${id}.${snap.id}` })),
  );
  return [...snaps, ...inner];
}

/** Faults that an error lists; one changed pack can change hundreds of fields. */
const faultsMax = 50;
const schemaFile = path.join(import.meta.dirname, '../../schemas/host/pipeline-lock.schema.json');
let checkForm: Check | undefined;

/** Where the lock of a pipeline file is: `NAME.pipeline.lock.json` beside `NAME.pipeline.json`. */
export function lockFileOf(file: string): string {
  return `${file.replace(/\.json$/u, '')}.lock.json`;
}

/** The lock of a checked pipeline. */
export function lockOf({ errorPipeline, ...plan }: LockedPlan, registry: PackRegistry): PipelineLock {
  return {
    ...{ lockVersion: 2, pipeline: plan.name, ...partsOf(plan, registry) },
    ...(errorPipeline === undefined ? {} : { errorPipeline: partsOf(errorPipeline, registry) }),
  };
}

function partsOf(plan: Pick<LockedPlan, 'snaps' | 'children'>, registry: PackRegistry): LockedParts {
  const snaps = allSnaps(plan);
  const packs = Object.entries(usedParts(snaps, registry)).map(([pack, uses]) => {
    const sorted = Object.entries(uses).sort(([left], [right]) => (left < right ? -1 : 1));
    return [pack, { version: registry.pack(pack).manifest.pack.version, uses: Object.fromEntries(sorted) }] as const;
  });
  return {
    snaps: Object.fromEntries(snaps.map((snap) => [snap.id, hashOf(snap)])),
    packs: Object.fromEntries(packs),
  };
}

/** The lock beside a pipeline file; undefined when there is none. Throws SNAP_PIPELINE_LOCKED when it is no lock. */
export function readLock(file: string): PipelineLock | undefined {
  const lockFile = lockFileOf(file);
  if (!existsSync(lockFile)) return undefined;
  const lock = readJsonFile(lockFile, { code: 'SNAP_PIPELINE_LOCKED', name: `the lock ${lockFile}` });
  checkForm ??= compileCheck(
    readJsonFile(schemaFile, { code: 'SNAP_INTERNAL', name: 'the lock schema' }) as JsonSchema,
  );
  const faults = checkForm(lock);
  if (faults.length > 0) throw refused(file, faults);
  return lock as unknown as PipelineLock;
}

/** Everything that differs from the lock and matters to the pipeline; empty when it may run. */
export function lockFaults(lock: PipelineLock, plan: LockedPlan, registry: PackRegistry): Fault[] {
  const now = lockOf(plan, registry);
  const own = differences(lock, now, 'the pipeline');
  const onFailure = lock.lockVersion === 1 ? [] : errorDifferences(lock, now);
  return [...own, ...onFailure].map((message) => ({ pointer: '', message }));
}

function errorDifferences({ errorPipeline: was }: PipelineLock, { errorPipeline: is }: PipelineLock): string[] {
  if (was !== undefined && is !== undefined) return differences(was, is, 'the error pipeline');
  if (was === is) return [];
  return [`the error pipeline was ${was === undefined ? 'added' : 'removed'} since it was locked`];
}

function differences(was: LockedParts, is: LockedParts, whose: string): string[] {
  const changedSnaps = [...new Set([...Object.keys(was.snaps), ...Object.keys(is.snaps)])]
    .filter((id) => was.snaps[id] !== is.snaps[id])
    .map((id) => `the snap "${id}" of ${whose} was changed since it was locked`);
  // What a changed pipeline uses is other than what was locked by itself: naming it would hide the cause.
  if (changedSnaps.length > 0) return changedSnaps;
  return Object.entries(was.packs).flatMap(([pack, { version, uses }]) => {
    const now = is.packs[pack];
    const versions = `pack ${pack} ${version} -> ${now?.version ?? 'none'}`;
    return Object.entries(uses)
      .filter(([place, text]) => now?.uses[place] !== text)
      .map(([place, text]) => `${versions}: ${place} ${changeOf(text, now?.uses[place])}`);
  });
}

/** Throws SNAP_PIPELINE_LOCKED when a pack, or the pipeline itself, is not what its lock says. A file without a lock passes. */
export function expectLocked(file: string, plan: LockedPlan, registry: PackRegistry): void {
  const lock = readLock(file);
  const faults = lock === undefined ? [] : lockFaults(lock, plan, registry);
  if (faults.length > 0) throw refused(file, faults);
}

function refused(file: string, faults: readonly Fault[]): ConfigurationError {
  const more = faults.length > 1 ? `, and ${faults.length - 1} more` : '';
  return new ConfigurationError('SNAP_PIPELINE_LOCKED', `The pipeline ${file} is not what its lock says.`, {
    reason: `${faults[0]?.message}${more}`,
    resolution: `look at what changed; to agree to it, run "snaps pipeline lock ${file}"`,
    faults: faults.slice(0, faultsMax),
  });
}

/** Texts of hashes say nothing to a person: they were changed. */
function changeOf(was: string, is: string | undefined): string {
  if (is === undefined) return 'is not there any more';
  const isHash = (text: string): boolean => /(?:^| )[\da-f]{16}$/u.test(text);
  return isHash(was) || isHash(is) ? 'was changed' : `was ${was}, is ${is}`;
}

function hashOf({ snap, settings, execution }: PlannedSnap): string {
  return meaningHash([snap.id, execution, settings as JsonObject]);
}

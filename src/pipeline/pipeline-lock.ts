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
export interface PipelineLock {
  readonly lockVersion: 1;
  readonly pipeline: string;
  readonly snaps: Readonly<Record<string, string>>;
  readonly packs: Readonly<Record<string, { readonly version: string; readonly uses: UsedParts }>>;
}

type LockedPlan = Pick<PipelinePlan, 'name' | 'snaps' | 'children'>;

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
let check: Check | undefined;

/** Where the lock of a pipeline file is: `NAME.pipeline.lock.json` beside `NAME.pipeline.json`. */
export function lockFileOf(file: string): string {
  return `${file.replace(/\.json$/u, '')}.lock.json`;
}

/** The lock of a checked pipeline. */
export function lockOf(plan: LockedPlan, registry: PackRegistry): PipelineLock {
  const snaps = allSnaps(plan);
  const packs = Object.entries(usedParts(snaps, registry)).map(([pack, uses]) => {
    const sorted = Object.entries(uses).sort(([left], [right]) => (left < right ? -1 : 1));
    return [pack, { version: registry.pack(pack).manifest.pack.version, uses: Object.fromEntries(sorted) }] as const;
  });
  return {
    lockVersion: 1,
    pipeline: plan.name,
    snaps: Object.fromEntries(snaps.map((snap) => [snap.id, hashOf(snap)])),
    packs: Object.fromEntries(packs),
  };
}

/** The lock beside a pipeline file; undefined when there is none. Throws SNAP_PIPELINE_LOCKED when it is no lock. */
export function readLock(file: string): PipelineLock | undefined {
  const lockFile = lockFileOf(file);
  if (!existsSync(lockFile)) return undefined;
  const lock = readJsonFile(lockFile, { code: 'SNAP_PIPELINE_LOCKED', name: `the lock ${lockFile}` });
  check ??= compileCheck(readJsonFile(schemaFile, { code: 'SNAP_INTERNAL', name: 'the lock schema' }) as JsonSchema);
  const faults = check(lock);
  if (faults.length > 0) throw refused(file, faults);
  return lock as unknown as PipelineLock;
}

/** Everything that differs from the lock and matters to the pipeline; empty when it may run. */
export function lockFaults(lock: PipelineLock, plan: LockedPlan, registry: PackRegistry): Fault[] {
  const now = lockOf(plan, registry);
  const changedSnaps = [...new Set([...Object.keys(lock.snaps), ...Object.keys(now.snaps)])]
    .filter((id) => lock.snaps[id] !== now.snaps[id])
    .map((id) => `the snap "${id}" of the pipeline was changed since it was locked`);
  // What a changed pipeline uses is other than what was locked by itself: naming it would hide the cause.
  if (changedSnaps.length > 0) return changedSnaps.map((message) => ({ pointer: '', message }));
  return Object.entries(lock.packs)
    .flatMap(([pack, { version, uses }]) => {
      const is = now.packs[pack];
      const versions = `pack ${pack} ${version} -> ${is?.version ?? 'none'}`;
      return Object.entries(uses)
        .filter(([place, was]) => is?.uses[place] !== was)
        .map(([place, was]) => `${versions}: ${place} ${changeOf(was, is?.uses[place])}`);
    })
    .map((message) => ({ pointer: '', message }));
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

// Owns telling whether a checkpoint belongs to a pipeline, and if not, what was changed.
import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError } from '../errors.ts';
import type { PipelinePlan } from './plan.ts';

const hashCharacters = 16;

/** What of a plan must stay as it was. Its limits may change. */
type Fingerprinted = Pick<PipelinePlan, 'parameters' | 'snaps' | 'links' | 'children'> &
  Partial<Pick<PipelinePlan, 'scopes'>>;

/** A hash for each part of a plan, by its place: one for each setting, so that a change can be named. */
export function fingerprintOf(plan: Fingerprinted): Readonly<Record<string, string>> {
  const parts: Record<string, string> = {};
  const add = (place: string, value: JsonValue) => {
    parts[place] = createHash('sha256').update(canonical(value)).digest('hex').slice(0, hashCharacters);
  };
  for (const { id, snap, settings, account, errors, execution } of plan.snaps) {
    add(`snap "${id}"`, [snap.id, account ?? null, errors, execution]);
    for (const [name, value] of Object.entries(settings)) add(`setting "${name}" of "${id}"`, value);
  }
  for (const { from, fromView, to, toView } of plan.links) add(`link ${from}.${fromView} to ${to}.${toView}`, true);
  for (const [name, value] of Object.entries(plan.parameters)) add(`parameter "${name}"`, value);
  for (const [id, { declared }] of Object.entries(plan.scopes ?? {})) {
    add(`parameters of the pipeline of "${id}"`, declared as unknown as JsonValue);
  }
  for (const [id, child] of Object.entries(plan.children)) {
    const inner = fingerprintOf({ ...child, parameters: child.declared as unknown as JsonObject });
    for (const [place, hash] of Object.entries(inner)) parts[`${place} in the pipeline of "${id}"`] = hash;
  }
  return Object.freeze(parts);
}

/** Throws SNAP_PIPELINE_INVALID naming what changed between a checkpoint's pipeline and this one. */
export function expectSamePipeline(was: Readonly<Record<string, string>>, is: Readonly<Record<string, string>>): void {
  const places = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const changes = places
    .filter((place) => was[place] !== is[place])
    .map(
      (place) => `${place} was ${was[place] === undefined ? 'added' : is[place] === undefined ? 'removed' : 'changed'}`,
    );
  if (changes.length === 0) return;
  throw new ConfigurationError('SNAP_PIPELINE_INVALID', 'The run cannot be resumed with a changed pipeline.', {
    reason: changes.join('; '),
    resolution: 'undo the change and resume, or start a new run',
    faults: changes.map((message) => ({ pointer: '', message })),
  });
}

/** JSON with sorted keys: the order in which a person wrote settings is no change. */
function canonical(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

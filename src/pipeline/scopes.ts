// Owns the parameters that each snap of a plan sees: the run's own, or those of the pipeline that documents flow through.
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError } from '../errors.ts';
import type { BoundExpression } from '../snap/executor.ts';
import { resolveParameters } from './parameters.ts';
import type { PipelinePlan, PlannedSnap } from './plan.ts';
import { compileSettings } from './resolve-settings.ts';

/** Binds an expression to the parameters that it may see. */
export type BindTo = (source: string, parameters: JsonObject) => BoundExpression;

/** Gives the parameters of a snap. */
export type ParametersOf = (planned: Pick<PlannedSnap, 'scope'>) => JsonObject;

/** Evaluates the values given to each scope, outer ones first. Throws SNAP_PIPELINE_INVALID for a value that is not of its parameter's type, and what an expression throws. */
export async function resolveScopes(
  { scopes, parameters }: Pick<PipelinePlan, 'scopes' | 'parameters'>,
  bind: BindTo,
): Promise<ParametersOf> {
  const known = new Map<string, JsonObject>();
  for (const [door, { within, declared, given }] of Object.entries(scopes)) {
    const outer = within === undefined ? parameters : (known.get(within) ?? {});
    const values = await compileSettings(given, (source) => bind(source, outer))();
    const resolved = resolveParameters(declared, values);
    if (resolved.faults.length > 0) throw wrongValues(door, resolved.faults);
    known.set(door, resolved.values);
  }
  return ({ scope }) => (scope === undefined ? parameters : (known.get(scope) ?? {}));
}

function wrongValues(door: string, faults: ConfigurationError['faults']): ConfigurationError {
  return new ConfigurationError('SNAP_PIPELINE_INVALID', `The pipeline of "${door}" cannot run.`, {
    reason: faults.map(({ pointer, message }) => `${pointer} ${message}`).join('; '),
    resolution: `correct the parameters of "${door}", or what its expressions read`,
    faults,
  });
}

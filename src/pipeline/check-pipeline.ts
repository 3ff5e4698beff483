// Owns checking a whole pipeline with nothing sent: every fault at once, each with its place in the file.
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError, type Fault } from '../errors.ts';
import type { PackRegistry } from '../pack/index.ts';
import { joinPointer, nearestWord } from '../schema/index.ts';
import { checkSettings } from '../snap/check-settings.ts';
import { checkExpressions } from './check-expressions.ts';
import { type Graph, type GraphNode, readGraph, viewNames } from './check-graph.ts';
import { type AccountScopes, checkScopes } from './check-scopes.ts';
import { fingerprintOf } from './fingerprint.ts';
import { resolveParameters } from './parameters.ts';
import { checkShape, loosen, type PipelineFile } from './pipeline-file.ts';
import type { PipelinePlan, PlannedSnap } from './plan.ts';

/** What a pipeline is checked against. */
export interface PipelineEnvironment {
  readonly registry: PackRegistry;
  /** The account's name in the store for each account id that the pipeline uses; the id itself where none is given. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** The type of a stored account by its name; undefined when the store has none. Without it accounts are not looked up. */
  readonly accountType?: (name: string) => string | undefined;
  /** The scopes of a stored account; undefined where nobody knows them, and then none is missed. */
  readonly accountScopes?: (name: string) => AccountScopes | undefined;
  /** Whether a scope that only its name suggests counts as needed. */
  readonly trustsInferredScopes?: boolean;
  /** Values for a run, as given; without them only the declarations are checked. */
  readonly parameters?: Readonly<Record<string, JsonValue>>;
}

/** All faults of a pipeline; empty when it can run. */
export function checkPipeline(pipeline: JsonValue, environment: PipelineEnvironment): Fault[] {
  return examine(pipeline, environment).faults;
}

/** Checks a pipeline and makes it ready to run. Throws SNAP_PIPELINE_INVALID with every fault. */
export function planPipeline(pipeline: JsonValue, environment: PipelineEnvironment): PipelinePlan {
  const { faults, graph, parameters } = examine(pipeline, { ...environment, parameters: environment.parameters ?? {} });
  if (faults.length > 0) {
    const [first] = faults;
    const more = faults.length > 1 ? `, and ${faults.length - 1} more` : '';
    throw new ConfigurationError('SNAP_PIPELINE_INVALID', 'The pipeline cannot run.', {
      reason: `${first?.pointer || 'the file'}: ${first?.message}${more}`,
      resolution: 'correct the pipeline, then run "snaps pipeline check FILE"',
      faults,
    });
  }
  const off = disabledSnaps(graph);
  const snaps = [...graph.nodes.values()].map((node) => planSnap(node, environment, off));
  const { name, afterCrash } = pipeline as unknown as PipelineFile;
  const plan = { name, parameters, afterCrash, snaps, links: graph.links };
  return Object.freeze({ ...plan, fingerprint: fingerprintOf(plan) });
}

interface Examination {
  readonly faults: Fault[];
  readonly graph: Graph;
  readonly parameters: JsonObject;
}

function examine(pipeline: JsonValue, environment: PipelineEnvironment): Examination {
  const shapeFaults = checkShape(pipeline);
  const loose = loosen(pipeline);
  const parameters = resolveParameters(loose.parameters, environment.parameters);
  const graph = readGraph(loose, environment.registry.snaps);
  const snapFaults = [...graph.nodes.values()].flatMap((node) =>
    checkSnap(node, { graph, environment, parameters: Object.keys(loose.parameters) }),
  );
  const faults = new Map(
    [...shapeFaults, ...parameters.faults, ...snapFaults, ...graph.faults].map((fault) => [
      JSON.stringify(fault),
      fault,
    ]),
  );
  return { faults: [...faults.values()], graph, parameters: parameters.values };
}

interface Surroundings {
  readonly graph: Graph;
  readonly environment: PipelineEnvironment;
  readonly parameters: readonly string[];
}

function checkSnap(node: GraphNode, around: Surroundings): Fault[] {
  const { entry, index, snap } = node;
  const { registry } = around.environment;
  if (snap === undefined) {
    const near = nearestWord(entry.snap, [...registry.snaps.keys()]);
    const hint = near === undefined ? '; "snaps snap list" shows them' : `; did you mean "${near}"?`;
    return [{ pointer: `/snaps/${index}/snap`, message: `no pack has the snap "${entry.snap}"${hint}` }];
  }
  const settings = entry.settings ?? {};
  const scope = {
    hasDocument: around.graph.links.some((link) => link.to === entry.id),
    parameters: around.parameters,
    hasAccount: entry.account !== undefined,
  };
  const settingsFaults = [
    ...checkSettings(registry.pack(snap.pack), snap, settings),
    ...checkExpressions(settings, snap.settingsSchema, scope),
  ];
  return [
    ...settingsFaults.map(({ pointer, message }) => ({
      pointer: `${joinPointer('/snaps', index, 'settings')}${pointer}`,
      message,
    })),
    ...checkAccount(node, around.environment),
  ];
}

function checkAccount({ entry, index, snap }: GraphNode, environment: PipelineEnvironment): Fault[] {
  const types = snap?.declaration.accountTypes;
  const pointer = `/snaps/${index}/account`;
  if (types === undefined) {
    return entry.account === undefined ? [] : [{ pointer, message: `${entry.snap} takes no account` }];
  }
  const wanted = types.join(' or ');
  if (entry.account === undefined) {
    return [
      {
        pointer: `/snaps/${index}`,
        message: `"${entry.id}" needs an account of type ${wanted}; write "account": "NAME"`,
      },
    ];
  }
  if (environment.accountType === undefined) return [];
  const name = accountName(entry.account, environment);
  const type = environment.accountType(name);
  if (type === undefined) {
    const message = `there is no account "${name}"; run "snaps account add ${name} --type ${types[0]}"`;
    return [{ pointer, message }];
  }
  if (!(types as readonly string[]).includes(type)) {
    return [{ pointer, message: `the account "${name}" is of type ${type}; ${entry.snap} takes ${wanted}` }];
  }
  const has = environment.accountScopes?.(name);
  if (has === undefined || snap === undefined || entry.execution === 'disabled') return [];
  return checkScopes(environment.registry.pack(snap.pack), snap, entry.settings ?? {}, {
    name,
    pointer,
    has,
    isInferenceTrusted: environment.trustsInferredScopes ?? false,
  });
}

function accountName(id: string, { accounts = {} }: PipelineEnvironment): string {
  return Object.hasOwn(accounts, id) ? (accounts[id] as string) : id;
}

function planSnap({ entry, snap }: GraphNode, environment: PipelineEnvironment, off: ReadonlySet<string>): PlannedSnap {
  if (snap === undefined) throw new TypeError('a checked pipeline has only known snaps');
  const byDefault = snap.declaration.preview === 'skip' ? 'execute-only' : 'always';
  return {
    id: entry.id,
    snap,
    settings: entry.settings ?? {},
    account: entry.account === undefined ? undefined : accountName(entry.account, environment),
    errors: entry.errors ?? 'stop',
    execution: off.has(entry.id) ? 'disabled' : (entry.execution ?? byDefault),
    inputViews: viewNames('input', snap, entry),
    outputViews: viewNames('output', snap, entry),
  };
}

/** The disabled snaps and everything behind them. */
function disabledSnaps({ nodes, links }: Graph): ReadonlySet<string> {
  const off = new Set(
    [...nodes.values()].filter(({ entry }) => entry.execution === 'disabled').map(({ entry }) => entry.id),
  );
  for (const id of off) for (const link of links) if (link.from === id) off.add(link.to);
  return off;
}

// Owns checking a whole pipeline with nothing sent: every fault at once, each with its place in the file.
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError, type Fault } from '../errors.ts';
import type { PackRegistry } from '../pack/index.ts';
import { joinPointer, nearestWord } from '../schema/index.ts';
import { checkSettings } from '../snap/check-settings.ts';
import { type Assembling, assemble, planChild } from './assemble.ts';
import { checkChild, findChild, withinChild } from './check-children.ts';
import { checkExpressions } from './check-expressions.ts';
import { type Graph, type GraphNode, openViews, readGraph } from './check-graph.ts';
import { type AccountScopes, checkScopes } from './check-scopes.ts';
import { type ChildPipeline, type ChildPipelines, childSettings, runsPipeline } from './child-pipeline.ts';
import { fingerprintOf } from './fingerprint.ts';
import { resolveParameters } from './parameters.ts';
import { checkShape, type LoosePipeline, loosen, type PipelineFile, withoutErrorPipeline } from './pipeline-file.ts';
import type { PipelinePlan, PlannedChild } from './plan.ts';

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
  /** The pipelines that this one names; without it none can be looked up. */
  readonly children?: ChildPipelines;
  /** True for a pipeline that another one runs: an input may then wait for documents from there. */
  readonly isChild?: boolean;
}

/** All faults of a pipeline; empty when it can run. */
export function checkPipeline(pipeline: JsonValue, environment: PipelineEnvironment): Fault[] {
  return examine(pipeline, environment).faults;
}

/** Checks a pipeline and makes it ready to run. Throws SNAP_PIPELINE_INVALID with every fault. */
export function planPipeline(pipeline: JsonValue, environment: PipelineEnvironment): PipelinePlan {
  const { graph, parameters } = expectSound(
    examine(pipeline, { ...environment, parameters: environment.parameters ?? {} }),
  );
  const { name, afterCrash, limits = {}, errorPipeline: reference } = pipeline as unknown as PipelineFile;
  const assembling = assemblingIn(environment);
  const errorPipeline = planErrorPipeline(reference, assembling);
  const plan = { ...assemble(graph, assembling), name, parameters, afterCrash, limits, errorPipeline };
  return Object.freeze({ ...plan, fingerprint: fingerprintOf(plan) });
}

/** The snaps of a pipeline, whatever parameters a run will give it. Throws SNAP_PIPELINE_INVALID with every fault. */
export function planSnaps(
  pipeline: JsonValue,
  environment: Omit<PipelineEnvironment, 'parameters'>,
): Pick<PipelinePlan, 'name' | 'snaps' | 'children' | 'errorPipeline'> {
  const { graph } = expectSound(examine(pipeline, environment));
  const assembling = assemblingIn(environment);
  const { snaps, children } = assemble(graph, assembling);
  const { name, errorPipeline } = pipeline as unknown as PipelineFile;
  return { name, snaps, children, errorPipeline: planErrorPipeline(errorPipeline, assembling) };
}

/** The pipeline that runs on failure; one of its own would never run. */
function planErrorPipeline(reference: string | undefined, assembling: Assembling): PlannedChild | undefined {
  if (reference === undefined) return undefined;
  const child = assembling.findChild(reference);
  return planChild({ ...child, pipeline: withoutErrorPipeline(child.pipeline) }, assembling);
}

function expectSound(examined: Examination): Examination {
  const { faults } = examined;
  const [first] = faults;
  if (first === undefined) return examined;
  const more = faults.length > 1 ? `, and ${faults.length - 1} more` : '';
  throw new ConfigurationError('SNAP_PIPELINE_INVALID', 'The pipeline cannot run.', {
    reason: `${first.pointer || 'the file'}: ${first.message}${more}`,
    resolution: 'correct the pipeline, then run "snaps pipeline check FILE"',
    faults,
  });
}

function assemblingIn(environment: PipelineEnvironment): Assembling {
  return {
    accountName: (id) => accountName(id, environment),
    findChild: (reference) => {
      const child = findChild(reference, environment.children);
      if (typeof child === 'string') throw new TypeError('a checked pipeline has only known children');
      return child;
    },
    partsOf: (child) => {
      const within = childEnvironment(child, environment);
      const loose = loosen(child.pipeline);
      const inner = readGraph(loose, within.registry.snaps, { mayOpen: true });
      return { ...assemble(inner, assemblingIn(within)), declared: loose.parameters };
    },
    planChild: (child, parameters) =>
      planPipeline(child.pipeline, { ...childEnvironment(child, environment), parameters }),
  };
}

/** What a child is checked against: the accounts of the pipeline that runs it, and children of its own. */
function childEnvironment(child: ChildPipeline, environment: PipelineEnvironment): PipelineEnvironment {
  const { parameters: _, ...rest } = environment;
  return { ...rest, children: child.children, isChild: true };
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
  const graph = readGraph(loose, environment.registry.snaps, { mayOpen: environment.isChild ?? false });
  const snapFaults = [...graph.nodes.values()].flatMap((node) =>
    checkSnap(node, { graph, environment, parameters: Object.keys(loose.parameters) }),
  );
  const faults = new Map(
    [
      ...shapeFaults,
      ...parameters.faults,
      ...snapFaults,
      ...graph.faults,
      ...checkErrorPipeline(loose, environment),
    ].map((fault) => [JSON.stringify(fault), fault]),
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
  const flowsThrough = runsPipeline(snap) && childSettings(entry)?.mode === 'stream';
  const waits = around.environment.isChild === true && snap.declaration.views.input.min > 0;
  const scope = {
    // The parameters of a pipeline that documents flow through are known before the first comes.
    hasDocument: !flowsThrough && (waits || around.graph.links.some((link) => link.to === entry.id)),
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
    ...(runsPipeline(snap) ? checkChild(node, childSurroundings(around)) : []),
  ];
}

function childSurroundings({ graph, environment }: Surroundings) {
  return {
    graph,
    children: environment.children,
    examine: (child: ChildPipeline) => {
      const inner = examine(child.pipeline, childEnvironment(child, environment));
      return { faults: inner.faults, open: openViews(inner.graph) };
    },
  };
}

/** The error pipeline runs with the defaults of its parameters; what is wrong with it would show only when something else is. */
function checkErrorPipeline({ errorPipeline }: LoosePipeline, environment: PipelineEnvironment): Fault[] {
  if (errorPipeline === undefined) return [];
  const pointer = '/errorPipeline';
  const child = findChild(errorPipeline, environment.children);
  if (typeof child === 'string') return [{ pointer, message: child }];
  const { faults, graph } = examine(withoutErrorPipeline(child.pipeline), {
    ...childEnvironment(child, environment),
    parameters: {},
  });
  const { inputs } = openViews(graph);
  const messages = withinChild(child, faults);
  if (inputs.length !== 1) {
    messages.push(`"${child.title}" must leave one input open for the error documents; it leaves ${inputs.length}`);
  }
  return messages.map((message) => ({ pointer, message }));
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

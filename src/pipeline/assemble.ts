// Owns putting the parts of a checked pipeline together: its snaps, those of pipelines that documents flow through, and the pipelines that run on their own.
import type { JsonObject } from '../document/json.ts';
import { errorView, type Graph, type GraphNode, openViews, viewNames } from './check-graph.ts';
import type { OpenViews, ViewEnd } from './child-pipeline.ts';
import { type ChildPipeline, type ChildSettings, childSettings, runsPipeline } from './child-pipeline.ts';
import type { Parameter } from './pipeline-file.ts';
import type { PipelinePlan, PlannedChild, PlannedLink, PlannedScope, PlannedSnap } from './plan.ts';

/** A plan before it has values for its parameters. */
export interface PlanParts {
  readonly snaps: readonly PlannedSnap[];
  readonly links: readonly PlannedLink[];
  readonly children: Readonly<Record<string, PlannedChild>>;
  readonly scopes: Readonly<Record<string, PlannedScope>>;
  readonly open: OpenViews;
}

export interface Assembling {
  readonly findChild: (reference: string) => ChildPipeline;
  /** The account's name in the store for an account id. */
  readonly accountName: (id: string) => string;
  /** The parts of a pipeline that another one runs, and the parameters that it declares. */
  readonly partsOf: (child: ChildPipeline) => PlanParts & { readonly declared: Readonly<Record<string, Parameter>> };
  readonly planChild: (child: ChildPipeline, parameters: JsonObject) => PipelinePlan;
}

/**
 * The parts of a plan. A snap that runs a pipeline for each document keeps it beside the plan (`children`). One that lets documents
 * flow through a pipeline takes that pipeline's snaps into the plan, named `SNAP.CHILD`, so that checkpoints, journals and
 * views hold for them as for any other; it stays as the door that documents pass, where they go in or else where they come out.
 */
export function assemble(graph: Graph, assembling: Assembling): PlanParts {
  const off = disabledSnaps(graph);
  const own = [...graph.nodes.values()].map((node) => planSnap(node, assembling, off));
  const parts = {
    snaps: [...own],
    links: [...graph.links],
    children: {} as Record<string, PlannedChild>,
    scopes: {} as Record<string, PlannedScope>,
  };
  const open = openViews(graph);
  /** Where documents leave that came in by a door: behind it, not at it. */
  const behind = new Map<string, readonly ViewEnd[]>();
  for (const { entry, snap } of graph.nodes.values()) {
    const settings = runsPipeline(snap) ? childSettings(entry) : undefined;
    if (settings === undefined) continue;
    const child = assembling.findChild(settings.pipeline);
    if (settings.mode === 'stream') {
      const inner = assembling.partsOf(child);
      inline(parts, entry.id, { settings, inner });
      if (inner.open.inputs.length > 0) {
        behind.set(
          entry.id,
          inner.open.outputs.map(({ snap: id, view }) => ({ snap: `${entry.id}.${id}`, view })),
        );
      }
    } else parts.children[entry.id] = planChild(child, assembling);
  }
  return { ...parts, open: { ...open, outputs: open.outputs.flatMap((end) => behind.get(end.snap) ?? [end]) } };
}

/** A pipeline that runs on its own. */
export function planChild(child: ChildPipeline, { partsOf, planChild: plan }: Assembling): PlannedChild {
  const { snaps, links, children, open, declared } = partsOf(child);
  return {
    ...{ title: child.title, snaps, links, children, declared },
    ...(child.file === undefined ? {} : { file: child.file }),
    pipeline: child.pipeline as JsonObject,
    takesDocument: open.inputs.length > 0,
    plan: (parameters) => plan(child, parameters),
  };
}

interface Growing {
  snaps: PlannedSnap[];
  links: PlannedLink[];
  readonly children: Record<string, PlannedChild>;
  readonly scopes: Record<string, PlannedScope>;
}

interface Inlined {
  readonly settings: ChildSettings;
  readonly inner: ReturnType<Assembling['partsOf']>;
}

/** Takes the snaps of a pipeline into the plan of the one whose snap `door` lets documents flow through it. */
function inline(parts: Growing, door: string, { settings, inner }: Inlined): void {
  const named = (id: string): string => `${door}.${id}`;
  const doorSnap = parts.snaps.find(({ id }) => id === door);
  const execution = doorSnap?.execution ?? 'always';
  const snaps = inner.snaps.map((planned) => ({
    ...planned,
    id: named(planned.id),
    scope: planned.scope === undefined ? door : named(planned.scope),
    execution: execution === 'always' || planned.execution === 'disabled' ? planned.execution : execution,
  }));
  const links = inner.links.map((link) => ({ ...link, from: named(link.from), to: named(link.to) }));
  const errorLinks = parts.links.filter(({ from, fromView }) => from === door && fromView === errorView);
  const outside = parts.links.filter(({ from, fromView }) => from === door && fromView !== errorView);
  const outputs = inner.open.outputs.map(({ snap, view }) => ({ from: named(snap), fromView: view }));
  const [input] = inner.open.inputs;
  if (input === undefined) {
    links.push(...outputs.map((output) => ({ ...output, to: door, toView: 'input' })));
  } else {
    links.push({ from: door, fromView: 'output', to: named(input.snap), toView: input.view });
    links.push(...outside.flatMap(({ to, toView }) => outputs.map((output) => ({ ...output, to, toView }))));
    parts.links = parts.links.filter((link) => !outside.includes(link));
  }
  // What a snap of the pipeline routes and nobody there takes goes by the error view of the door.
  for (const { id, errors } of snaps) {
    const isTaken = links.some(({ from, fromView }) => from === id && fromView === errorView);
    if (errors !== 'route' || isTaken) continue;
    links.push(...errorLinks.map(({ to, toView }) => ({ from: id, fromView: errorView, to, toView })));
  }
  parts.snaps = parts.snaps.flatMap((planned) => (planned.id === door ? [planned, ...snaps] : [planned]));
  parts.links = [...parts.links, ...links];
  parts.scopes[door] = { within: undefined, declared: inner.declared, given: settings.parameters };
  for (const [name, scope] of Object.entries(inner.scopes)) {
    parts.scopes[named(name)] = { ...scope, within: scope.within === undefined ? door : named(scope.within) };
  }
  for (const [id, child] of Object.entries(inner.children)) parts.children[named(id)] = child;
}

function planSnap({ entry, snap }: GraphNode, { accountName }: Assembling, off: ReadonlySet<string>): PlannedSnap {
  if (snap === undefined) throw new TypeError('a checked pipeline has only known snaps');
  const byDefault = snap.declaration.preview === 'skip' ? 'execute-only' : 'always';
  return {
    id: entry.id,
    snap,
    settings: entry.settings ?? {},
    account: entry.account === undefined ? undefined : accountName(entry.account),
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

// Owns checking how snaps are linked: ends that exist, how many, no cycle. Gives every fault with its place.
import type { Fault } from '../errors.ts';
import type { LoadedSnap } from '../pack/pack.ts';
import { nearestWord } from '../schema/index.ts';
import type { OpenViews, ViewEnd } from './child-pipeline.ts';
import type { LoosePipeline, SnapEntry } from './pipeline-file.ts';
import type { PlannedLink } from './plan.ts';

/** The view that documents with errors leave by; every snap has it. */
export const errorView = 'error';

export interface GraphNode {
  readonly entry: SnapEntry;
  readonly index: number;
  /** Undefined when no pack has the snap: its views are then unknown and not checked. */
  readonly snap: LoadedSnap | undefined;
}

export interface Graph {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly links: readonly PlannedLink[];
  readonly faults: readonly Fault[];
}

/** Joins the snaps of a pipeline by its links. With `mayOpen` inputs may wait for documents of a pipeline that runs this one. */
export function readGraph(
  pipeline: LoosePipeline,
  snaps: ReadonlyMap<string, LoadedSnap>,
  { mayOpen = false }: { readonly mayOpen?: boolean } = {},
): Graph {
  const faults: Fault[] = [];
  const nodes = new Map<string, GraphNode>();
  for (const [index, entry] of pipeline.snaps.entries()) {
    if (entry === undefined) continue;
    if (nodes.has(entry.id))
      faults.push({ pointer: `/snaps/${index}/id`, message: `the id "${entry.id}" stands here twice` });
    else nodes.set(entry.id, { entry, index, snap: snaps.get(entry.snap) });
  }
  const links: PlannedLink[] = [];
  const seen = new Set<string>();
  for (const [index, link] of pipeline.links.entries()) {
    if (link === undefined) continue;
    const from = readEnd(link[0], 'output', nodes);
    const to = readEnd(link[1], 'input', nodes);
    if (typeof from === 'string') faults.push({ pointer: `/links/${index}/0`, message: from });
    if (typeof to === 'string') faults.push({ pointer: `/links/${index}/1`, message: to });
    if (typeof from === 'string' || typeof to === 'string') continue;
    const planned = { from: from.id, fromView: from.view, to: to.id, toView: to.view };
    const key = JSON.stringify(planned);
    if (seen.has(key)) faults.push({ pointer: `/links/${index}`, message: 'this link stands here twice' });
    else links.push(planned);
    seen.add(key);
  }
  faults.push(...checkCounts(nodes, links, mayOpen), ...findCycles(pipeline, links));
  return { nodes, links, faults };
}

/** The names of a snap's views on one side, without the error view. */
export function viewNames(side: 'input' | 'output', snap: LoadedSnap, entry: SnapEntry): readonly string[] {
  const { max, names: declared, namesFrom } = snap.declaration.views[side];
  if (max === 0) return [];
  if (declared !== undefined) return declared;
  if (namesFrom === undefined) return [side];
  const names = entry.settings?.[namesFrom];
  return names !== null && typeof names === 'object' ? Object.keys(names) : [];
}

/** The views of a graph to which nothing is linked: inputs that need a link, and outputs. */
export function openViews({ nodes, links }: Pick<Graph, 'nodes' | 'links'>): OpenViews {
  const inputs: ViewEnd[] = [];
  const outputs: ViewEnd[] = [];
  for (const [id, { entry, snap }] of nodes) {
    if (snap === undefined) continue;
    const { input } = snap.declaration.views;
    for (const view of input.min > 0 ? viewNames('input', snap, entry) : []) {
      if (!links.some((link) => link.to === id && link.toView === view)) inputs.push({ snap: id, view });
    }
    for (const view of viewNames('output', snap, entry)) {
      if (!links.some((link) => link.from === id && link.fromView === view)) outputs.push({ snap: id, view });
    }
  }
  return { inputs, outputs };
}

function readEnd(
  text: string,
  side: 'input' | 'output',
  nodes: ReadonlyMap<string, GraphNode>,
): { id: string; view: string } | string {
  const dot = text.indexOf('.');
  const id = dot === -1 ? text : text.slice(0, dot);
  const named = dot === -1 ? undefined : text.slice(dot + 1);
  const node = nodes.get(id);
  if (node === undefined) {
    const near = nearestWord(id, [...nodes.keys()]);
    return `no snap here has the id "${id}"${near === undefined ? '' : `; did you mean "${near}"?`}`;
  }
  if (node.snap === undefined) return { id, view: named ?? side };
  const names = viewNames(side, node.snap, node.entry);
  const all = side === 'output' ? [...names, errorView] : names;
  if (named !== undefined && all.includes(named)) return { id, view: named };
  if (named === undefined && names.length === 1) return { id, view: names[0] as string };
  const known = all.length === 0 ? `it has no ${side} view` : `its ${side} views are ${all.join(', ')}`;
  return named === undefined
    ? `names no view of "${id}"; ${known}`
    : `"${id}" has no ${side} view "${named}"; ${known}`;
}

function checkCounts(nodes: ReadonlyMap<string, GraphNode>, links: readonly PlannedLink[], mayOpen: boolean): Fault[] {
  const faults: Fault[] = [];
  for (const [id, { entry, index, snap }] of nodes) {
    if (snap === undefined) continue;
    const { input, output } = snap.declaration.views;
    const ins = links.filter((link) => link.to === id).length;
    const outs = new Set(
      links.filter((link) => link.from === id && link.fromView !== errorView).map((link) => link.fromView),
    );
    const fault = (message: string) => faults.push({ pointer: `/snaps/${index}`, message });
    const many = (count: number) => (count === 1 ? '1 link' : `${count} links`);
    for (const view of mayOpen ? [] : (input.names ?? [])) {
      if (!links.some((link) => link.to === id && link.toView === view)) fault(`nothing is linked to "${id}.${view}"`);
    }
    if (input.names === undefined && ins < input.min && !(mayOpen && ins === 0))
      fault(`"${id}" needs at least ${many(input.min)} into its input; it has ${ins}`);
    if (ins > input.max && input.max > 0) {
      fault(`"${id}" takes at most ${many(input.max)} into its input; it has ${ins} (core.union joins several)`);
    }
    if (outs.size < output.min && !mayOpen)
      fault(`"${id}" needs at least ${many(output.min)} from its output; it has ${outs.size}`);
    if (
      entry.errors !== undefined &&
      entry.errors !== 'route' &&
      links.some((link) => link.from === id && link.fromView === errorView)
    ) {
      faults.push({
        pointer: `/snaps/${index}/errors`,
        message: `is "${entry.errors}", so nothing ever leaves by the error view that is linked; write "route"`,
      });
    }
  }
  return faults;
}

/** One fault for each link that closes a cycle. */
function findCycles({ links }: LoosePipeline, planned: readonly PlannedLink[]): Fault[] {
  const faults: Fault[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const trail: string[] = [];
  const visit = (id: string): void => {
    state.set(id, 'open');
    trail.push(id);
    for (const link of planned.filter((each) => each.from === id)) {
      if (state.get(link.to) === 'open') {
        const cycle = [...trail.slice(trail.indexOf(link.to)), link.to].join(' -> ');
        const index = links.findIndex((text) => isLink(text, link));
        faults.push({ pointer: `/links/${index}`, message: `closes a cycle: ${cycle}` });
      } else if (!state.has(link.to)) visit(link.to);
    }
    trail.pop();
    state.set(id, 'done');
  };
  for (const id of new Set(planned.map((link) => link.from))) if (!state.has(id)) visit(id);
  return faults;
}

function isLink(text: readonly [string, string] | undefined, link: PlannedLink): boolean {
  const names = (id: string, view: string) => [id, `${id}.${view}`];
  return (
    text !== undefined &&
    names(link.from, link.fromView).includes(text[0]) &&
    names(link.to, link.toView).includes(text[1])
  );
}

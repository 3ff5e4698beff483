// Owns the canvas form of a draft: nodes and edges, kept as the same objects where nothing changed, so that nothing is drawn twice.
import type { Edge } from '@xyflow/react';
import { formatCount } from '../../format.ts';
import type { SnapCounts, SnapNodeData, SnapNodeType } from '../snap-node.tsx';
import type { Selection } from './designer-state.ts';
import type { PlacedFaults } from './faults.ts';
import type { Draft, Pipeline } from './pipeline.ts';
import { type Catalog, errorView, type LinkEnds, linkEnds, linkKey, snapById, viewNames } from './views.ts';

export type RunCounts = ReadonlyMap<string, SnapCounts>;

export interface Shown {
  readonly draft: Draft;
  readonly catalog: Catalog;
  readonly selection: Selection;
  readonly faults: PlacedFaults;
  readonly counts: RunCounts;
}

/** The nodes of a draft; what the canvas measured of earlier ones is kept. */
export function nodesOf(
  { draft, catalog, selection, faults, counts }: Shown,
  before: readonly SnapNodeType[],
): SnapNodeType[] {
  const earlier = new Map(before.map((node) => [node.id, node]));
  return draft.pipeline.snaps.map((entry): SnapNodeType => {
    const snap = catalog.get(entry.snap);
    const fresh: SnapNodeData = {
      entry,
      title: snap?.title ?? entry.snap,
      category: snap?.category ?? 'unknown',
      inputs: viewNames('input', entry, catalog),
      outputs: viewNames('output', entry, catalog),
      faults: (faults.snaps.get(entry.id) ?? []).map(({ message }) => message),
      counts: counts.get(entry.id),
    };
    const old = earlier.get(entry.id);
    const data = old !== undefined && isSame(old.data, fresh) ? old.data : fresh;
    const position = draft.layout[entry.id] ?? { x: 0, y: 0 };
    const selected = selection.snaps.has(entry.id);
    if (
      old !== undefined &&
      old.data === data &&
      old.selected === selected &&
      old.position.x === position.x &&
      old.position.y === position.y
    )
      return old;
    return {
      ...old,
      id: entry.id,
      type: 'snap',
      position,
      data,
      selected,
      ariaLabel: labelOf(data),
    };
  });
}

/** The edges of a draft; one that says the same as before stays the same object. */
export function edgesOf(
  { draft: { pipeline }, catalog, selection, faults, counts }: Shown,
  before: readonly Edge[] = [],
): Edge[] {
  const earlier = new Map(before.map((edge) => [edge.id, edge]));
  const all = pipeline.links
    .map((link) => ({ key: linkKey(link), ends: linkEnds(link, pipeline, catalog) }))
    .filter(({ ends }) => [ends.from, ends.to].every((id) => snapById(pipeline, id) !== undefined));
  const passed = documentsOnLinks(
    all.map(({ ends }) => ends),
    counts,
  );
  return all.map(({ key, ends }): Edge => {
    const label = passed.get(ends);
    const fresh: Edge = {
      id: key,
      source: ends.from,
      sourceHandle: ends.fromView,
      target: ends.to,
      targetHandle: ends.toView,
      selected: selection.links.has(key),
      className: [ends.fromView === errorView ? 'is-error' : '', faults.links.has(key) ? 'is-wrong' : ''].join(' '),
      ariaLabel: `Link from ${ends.from}, ${ends.fromView} view, to ${ends.to}`,
      animated: counts.get(ends.from)?.state === 'running',
      ...(label === undefined ? {} : { label: formatCount(label) }),
    };
    const old = earlier.get(key);
    return old !== undefined && isSameEdge(old, fresh) ? old : fresh;
  });
}

const edgeMembers = [
  'source',
  'sourceHandle',
  'target',
  'targetHandle',
  'selected',
  'className',
  'animated',
  'label',
] as const;

const isSameEdge = (one: Edge, other: Edge): boolean => edgeMembers.every((member) => one[member] === other[member]);

/** Documents that links have carried; a link is left out where the counts of its snaps do not tell it. */
function documentsOnLinks(all: readonly LinkEnds[], counts: RunCounts): ReadonlyMap<LinkEnds, number> {
  if (counts.size === 0) return new Map();
  const into = Map.groupBy(all, ({ to }) => to);
  const outOf = Map.groupBy(all, ({ from }) => from);
  const documentsOn = (ends: LinkEnds): number | undefined => {
    const [from, to] = [counts.get(ends.from), counts.get(ends.to)];
    if (from === undefined || to === undefined) return undefined;
    if (ends.fromView === errorView) return from.errors;
    if (into.get(ends.to)?.length === 1) return to.input;
    const views = new Set(outOf.get(ends.from)?.map(({ fromView }) => fromView));
    views.delete(errorView);
    return views.size === 1 ? from.output : undefined;
  };
  return new Map(
    all.flatMap((ends) => {
      const documents = documentsOn(ends);
      return documents === undefined ? [] : [[ends, documents] as const];
    }),
  );
}

/** What a screen reader says when a snap takes the focus. */
function labelOf({ entry, title, faults, counts }: SnapNodeData): string {
  const parts = [`${entry.title ?? entry.id}, ${title}`];
  if (faults.length > 0)
    parts.push(`${faults.length === 1 ? '1 fault' : `${faults.length} faults`}: ${faults.join('; ')}`);
  if (counts !== undefined) parts.push(`${counts.state}, ${counts.output} out, ${counts.errors} failed`);
  return parts.join('. ');
}

function isSame(one: SnapNodeData, other: SnapNodeData): boolean {
  return (
    one.entry === other.entry &&
    one.title === other.title &&
    one.counts === other.counts &&
    JSON.stringify([one.inputs, one.outputs, one.faults]) ===
      JSON.stringify([other.inputs, other.outputs, other.faults])
  );
}

/** Rows of a run as counts; a row that says the same as before stays the same object. */
export function countsOf(
  rows: readonly Readonly<Record<string, unknown>>[],
  before: RunCounts,
  elapsedMs: number,
): RunCounts {
  return new Map(
    rows.map((row): [string, SnapCounts] => {
      const id = String(row.id);
      const old = before.get(id);
      const [input, output, errors] = [Number(row.input), Number(row.output), Number(row.errors)];
      const state = String(row.state);
      const work = Math.max(input, output) - Math.max(old?.input ?? 0, old?.output ?? 0);
      const rate = elapsedMs > 0 ? (work * 1000) / elapsedMs : 0;
      const isSameAsBefore =
        old !== undefined &&
        old.state === state &&
        old.input === input &&
        old.output === output &&
        old.errors === errors &&
        old.rate === rate;
      return [id, isSameAsBefore ? old : { state, input, output, errors, rate }];
    }),
  );
}

/** The view, as SNAP.VIEW, whose documents reach a snap's input first; undefined for a source. */
export function feederOf(id: string, pipeline: Pipeline, catalog: Catalog): string | undefined {
  const feeders = pipeline.links.map((link) => linkEnds(link, pipeline, catalog)).filter(({ to }) => to === id);
  // Failed documents reach a snap only where nothing else does.
  const feeder = feeders.find(({ fromView }) => fromView !== errorView) ?? feeders[0];
  return feeder === undefined ? undefined : `${feeder.from}.${feeder.fromView}`;
}

// Owns placing snaps from left to right in the order in which documents pass them.
import { Graph, layout as layOut } from '@dagrejs/dagre';
import { endId } from './edit.ts';
import type { Layout, LinkEntry, Pipeline } from './pipeline.ts';
import { errorView } from './views.ts';

/** How large a snap stands on the canvas, in its pixels. */
export const nodeWidth = 224;
export const nodeHeight = 96;

const rankOf = ([from]: LinkEntry): number => (from.endsWith(`.${errorView}`) ? 1 : 0);

/** A place for every snap. */
export function arrange({ snaps, links }: Pipeline): Layout {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 40, ranksep: 72 });
  graph.setDefaultEdgeLabel(() => ({}));
  const ids = new Set(snaps.map(({ id }) => id));
  // What is told last stands highest: the first of two branches stays above, and error views lead downwards as they are drawn.
  const fromBelow = links.toReversed().toSorted((one, other) => rankOf(other) - rankOf(one));
  for (const id of [...ids].toReversed()) graph.setNode(id, { width: nodeWidth, height: nodeHeight });
  for (const [from, to] of fromBelow) {
    if (ids.has(endId(from)) && ids.has(endId(to))) graph.setEdge(endId(from), endId(to));
  }
  layOut(graph);
  return Object.fromEntries(
    [...ids].map((id) => {
      const { x = 0, y = 0 } = graph.node(id) as { x?: number; y?: number };
      return [id, { x: Math.round(x - nodeWidth / 2), y: Math.round(y - nodeHeight / 2) }];
    }),
  );
}

/** The layout as kept; when a snap has no place, all are placed anew rather than one upon another. */
export function completeLayout(pipeline: Pipeline, layout: Layout): Layout {
  return pipeline.snaps.every(({ id }) => layout[id] !== undefined) ? layout : arrange(pipeline);
}

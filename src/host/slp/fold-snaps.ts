// Owns joining foreign snaps that are no snaps here: a parser is a setting of the reader before it, a copy is several links.
import type { JsonObject } from '../../document/json.ts';
import type { ImportRule } from '../../pack/index.ts';
import { type ImportNotes, mapSettings } from './map-settings.ts';
import type { SlpLink, SlpSnap } from './slp-file.ts';

export interface Node {
  readonly snap: SlpSnap;
  /** Undefined for a snap that has no counterpart. */
  readonly rule: ImportRule | undefined;
  /** Settings that folded neighbours gave it. */
  readonly settings: JsonObject;
}

interface Graph {
  readonly nodes: readonly Node[];
  readonly edges: readonly SlpLink[];
}

/** The graph without the snaps that could be folded; the others stay, without a counterpart. */
export function foldSnaps(nodes: readonly Node[], edges: readonly SlpLink[], notes: ImportNotes): Graph {
  let graph: Graph = { nodes, edges };
  for (const { snap, rule } of nodes) {
    if (rule?.through === true) graph = passThrough(graph, snap.key);
    else if (rule?.folds !== undefined) graph = fold(graph, snap.key, notes);
  }
  return graph;
}

const isError = ({ fromView }: SlpLink): boolean => fromView.startsWith('error');

/** Links what stands before a snap with what stands behind it. One that nothing feeds stays. */
function passThrough({ nodes, edges }: Graph, key: string): Graph {
  const before = edges.filter(({ to }) => to === key);
  const behind = edges.filter((edge) => edge.from === key && !isError(edge));
  if (before.length === 0) return { nodes, edges };
  const joined = before.flatMap(({ from, fromView }) =>
    behind.map(({ to, toView }) => ({ from, fromView, to, toView })),
  );
  return {
    nodes: nodes.filter(({ snap }) => snap.key !== key),
    edges: [...edges.filter(({ from, to }) => from !== key && to !== key), ...joined],
  };
}

function fold(graph: Graph, key: string, notes: ImportNotes): Graph {
  const node = graph.nodes.find(({ snap }) => snap.key === key);
  const folds = node?.rule?.folds;
  if (node?.rule === undefined || folds === undefined) return graph;
  const isUpstream = folds.towards === 'upstream';
  const towards = graph.edges.filter((edge) => (isUpstream ? edge.to === key : edge.from === key) && !isError(edge));
  const neighbour = graph.nodes.find(({ snap }) => snap.key === (isUpstream ? towards[0]?.from : towards[0]?.to));
  if (neighbour === undefined || neighbour.rule?.snap !== folds.into || towards.length !== 1) return graph;
  const other = neighbour.snap.key;
  const shared = graph.edges.filter((edge) => (isUpstream ? edge.from === other && !isError(edge) : edge.to === other));
  // A file that goes two ways cannot be read in one format only.
  if (shared.length !== 1) return graph;
  const settings = { ...neighbour.settings, ...mapSettings({ snap: node.snap, rule: node.rule, notes }) };
  return {
    nodes: graph.nodes
      .filter(({ snap }) => snap.key !== key)
      .map((each) => (each === neighbour ? { ...each, settings } : each)),
    edges: graph.edges
      .filter((edge) => edge !== towards[0])
      .map((edge) => ({ ...edge, from: edge.from === key ? other : edge.from, to: edge.to === key ? other : edge.to })),
  };
}

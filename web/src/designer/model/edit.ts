// Owns the edits of a draft as pure functions: each gives a new draft and leaves the old one for undo.
import type { Draft, Layout, LinkEntry, Place, SnapEntry } from './pipeline.ts';
import { type CatalogSnap, errorView, linkKey } from './views.ts';

/** The canvas snaps places to a grid of this many pixels. */
export const gridPixels = 16;
const columnPixels = 288;
const pasteShiftPixels = 48;

/** What copy holds: snaps, the links among them, and where they stood. */
export interface Clip {
  readonly snaps: readonly SnapEntry[];
  readonly links: readonly LinkEntry[];
  readonly layout: Layout;
}

interface Added {
  /** Where it stands; below all others by default. */
  readonly place?: Place | undefined;
  readonly account?: string | undefined;
}

/** Adds a snap with an id made from its name, and gives that id. */
export function addSnap(draft: Draft, snap: CatalogSnap, { place, account }: Added = {}): { draft: Draft; id: string } {
  const taken = new Set(draft.pipeline.snaps.map(({ id }) => id));
  const id = freeId(idBase(snap.id), taken);
  const entry: SnapEntry = { id, snap: snap.id, ...(account === undefined ? {} : { account }) };
  return {
    id,
    draft: {
      pipeline: { ...draft.pipeline, snaps: [...draft.pipeline.snaps, entry] },
      layout: { ...draft.layout, [id]: onGrid(place ?? freePlace(draft.layout)) },
    },
  };
}

/** The place behind a snap, below what stands there already. */
export function placeAfter(id: string, layout: Layout): Place {
  const from = layout[id] ?? { x: 0, y: 0 };
  const x = from.x + columnPixels;
  let y = from.y;
  while (Object.values(layout).some((place) => Math.abs(place.x - x) < 240 && Math.abs(place.y - y) < 112)) y += 128;
  return { x, y };
}

/** Removes snaps with their links, and single links. */
export function remove(draft: Draft, snaps: ReadonlySet<string>, links: ReadonlySet<string>): Draft {
  const { pipeline, layout } = draft;
  return {
    pipeline: {
      ...pipeline,
      snaps: pipeline.snaps.filter(({ id }) => !snaps.has(id)),
      links: pipeline.links.filter(
        (link) => !links.has(linkKey(link)) && !snaps.has(endId(link[0])) && !snaps.has(endId(link[1])),
      ),
    },
    layout: Object.fromEntries(Object.entries(layout).filter(([id]) => !snaps.has(id))),
  };
}

/** Adds a link. Linking an error view makes its snap send failed documents there: without that the link would stay empty. */
export function addLink(draft: Draft, link: LinkEntry): Draft {
  const { pipeline } = draft;
  const from = link[0];
  const isError = from === `${endId(from)}.${errorView}`;
  return {
    ...draft,
    pipeline: {
      ...pipeline,
      snaps: isError
        ? pipeline.snaps.map((snap) => (snap.id === endId(from) ? { ...snap, errors: 'route' } : snap))
        : pipeline.snaps,
      links: [...pipeline.links, link],
    },
  };
}

/** Puts another entry in the place of a snap; a new id is carried into its links. */
export function changeSnap(draft: Draft, id: string, entry: SnapEntry): Draft {
  const { pipeline, layout } = draft;
  const before = pipeline.snaps.find((snap) => snap.id === id);
  if (before === undefined || JSON.stringify(before) === JSON.stringify(entry)) return draft;
  const rename = (end: string): string => (endId(end) === id ? `${entry.id}${end.slice(id.length)}` : end);
  const { [id]: place, ...others } = layout;
  return {
    pipeline: {
      ...pipeline,
      snaps: pipeline.snaps.map((snap) => (snap.id === id ? entry : snap)),
      links: pipeline.links.map(([from, to]): LinkEntry => [rename(from), rename(to)]),
    },
    layout: place === undefined ? others : { ...others, [entry.id]: place },
  };
}

export function moveSnaps(draft: Draft, places: Layout): Draft {
  const moved = Object.entries(places).map(([id, place]) => [id, onGrid(place)] as const);
  return { ...draft, layout: { ...draft.layout, ...Object.fromEntries(moved) } };
}

export function copyOf(draft: Draft, snaps: ReadonlySet<string>): Clip {
  const { pipeline, layout } = draft;
  return {
    snaps: pipeline.snaps.filter(({ id }) => snaps.has(id)),
    links: pipeline.links.filter(([from, to]) => snaps.has(endId(from)) && snaps.has(endId(to))),
    layout: Object.fromEntries(Object.entries(layout).filter(([id]) => snaps.has(id))),
  };
}

/** Says what the pipeline is for and which parameters it takes; what is left out goes. */
export function describe(draft: Draft, about: Pick<Draft['pipeline'], 'description' | 'parameters'>): Draft {
  const { description: _description, parameters: _parameters, name, ...rest } = draft.pipeline;
  return { ...draft, pipeline: { name, ...about, ...rest } };
}

/** Puts copied snaps beside where they stood, under free ids, and gives those ids. */
export function paste(draft: Draft, clip: Clip): { draft: Draft; ids: ReadonlySet<string> } {
  const taken = new Set(draft.pipeline.snaps.map(({ id }) => id));
  const names = new Map<string, string>();
  for (const { id } of clip.snaps) {
    const name = freeId(id.replace(/-\d+$/u, ''), taken);
    taken.add(name);
    names.set(id, name);
  }
  const named = (id: string): string => names.get(id) ?? id;
  const rename = (end: string): string => `${named(endId(end))}${end.slice(endId(end).length)}`;
  const { pipeline, layout } = draft;
  // A snap that was copied from a text has no place of its own.
  const free = freePlace(layout);
  const places = clip.snaps.map(({ id }, at) => {
    const { x, y } = clip.layout[id] ?? {
      x: free.x + at * columnPixels - pasteShiftPixels,
      y: free.y - pasteShiftPixels,
    };
    return [named(id), { x: x + pasteShiftPixels, y: y + pasteShiftPixels }] as const;
  });
  return {
    ids: new Set(names.values()),
    draft: {
      pipeline: {
        ...pipeline,
        snaps: [...pipeline.snaps, ...clip.snaps.map((snap) => ({ ...snap, id: named(snap.id) }))],
        links: [...pipeline.links, ...clip.links.map(([from, to]): LinkEntry => [rename(from), rename(to)])],
      },
      layout: { ...layout, ...Object.fromEntries(places) },
    },
  };
}

/** The snap's id in SNAP or SNAP.VIEW. */
export function endId(end: string): string {
  const dot = end.indexOf('.');
  return dot < 0 ? end : end.slice(0, dot);
}

/** "core.write-file" gives "write-file". */
const idBase = (snap: string): string =>
  snap.slice(snap.lastIndexOf('.') + 1).replace(/[^A-Za-z0-9_-]/gu, '-') || 'snap';

function freeId(base: string, taken: ReadonlySet<string>): string {
  let id = base;
  for (let number = 2; taken.has(id); number += 1) id = `${base}-${number}`;
  return id;
}

function freePlace(layout: Layout): Place {
  const places = Object.values(layout);
  return places.length === 0 ? { x: 0, y: 0 } : { x: 0, y: Math.max(...places.map(({ y }) => y)) + 144 };
}

const onGrid = ({ x, y }: Place): Place => ({
  x: Math.round(x / gridPixels) * gridPixels,
  y: Math.round(y / gridPixels) * gridPixels,
});

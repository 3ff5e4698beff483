// Owns the designer's one state and its commands. Undo goes back over drafts; what is selected is no step of its own.
import { addLink, addSnap, type Clip, changeSnap, describe, moveSnaps, paste, placeAfter, remove } from './edit.ts';
import type { Draft, Layout, LinkEntry, Place, SnapEntry } from './pipeline.ts';
import { type Catalog, type CatalogSnap, errorView, linkEntry, linkFault, viewNames } from './views.ts';

const undoStepsMax = 200;

export interface Selection {
  readonly snaps: ReadonlySet<string>;
  /** Keys of links. */
  readonly links: ReadonlySet<string>;
}

export interface DesignerState {
  readonly past: readonly Draft[];
  readonly present: Draft;
  readonly future: readonly Draft[];
  readonly selection: Selection;
  /** What happened last, for screen readers. */
  readonly news: string;
}

export type Command =
  | {
      readonly type: 'add';
      readonly snap: CatalogSnap;
      readonly place?: Place;
      readonly catalog: Catalog;
      readonly account?: string | undefined;
    }
  | { readonly type: 'link'; readonly link: LinkEntry }
  | { readonly type: 'change'; readonly id: string; readonly entry: SnapEntry }
  | { readonly type: 'move'; readonly places: Layout; readonly isAll?: boolean }
  | { readonly type: 'remove' }
  | { readonly type: 'paste'; readonly clip: Clip }
  | { readonly type: 'describe'; readonly about: Pick<Draft['pipeline'], 'description' | 'parameters'> }
  | { readonly type: 'replace'; readonly draft: Draft; readonly news: string }
  | { readonly type: 'select'; readonly selection: Partial<Selection> }
  | { readonly type: 'undo' }
  | { readonly type: 'redo' };

export const nothingSelected: Selection = { snaps: new Set(), links: new Set() };

export function startState(present: Draft): DesignerState {
  return { past: [], present, future: [], selection: nothingSelected, news: '' };
}

export function designerReducer(state: DesignerState, command: Command): DesignerState {
  const { present, selection } = state;
  switch (command.type) {
    case 'add':
      return addAndLink(state, command);
    case 'link':
      return step(state, addLink(present, command.link), `Linked ${command.link[0]} to ${command.link[1]}`);
    case 'change': {
      const changed = step(state, changeSnap(present, command.id, command.entry), `Changed ${command.entry.id}`);
      return { ...changed, selection: { snaps: new Set([command.entry.id]), links: new Set() } };
    }
    case 'move':
      return step(state, moveSnaps(present, command.places), command.isAll ? 'Arranged all snaps' : '');
    case 'remove': {
      const count = selection.snaps.size + selection.links.size;
      if (count === 0) return state;
      const removed = step(state, remove(present, selection.snaps, selection.links), `Removed ${count}`);
      return { ...removed, selection: nothingSelected };
    }
    case 'paste': {
      const { draft, ids } = paste(present, command.clip);
      return { ...step(state, draft, `Pasted ${ids.size}`), selection: { snaps: ids, links: new Set() } };
    }
    case 'describe':
      return step(state, describe(present, command.about), 'Changed the pipeline');
    case 'replace':
      return { ...step(state, command.draft, command.news), selection: nothingSelected };
    case 'select':
      return { ...state, selection: { ...selection, ...command.selection } };
    case 'undo':
      return travel(state, 'past');
    case 'redo':
      return travel(state, 'future');
  }
}

/** A snap added without a place stands behind the one selected snap, linked to it where their views fit. */
function addAndLink(state: DesignerState, command: Command & { type: 'add' }): DesignerState {
  const { snap, place, catalog, account } = command;
  const { present, selection } = state;
  const [before] = place === undefined && selection.snaps.size === 1 ? [...selection.snaps] : [];
  const at = before === undefined ? place : placeAfter(before, present.layout);
  const added = addSnap(present, snap, { place: at, account });
  const draft = before === undefined ? added.draft : linkedAfter(added.draft, before, added.id, catalog);
  const isLinked = draft !== added.draft;
  const news = `Added ${snap.title} as ${added.id}${isLinked ? `, linked behind ${before}` : ''}`;
  return { ...step(state, draft, news), selection: { snaps: new Set([added.id]), links: new Set() } };
}

function linkedAfter(draft: Draft, from: string, to: string, catalog: Catalog): Draft {
  const entry = (id: string): SnapEntry | undefined => draft.pipeline.snaps.find((snap) => snap.id === id);
  const [source, target] = [entry(from), entry(to)];
  if (source === undefined || target === undefined) return draft;
  const used = new Set(draft.pipeline.links.map(([end]) => end));
  for (const fromView of viewNames('output', source, catalog)) {
    for (const toView of viewNames('input', target, catalog)) {
      const ends = { from, fromView, to, toView };
      const link = linkEntry(ends);
      if (fromView !== errorView && !used.has(link[0]) && linkFault(ends, draft.pipeline, catalog) === undefined)
        return addLink(draft, link);
    }
  }
  return draft;
}

function step(state: DesignerState, draft: Draft, news: string): DesignerState {
  if (JSON.stringify(draft) === JSON.stringify(state.present)) return state;
  return {
    ...state,
    past: [...state.past, state.present].slice(-undoStepsMax),
    present: draft,
    future: [],
    news: news === '' ? state.news : news,
  };
}

function travel(state: DesignerState, direction: 'past' | 'future'): DesignerState {
  const draft = direction === 'past' ? state.past.at(-1) : state.future[0];
  if (draft === undefined) return state;
  const [past, future] =
    direction === 'past'
      ? [state.past.slice(0, -1), [state.present, ...state.future]]
      : [[...state.past, state.present], state.future.slice(1)];
  const news = direction === 'past' ? 'Undone' : 'Done again';
  return { ...state, past, future, present: draft, selection: nothingSelected, news };
}

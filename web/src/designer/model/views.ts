// Owns which views a snap has, and which of them a link may join. It says the same as the host's check, before a link is made.
import type { JsonObject, JsonValue } from '../../../../src/document/json.ts';
import type { SnapDetail } from '../../api.ts';
import type { LinkEntry, Pipeline, SnapEntry } from './pipeline.ts';

/** The view that documents with errors leave by; every snap has it. */
export const errorView = 'error';

export interface FilterOperator {
  readonly name: string;
  readonly title: string;
  readonly value: string;
  /** Formats of fields that it does not fit. */
  readonly notFor: readonly string[];
}

/** A snap of the catalog with what the designer asks of it. */
export interface CatalogSnap extends SnapDetail {
  readonly pack: string;
  readonly operators: readonly FilterOperator[];
  /** The name of the setting that says which resource the snap is about. */
  readonly resourceSetting?: string;
  readonly documentation?: string;
}

export type Catalog = ReadonlyMap<string, CatalogSnap>;

export interface LinkEnds {
  readonly from: string;
  readonly fromView: string;
  readonly to: string;
  readonly toView: string;
}

interface ViewRule {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
  readonly namesFrom?: string;
}

/** The names of a snap's views on one side, without the error view. A snap that no pack has shows the usual ones. */
export function viewNames(side: 'input' | 'output', entry: SnapEntry, catalog: Catalog): readonly string[] {
  const rule = ruleOf(side, entry, catalog);
  if (rule === undefined) return [side];
  if (rule.max === 0) return [];
  if (rule.names !== undefined) return rule.names;
  if (rule.namesFrom === undefined) return [side];
  const names = entry.settings?.[rule.namesFrom];
  return isObject(names) ? Object.keys(names) : [];
}

const indexes = new WeakMap<Pipeline['snaps'], ReadonlyMap<string, SnapEntry>>();

/** A snap by its id. A pipeline is never changed in place, so that one index of its snaps serves it for good. */
export function snapById({ snaps }: Pipeline, id: string): SnapEntry | undefined {
  let index = indexes.get(snaps);
  if (index === undefined) {
    index = new Map(snaps.map((snap) => [snap.id, snap]));
    indexes.set(snaps, index);
  }
  return index.get(id);
}

/** Splits a link into its ends; a view that is not named is the only one of its side. */
export function linkEnds([from, to]: LinkEntry, pipeline: Pipeline, catalog: Catalog): LinkEnds {
  const [fromId, fromView] = splitEnd(from);
  const [toId, toView] = splitEnd(to);
  const view = (side: 'input' | 'output', id: string): string => {
    const entry = snapById(pipeline, id);
    return entry === undefined ? side : (viewNames(side, entry, catalog)[0] ?? side);
  };
  return {
    from: fromId,
    fromView: fromView ?? view('output', fromId),
    to: toId,
    toView: toView ?? view('input', toId),
  };
}

/** The link as it stands in a file: a usual view needs no name. */
export function linkEntry({ from, fromView, to, toView }: LinkEnds): LinkEntry {
  return [fromView === 'output' ? from : `${from}.${fromView}`, toView === 'input' ? to : `${to}.${toView}`];
}

export const linkKey = ([from, to]: LinkEntry): string => `${from} > ${to}`;

/** Why two views cannot be joined; undefined when they can. */
export function linkFault(ends: LinkEnds, pipeline: Pipeline, catalog: Catalog): string | undefined {
  const from = snapById(pipeline, ends.from);
  const to = snapById(pipeline, ends.to);
  if (from === undefined || to === undefined) return 'one of the snaps does not exist';
  if (from === to) return 'a snap cannot feed itself';
  const outputs = [...viewNames('output', from, catalog), errorView];
  if (!outputs.includes(ends.fromView)) return `"${from.id}" has no output view "${ends.fromView}"`;
  if (!viewNames('input', to, catalog).includes(ends.toView)) return `"${to.id}" takes no documents`;
  const links = pipeline.links.map((link) => linkEnds(link, pipeline, catalog));
  if (links.some((link) => sameEnds(link, ends))) return 'this link exists already';
  const rule = ruleOf('input', to, catalog);
  if (rule?.names !== undefined && links.some((link) => link.to === to.id && link.toView === ends.toView))
    return `the ${ends.toView} input of "${to.id}" is fed already`;
  const max = rule?.max ?? Number.POSITIVE_INFINITY;
  const taken = links.filter((link) => link.to === to.id).length;
  if (taken >= max) return `"${to.id}" takes ${max === 1 ? 'one link' : `${max} links`}; a union joins several`;
  return reaches(to.id, from.id, links) ? 'the link would close a cycle' : undefined;
}

function reaches(start: string, goal: string, links: readonly LinkEnds[]): boolean {
  const next = new Map<string, string[]>();
  for (const { from, to } of links) next.set(from, [...(next.get(from) ?? []), to]);
  const seen = new Set<string>();
  const waiting = [start];
  // Each snap is looked at once, so the walk ends after as many steps as there are snaps.
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === goal) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...(next.get(id) ?? []));
  }
  return false;
}

function ruleOf(side: 'input' | 'output', entry: SnapEntry, catalog: Catalog): ViewRule | undefined {
  const rule = catalog.get(entry.snap)?.views[side];
  return rule === undefined ? undefined : (rule as unknown as ViewRule);
}

function splitEnd(text: string): readonly [string, string | undefined] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text, undefined] : [text.slice(0, dot), text.slice(dot + 1)];
}

const sameEnds = (one: LinkEnds, other: LinkEnds): boolean =>
  one.from === other.from && one.fromView === other.fromView && one.to === other.to && one.toView === other.toView;

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

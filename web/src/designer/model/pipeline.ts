// Owns the pipeline as the designer edits it: the file's own shape, and the places of its snaps beside it.
import type { JsonObject, JsonValue } from '../../../../src/document/json.ts';

export interface SnapEntry {
  readonly id: string;
  readonly snap: string;
  readonly title?: string;
  readonly account?: string;
  readonly errors?: 'stop' | 'discard' | 'route';
  readonly execution?: 'always' | 'execute-only' | 'disabled';
  readonly settings?: JsonObject;
}

/** From and to, each as SNAP or SNAP.VIEW. */
export type LinkEntry = readonly [string, string];

export interface Pipeline {
  readonly name: string;
  readonly description?: string;
  readonly parameters?: JsonObject;
  readonly snaps: readonly SnapEntry[];
  readonly links: readonly LinkEntry[];
}

/** Where a snap stands on the canvas, in pixels at full size. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

export type Layout = Readonly<Record<string, Place>>;

/** What undo goes back to. */
export interface Draft {
  readonly pipeline: Pipeline;
  readonly layout: Layout;
}

export function emptyDraft(name: string): Draft {
  return { pipeline: { name, snaps: [], links: [] }, layout: {} };
}

/** A pipeline of the store or of a file. What is no snap or no link is left out; everything else stays as it was. */
export function readPipeline(value: JsonObject): Pipeline {
  const snaps = Array.isArray(value.snaps) ? value.snaps : [];
  const links = Array.isArray(value.links) ? value.links : [];
  return {
    ...value,
    name: typeof value.name === 'string' ? value.name : 'pipeline',
    snaps: snaps.filter(isSnap) as unknown as readonly SnapEntry[],
    links: links.filter(isLink) as unknown as readonly LinkEntry[],
  };
}

/** Places as the store keeps them; a snap without one is placed by the layout. */
export function readLayout(value: JsonObject): Layout {
  const places = Object.entries(value).filter(
    ([, place]) => isObject(place) && typeof place.x === 'number' && typeof place.y === 'number',
  );
  return Object.fromEntries(places) as unknown as Layout;
}

/** The text of a `.pipeline.json` file. */
export function pipelineText(pipeline: Pipeline): string {
  return `${JSON.stringify(pipeline, null, 2)}\n`;
}

export const asJson = (pipeline: Pipeline): JsonObject => pipeline as unknown as JsonObject;

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSnap = (value: JsonValue): boolean =>
  isObject(value) && typeof value.id === 'string' && typeof value.snap === 'string';

const isLink = (value: JsonValue): boolean =>
  Array.isArray(value) && value.length === 2 && value.every((end) => typeof end === 'string');

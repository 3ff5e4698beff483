// Owns copied snaps as text: what is copied here is pasted into another pipeline, another window, or a file, and the other way round.
import type { JsonObject, JsonValue } from '../../../../src/document/json.ts';
import { isJsonObject, objectIn } from '../../json.ts';
import type { Clip } from './edit.ts';
import { readLayout, readPipeline } from './pipeline.ts';

/** Characters of a pasted text; beyond them it is no copy of snaps. */
const textCharactersMax = 5_000_000;

/** The text of a copy: the snaps and links as they stand in a pipeline file, and their places beside them. */
export function clipText({ snaps, links, layout }: Clip): string {
  return `${JSON.stringify({ snaps, links, layout }, null, 2)}\n`;
}

/** The snaps that a text holds: a copy, a pipeline, a list of snaps or one snap; undefined when it holds none. */
export function clipOf(text: string): Clip | undefined {
  if (text.length > textCharactersMax) return undefined;
  // A list becomes a member of an object, so that one reading serves all.
  const value = objectIn(text.trimStart().startsWith('[') ? `{"snaps":${text}}` : text);
  if (value === undefined) return undefined;
  const whole: JsonObject = Array.isArray(value.snaps) ? value : { snaps: [value] };
  const { snaps, links } = readPipeline(whole);
  const fresh = snaps.map(({ id, ...rest }) => ({ ...rest, id: shapedId(id) }));
  if (fresh.length === 0 || new Set(fresh.map(({ id }) => id)).size < fresh.length) return undefined;
  return { snaps: fresh, links, layout: readLayout(objectOf(whole.layout)) };
}

const objectOf = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});

/** An id that no file could hold would make a pipeline that cannot be saved. */
const shapedId = (id: string): string => (/^[A-Za-z][A-Za-z0-9_-]{0,59}$/u.test(id) ? id : 'snap');

// Owns reading the structure of an .slp file: snaps, links, parameters, and the wrapping of every value in { value, expression }.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { ConfigurationError } from '../../errors.ts';
import { joinPointer, readJsonFile } from '../../schema/index.ts';

export interface SlpSnap {
  /** The key in snap_map. */
  readonly key: string;
  readonly label: string;
  readonly className: string;
  readonly errorBehavior: JsonValue;
  readonly account: { readonly label: string | undefined; readonly isSet: boolean };
  readonly settings: JsonObject;
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

export interface SlpLink {
  readonly from: string;
  readonly fromView: string;
  readonly to: string;
  readonly toView: string;
}

export interface SlpFile {
  readonly label: string | undefined;
  readonly notes: string | undefined;
  readonly properties: JsonObject;
  readonly snaps: readonly SlpSnap[];
  readonly links: readonly SlpLink[];
  /** Links that name a snap that is not there: the pointer of each. */
  readonly brokenLinks: readonly string[];
}

/** A value as it stands in the file: unwrapped, with whether it is an expression. */
export interface SlpValue {
  readonly value: JsonValue | undefined;
  readonly isExpression: boolean;
}

const snapsMax = 500;
const linksMax = 5000;

/** Reads an .slp file, or what stands in one. Throws SNAP_PIPELINE_NOT_FOUND, and SNAP_PIPELINE_INVALID when it is no such file. */
export function readSlpFile(file: string, content?: JsonValue): SlpFile {
  const json = asObject(
    content ??
      readJsonFile(file, {
        code: 'SNAP_PIPELINE_INVALID',
        codeNotFound: 'SNAP_PIPELINE_NOT_FOUND',
        name: `the pipeline ${file}`,
      }),
  );
  const snapMap = asObject(json.snap_map);
  const keys = Object.keys(snapMap);
  if (keys.length === 0) throw notAPipeline(file, 'it has no "snap_map" with snaps');
  if (keys.length > snapsMax) throw notAPipeline(file, `it has more than ${snapsMax} snaps`);
  const linkMap = Object.entries(asObject(json.link_map));
  if (linkMap.length > linksMax) throw notAPipeline(file, `it has more than ${linksMax} links`);
  const properties = asObject(json.property_map);
  const info = asObject(properties.info);
  const links = linkMap.map(([key, link]) => ({ key, ...linkOf(asObject(link)) }));
  const isWhole = ({ from, to }: SlpLink): boolean => Object.hasOwn(snapMap, from) && Object.hasOwn(snapMap, to);
  return {
    label: textOf(unwrap(info.label).value),
    notes: textOf(unwrap(info.notes).value),
    properties,
    snaps: keys.map((key) => snapOf(key, asObject(snapMap[key]))),
    links: links.filter(isWhole),
    brokenLinks: links.filter((link) => !isWhole(link)).map(({ key }) => joinPointer('', 'link_map', key)),
  };
}

function snapOf(key: string, snap: JsonObject): SlpSnap {
  const properties = asObject(snap.property_map);
  // Newer files name the class with its version and build behind it.
  const className = textOf(snap.class_id) ?? (textOf(snap.class_fqid) ?? 'unknown').replace(/_\d.*$/u, '');
  const reference = unwrap(asObject(properties.account).account_ref);
  const account = asObject(reference.value);
  const accountLabel = textOf(unwrap(account.label).value);
  return {
    key,
    label: textOf(unwrap(asObject(properties.info).label).value) ?? className,
    className,
    errorBehavior: unwrap(asObject(properties.error).error_behavior).value ?? null,
    account: {
      label: reference.isExpression ? undefined : accountLabel,
      isSet: reference.isExpression || accountLabel !== undefined,
    },
    settings: asObject(properties.settings),
    inputs: asObject(properties.input),
    outputs: asObject(properties.output),
  };
}

function linkOf(link: JsonObject): SlpLink {
  const views = { fromView: String(link.src_view_id ?? 'output0'), toView: String(link.dst_view_id ?? 'input0') };
  return { from: String(link.src_id), to: String(link.dst_id), ...views };
}

/** Takes a value out of its wrapping; one that has none is itself. */
export function unwrap(wrapped: JsonValue | undefined): SlpValue {
  const object = asObject(wrapped);
  if (!('value' in object) && !('expression' in object)) return { value: wrapped, isExpression: false };
  return { value: object.value, isExpression: object.expression === true };
}

/** Follows a path of names ("transformations/mappingTable") through wrapped settings. */
export function settingAt(settings: JsonObject, path: string): SlpValue {
  let found: SlpValue = { value: settings, isExpression: false };
  for (const name of path.split('/')) found = unwrap(asObject(found.value)[name]);
  return found;
}

export const asObject = (value: JsonValue | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};

export const asRows = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.map((row: JsonValue) => asObject(row)) : [];

export const textOf = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function notAPipeline(file: string, reason: string): ConfigurationError {
  return new ConfigurationError('SNAP_PIPELINE_INVALID', `Could not import ${file}: it is no .slp pipeline.`, {
    reason,
    resolution: 'export the pipeline again, and name the exported .slp file',
  });
}

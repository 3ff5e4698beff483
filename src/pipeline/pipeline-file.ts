// Owns reading pipeline files: text to JSON to the shape that the schema says.
import path from 'node:path';
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import { type Check, compileCheck, type JsonSchema, parseJson, readJsonFile } from '../schema/index.ts';

/** What becomes of a run whose process died: `snaps serve` resumes it, or it is left to a person. */
export type AfterCrash = 'resume' | 'leave';

export type Execution = 'always' | 'execute-only' | 'disabled';

export interface Parameter {
  readonly type: 'string' | 'number' | 'integer' | 'boolean';
  readonly default?: string | number | boolean;
  readonly description?: string;
}

export interface SnapEntry {
  readonly id: string;
  readonly snap: string;
  readonly title?: string;
  readonly account?: string;
  readonly errors?: 'stop' | 'discard' | 'route';
  readonly execution?: Execution;
  readonly settings?: JsonObject;
}

export type Link = readonly [from: string, to: string];

/** A pipeline as it stands in its file; sound only when `checkShape` finds nothing. */
export interface PipelineFile {
  readonly name: string;
  readonly description?: string;
  readonly afterCrash?: AfterCrash;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly snaps: readonly SnapEntry[];
  readonly links?: readonly Link[];
  /** The pipeline that gets what went wrong. */
  readonly errorPipeline?: string;
  readonly limits?: RunLimits;
}

/** Bounds of one run. */
export interface RunLimits {
  /** Of one start of the run; a resume begins counting anew. */
  readonly seconds?: number;
  /** Documents of all sources together, over all starts of the run. */
  readonly documents?: number;
}

const schemaFile = path.join(import.meta.dirname, '../../schemas/host/pipeline.schema.json');
let check: Check | undefined;

/** Parses a pipeline's text. Throws SNAP_PIPELINE_INVALID naming line and column. */
export function parsePipeline(text: string, name = 'the pipeline'): JsonValue {
  return parseJson(text, { code: 'SNAP_PIPELINE_INVALID', name });
}

/** Reads a pipeline file. Throws SNAP_PIPELINE_NOT_FOUND, or SNAP_PIPELINE_INVALID naming line and column. */
export function readPipelineFile(file: string): JsonValue {
  return readJsonFile(file, {
    code: 'SNAP_PIPELINE_INVALID',
    codeNotFound: 'SNAP_PIPELINE_NOT_FOUND',
    name: `the pipeline ${file}`,
  });
}

/** The faults that the pipeline schema finds. */
export function checkShape(pipeline: JsonValue): Fault[] {
  check ??= compileCheck(
    readJsonFile(schemaFile, { code: 'SNAP_INTERNAL', name: 'the pipeline schema' }) as JsonSchema,
  );
  return check(pipeline);
}

/**
 * What of a faulty pipeline can still be checked: entries of the right kind stay, at their places, and others become
 * undefined, so that one look finds all faults and not only those of the shape.
 */
export interface LoosePipeline {
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly snaps: readonly (SnapEntry | undefined)[];
  readonly links: readonly (Link | undefined)[];
  readonly errorPipeline: string | undefined;
}

export function loosen(pipeline: JsonValue): LoosePipeline {
  const { parameters, snaps, links, errorPipeline } = asObject(pipeline) ?? {};
  const known = Object.entries(asObject(parameters) ?? {}).flatMap(([name, value]): [string, Parameter][] => {
    const type = asObject(value)?.type;
    return typeof type === 'string' ? [[name, value as unknown as Parameter]] : [];
  });
  return {
    parameters: Object.fromEntries(known),
    snaps: asList(snaps).map((entry) => {
      const fields = asObject(entry);
      if (typeof fields?.id !== 'string' || typeof fields.snap !== 'string') return undefined;
      const { settings, account, ...rest } = fields;
      const kept = { ...rest, ...(typeof account === 'string' ? { account } : {}) };
      return { ...kept, settings: asObject(settings) ?? {} } as unknown as SnapEntry;
    }),
    links: asList(links).map((entry) => {
      const [from, to] = asList(entry);
      return typeof from === 'string' && typeof to === 'string' ? [from, to] : undefined;
    }),
    errorPipeline: typeof errorPipeline === 'string' ? errorPipeline : undefined,
  };
}

/** A pipeline as it runs as an error pipeline: what goes wrong there is told and goes no further. */
export function withoutErrorPipeline(pipeline: JsonValue): JsonValue {
  const fields = asObject(pipeline);
  if (fields === undefined) return pipeline;
  const { errorPipeline: _, ...rest } = fields;
  return rest;
}

const asList = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : []);

const asObject = (value: JsonValue | undefined): JsonObject | undefined =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined;

// What a pipeline needs to know of the pipelines that its snaps run. They are loaded before the check; nothing here reads a file.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { LoadedSnap } from '../pack/pack.ts';
import type { SnapEntry } from './pipeline-file.ts';

/** A pipeline that a snap of another one runs, with those that it runs in turn. */
export interface ChildPipeline {
  /** How people know it: as the reference names it. */
  readonly title: string;
  /** Its absolute path; undefined for a pipeline of the store. */
  readonly file?: string;
  readonly pipeline: JsonValue;
  readonly children: ChildPipelines;
}

/** Gives the pipeline behind a reference; a text says why there is none. */
export type ChildPipelines = (reference: string) => ChildPipeline | string;

/** The host's own executor that runs pipelines. */
const childBuiltin = 'pipeline';

export function runsPipeline(snap: LoadedSnap | undefined): boolean {
  return snap?.declaration.builtin === childBuiltin;
}

/** Settings of a snap that runs a pipeline, after their check. */
export interface ChildSettings {
  readonly pipeline: string;
  readonly mode: 'each' | 'stream';
  /** Values, or expressions in their place. */
  readonly parameters: JsonObject;
  readonly output: 'summary' | 'documents';
}

/** Reads the settings as far as they are sound; undefined when they name no pipeline. */
export function childSettings({ settings = {} }: Pick<SnapEntry, 'settings'>): ChildSettings | undefined {
  const { pipeline, mode, parameters, output } = settings;
  if (typeof pipeline !== 'string') return undefined;
  const isObject = parameters !== null && typeof parameters === 'object' && !Array.isArray(parameters);
  return {
    pipeline,
    mode: mode === 'stream' ? 'stream' : 'each',
    parameters: isObject ? (parameters as JsonObject) : {},
    output: output === 'documents' ? 'documents' : 'summary',
  };
}

/** A view of a snap. */
export interface ViewEnd {
  readonly snap: string;
  readonly view: string;
}

/** Views to which nothing is linked: documents come in and go out there when another pipeline runs this one. */
export interface OpenViews {
  /** Inputs that need a link. */
  readonly inputs: readonly ViewEnd[];
  /** Outputs; never the error view. */
  readonly outputs: readonly ViewEnd[];
}

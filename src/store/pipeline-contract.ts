// What the store keeps of pipelines that are built on the web page. Types only.
import type { JsonObject } from '../document/json.ts';

export interface PipelineRow {
  readonly name: string;
  /** The version that `pipeline` is; the newest unless another was asked for. Counted from 1. */
  readonly version: number;
  /** The newest version. */
  readonly newest: number;
  /** The pipeline as it stands in a file. */
  readonly pipeline: JsonObject;
  /** Where the designer shows its snaps. It has no versions. */
  readonly layout: JsonObject;
  /** ISO 8601, of the newest version or layout. */
  readonly updatedAt: string;
}

export interface PipelineVersionRow {
  readonly version: number;
  readonly pipeline: JsonObject;
  /** ISO 8601. */
  readonly savedAt: string;
}

export interface PipelineSave {
  readonly name: string;
  readonly pipeline: JsonObject;
  /** Undefined leaves the layout as it is. */
  readonly layout: JsonObject | undefined;
  /** The newest version that the writer knew; 0 for a new pipeline. */
  readonly basedOn: number;
}

export interface PipelineRows {
  /** All pipelines by name, each in its newest version. */
  list(): Promise<readonly PipelineRow[]>;
  find(name: string, version?: number): Promise<PipelineRow | undefined>;
  /** Adds a version when the pipeline differs from the newest. `stale` when somebody saved in between, `exists` for a taken name. */
  save(save: PipelineSave): Promise<'done' | 'stale' | 'exists'>;
  /** Newest first. */
  versions(name: string, limit: number): Promise<readonly PipelineVersionRow[]>;
  remove(name: string): Promise<boolean>;
}

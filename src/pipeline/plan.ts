// What a pipeline is once it is checked: frozen data that the engine runs. Types only.
import type { JsonObject } from '../document/json.ts';
import type { LoadedSnap } from '../pack/pack.ts';
import type { OpenViews } from './child-pipeline.ts';
import type { AfterCrash, Execution, Link, Parameter, PipelineFile, RunLimits } from './pipeline-file.ts';

export type ErrorPolicy = 'stop' | 'discard' | 'route';
export type { AfterCrash, Execution, Link, Parameter, PipelineFile, RunLimits };

/** One link with its views spelled out. */
export interface PlannedLink {
  readonly from: string;
  readonly fromView: string;
  readonly to: string;
  readonly toView: string;
}

export interface PlannedSnap {
  readonly id: string;
  readonly snap: LoadedSnap;
  readonly settings: JsonObject;
  /** The account's name in the store. */
  readonly account: string | undefined;
  readonly errors: ErrorPolicy;
  /** `disabled` stands for everything behind a disabled snap too. */
  readonly execution: Execution;
  readonly inputViews: readonly string[];
  readonly outputViews: readonly string[];
  /** Whose parameters its expressions see: a pipeline that documents flow through, by its snap; undefined for the plan's own. */
  readonly scope?: string;
}

/** The parameters of a pipeline that documents flow through. Their values are known when the run begins. */
export interface PlannedScope {
  /** The scope whose parameters the given expressions see; undefined for the plan's own. */
  readonly within: string | undefined;
  readonly declared: Readonly<Record<string, Parameter>>;
  readonly given: JsonObject;
}

/** A pipeline that a snap runs once for each document, in runs of their own. */
export interface PlannedChild {
  readonly title: string;
  /** Its absolute path; undefined for a pipeline of the store. */
  readonly file?: string;
  readonly pipeline: JsonObject;
  readonly snaps: readonly PlannedSnap[];
  readonly links: readonly PlannedLink[];
  readonly children: Readonly<Record<string, PlannedChild>>;
  readonly declared: Readonly<Record<string, Parameter>>;
  /** Whether its open input gets the document. */
  readonly takesDocument: boolean;
  /** The plan for one run. Throws SNAP_PIPELINE_INVALID when a value is not what its parameter says. */
  readonly plan: (parameters: JsonObject) => PipelinePlan;
}

export interface PipelinePlan {
  readonly name: string;
  readonly parameters: JsonObject;
  /** What the pipeline's own file says; undefined leaves it to the schedule and the host. */
  readonly afterCrash: AfterCrash | undefined;
  /** In the order of the file. */
  readonly snaps: readonly PlannedSnap[];
  readonly links: readonly PlannedLink[];
  /** By the id of the snap that runs them. */
  readonly children: Readonly<Record<string, PlannedChild>>;
  /** By the id of the snap that documents flow through. */
  readonly scopes: Readonly<Record<string, PlannedScope>>;
  readonly open: OpenViews;
  /** The pipeline that gets what went wrong, in a run of its own. */
  readonly errorPipeline: PlannedChild | undefined;
  readonly limits: RunLimits;
  /** What a checkpoint is only good for: a hash for each part of the pipeline, by its place. */
  readonly fingerprint: Readonly<Record<string, string>>;
}

// What a pipeline is once it is checked: frozen data that the engine runs. Types only.
import type { JsonObject } from '../document/json.ts';
import type { LoadedSnap } from '../pack/pack.ts';
import type { AfterCrash, Execution, Link, Parameter, PipelineFile } from './pipeline-file.ts';

export type ErrorPolicy = 'stop' | 'discard' | 'route';
export type { AfterCrash, Execution, Link, Parameter, PipelineFile };

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
}

export interface PipelinePlan {
  readonly name: string;
  readonly parameters: JsonObject;
  /** What the pipeline's own file says; undefined leaves it to the schedule and the host. */
  readonly afterCrash: AfterCrash | undefined;
  /** In the order of the file. */
  readonly snaps: readonly PlannedSnap[];
  readonly links: readonly PlannedLink[];
  /** What a checkpoint is only good for: a hash for each part of the pipeline, by its place. */
  readonly fingerprint: Readonly<Record<string, string>>;
}

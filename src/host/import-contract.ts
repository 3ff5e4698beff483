// The contract of importing pipelines of another product. Types only.
import type { JsonObject } from '../document/json.ts';

/** Something that a person must look at, with where it stands in the foreign file. */
export interface ImportNote {
  /** JSON pointer into the foreign file. */
  readonly pointer: string;
  /** The label of the foreign snap; null for the pipeline itself. */
  readonly snap: string | null;
  readonly message: string;
}

export interface PipelineImport {
  /** As it stands in a pipeline file. What could not be mapped makes it unsound, so that a check names it. */
  readonly pipeline: JsonObject;
  readonly mapped: readonly { readonly id: string; readonly label: string; readonly snap: string }[];
  /** What was not taken over. */
  readonly unmapped: readonly ImportNote[];
  /** What was taken over and may not do quite the same. */
  readonly remarks: readonly ImportNote[];
}

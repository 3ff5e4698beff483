// The contract of the catalog: what the loaded packs offer. Types only.
import type { JsonObject } from '../document/json.ts';

export interface PackView {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly description: string;
  readonly snaps: number;
  readonly resources: number;
}

/** An account type with what a form needs. */
export interface AccountTypeView {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly pack: string;
  readonly documentation: string | null;
  readonly grants: readonly string[];
  /** The settings schema. */
  readonly settings: JsonObject;
}

export interface SnapView {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly accountTypes: readonly string[];
}

export interface ResourceView {
  readonly key: string;
  readonly title: string;
  readonly pack: string;
  readonly listable: boolean;
  /** How many calls are documented. */
  readonly calls: number;
  /** What can be done with it, in the words of the catalog: list, get, create, update, delete, action, download, upload. */
  readonly verbs: readonly string[];
  /** Names of its documented actions. */
  readonly actions: readonly string[];
}

/** What the packs offer. */
export interface Catalog {
  packs(): readonly PackView[];
  /** The account types that can be stored. */
  accountTypes(): readonly AccountTypeView[];
  snaps(): readonly SnapView[];
  /** One snap with its settings schema, views and filter operators. Throws SNAP_PACK_NOT_FOUND naming near ids. */
  snap(id: string): JsonObject;
  resources(): readonly ResourceView[];
  /** One resource with its calls, scopes and record schema. Throws SNAP_PACK_NOT_FOUND. */
  resource(key: string): JsonObject;
  /** The schema of an object that records refer to (`x-ref`). Throws SNAP_PACK_NOT_FOUND. */
  object(pack: string, name: string): JsonObject;
  /** Checks one pack folder. Throws SNAP_PACK_INVALID with every fault. */
  checkPack(directory: string): Promise<PackView>;
  /** The reference page of a pack folder, in Markdown. Throws SNAP_PACK_INVALID. */
  packPage(directory: string): Promise<{ readonly name: string; readonly page: string }>;
}

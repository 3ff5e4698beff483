// Owns what a loaded pack is: frozen data, looked up by id. Never holds anything of an account or a run.
import type { ImportTable } from '../generated/host/import-table.ts';
import type { AccountType, Manifest, Operation, Snap } from '../generated/host/manifest.ts';
import type { Check, JsonSchema, SettingsCheck } from '../schema/index.ts';

export type { ImportRule, ImportSetting, ImportTable } from '../generated/host/import-table.ts';
export type {
  AccountType as AccountTypeDeclaration,
  Api,
  Drain,
  ErrorRule,
  ErrorShape,
  Filters,
  Incremental,
  Manifest,
  Operation,
  Paging,
  QueryParameter,
  Snap as SnapDeclaration,
  Suggestion as SuggestionCall,
} from '../generated/host/manifest.ts';

export type CallKind = 'list' | 'get' | 'create' | 'update' | 'delete' | 'action' | 'download' | 'upload';

/** One documented call of a resource, as the catalog has it. `path` holds :placeholders. */
export interface ResourceCall {
  readonly id: string;
  readonly action: string;
  readonly verb: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly kind: CallKind;
  readonly scope: string;
  readonly scopeSource: 'documented' | 'inferred';
}

export interface Resource {
  readonly key: string;
  readonly title: string;
  /** The record's schema, a file beside the catalog. */
  readonly schema: string;
  readonly group: string;
  /** Whether the whole collection can be read with one documented call. */
  readonly listable: boolean;
  readonly cursorField?: string | null;
  readonly naturalKey: readonly string[] | null;
  readonly exportable: boolean;
  readonly calls: readonly ResourceCall[];
}

export interface LoadedAccountType {
  readonly id: string;
  readonly pack: string;
  readonly declaration: AccountType;
  readonly settingsSchema: JsonSchema;
  /** Checks filled-in settings against the schema. The host setting is checked by `accountOrigin`. */
  readonly checkSettings: Check;
}

export interface LoadedSnap {
  readonly id: string;
  readonly pack: string;
  readonly declaration: Snap;
  readonly settingsSchema: JsonSchema;
  /** Checks the shape of the settings; what only the resource's schema can tell is checked by `snap/`. */
  readonly checkSettings: SettingsCheck;
}

/** A snap pack, checked and frozen. */
export interface Pack {
  readonly name: string;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly accountTypes: ReadonlyMap<string, LoadedAccountType>;
  readonly snaps: ReadonlyMap<string, LoadedSnap>;
  readonly operations: ReadonlyMap<string, Operation>;
  /** What the snaps of another product's pipeline files are here; undefined when the pack says nothing of it. */
  readonly imports: ImportTable | undefined;
  /** The catalog, by key. */
  readonly resources: ReadonlyMap<string, Resource>;
  /** The schema of an object by its file name without ending ("invoice"); undefined when the pack has none of that name. */
  objectSchema(name: string): JsonSchema | undefined;
  /** The schema of a resource's records. */
  recordSchema(resource: Resource): JsonSchema | undefined;
}

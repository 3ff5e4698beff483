// Owns what the settings form knows beyond the schema: the snap, the documents that reach it, the resource it is about.
import type { FieldPathList, RegistryFieldsType, RJSFSchema } from '@rjsf/utils';
import type { JsonObject } from '../../../../src/document/json.ts';
import type { CatalogSnap } from '../model/views.ts';

export interface DesignerFormContext extends Record<string, unknown> {
  readonly snap: CatalogSnap;
  /** Previewed documents that reach the snap; empty before a preview. */
  readonly documents: readonly JsonObject[];
  /** The key of the resource that the settings name; undefined while they name none. */
  readonly resource: string | undefined;
  /** The name of the chosen account. */
  readonly account: string | undefined;
  /** The settings as far as they are filled in; asked for, so that a key stroke does not draw every field anew. */
  readonly currentSettings: () => JsonObject;
  /** Values of the pipeline's parameters, as far as they have some. */
  readonly parameters: JsonObject;
}

/** What a field of the designer uses of all that the form library hands it. */
export interface DesignerFieldProps<Value> {
  readonly fieldPathId: { readonly $id: string; readonly path: FieldPathList };
  readonly name: string;
  readonly schema: RJSFSchema;
  readonly formData?: Value | undefined;
  readonly onChange: (value: Value | undefined, path: FieldPathList) => void;
  readonly required?: boolean | undefined;
  readonly rawErrors?: readonly string[] | undefined;
  readonly errorSchema?: unknown;
  readonly registry: { readonly formContext: DesignerFormContext; readonly fields: RegistryFieldsType };
}

export const titleOf = ({ schema, name }: { readonly schema: RJSFSchema; readonly name: string }): string =>
  schema.title ?? name;

// Owns turning a settings schema into a form. The schema says everything: order, help, units, defaults, conditions.
// The package's own entry also brings its test helpers, which ask for a validator that this page must not have.
import Form, { type IChangeEvent } from '@rjsf/core/lib/components/Form.js';
import type { RegistryFieldsType, RegistryWidgetsType, RJSFSchema, UiSchema } from '@rjsf/utils';
import { type ReactElement, type ReactNode, useId, useMemo } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import type { Fault } from '../problem.ts';
import { extraErrors } from './extra-errors.ts';
import { templates } from './templates.tsx';
import { uiSchemaOf } from './ui-schema.ts';
import { formValidator } from './validator.ts';
import { widgets } from './widgets.tsx';

export interface SchemaFormProps {
  readonly schema: JsonObject;
  readonly value: JsonObject;
  /** `isValid` says whether the form's own check found nothing. */
  readonly onChange: (value: JsonObject, isValid: boolean) => void;
  readonly onSubmit?: (value: JsonObject) => void;
  /** Faults that the host found, with pointers into the value. */
  readonly faults?: readonly Fault[];
  /** Names of secrets that are stored already. */
  readonly storedSecrets?: readonly string[];
  /** Widgets and fields beyond the common ones, by the name that `x-widget` or `x-suggest` uses. */
  readonly extraWidgets?: RegistryWidgetsType;
  readonly extraFields?: RegistryFieldsType;
  readonly uiSchema?: UiSchema;
  /** Handed to widgets as `registry.formContext`. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly isReadOnly?: boolean;
  /** Shows faults while typing; otherwise after an attempt to submit. */
  readonly isLive?: boolean;
  /** What stands below the fields: the submit button. */
  readonly children?: ReactNode;
}

export function SchemaForm(props: SchemaFormProps): ReactElement {
  const { schema, value, onChange, onSubmit, faults, storedSecrets, extraWidgets, extraFields, context } = props;
  const id = useId().replace(/[^A-Za-z0-9]/gu, '');
  const usable = useMemo(() => withoutStored(schema, storedSecrets ?? []), [schema, storedSecrets]);
  const uiSchema = useMemo(
    () => ({ ...uiSchemaOf(usable, { storedSecrets, fields: Object.keys(extraFields ?? {}) }), ...props.uiSchema }),
    [usable, storedSecrets, extraFields, props.uiSchema],
  );
  const errors = useMemo(() => extraErrors(faults ?? []), [faults]);
  const allWidgets = useMemo(() => ({ ...widgets, ...extraWidgets }), [extraWidgets]);
  return (
    <Form
      className="schema-form"
      idPrefix={`form-${id}`}
      schema={usable}
      uiSchema={uiSchema}
      formData={value}
      validator={formValidator}
      templates={templates}
      widgets={allWidgets}
      {...(extraFields === undefined ? {} : { fields: extraFields })}
      formContext={context ?? {}}
      extraErrors={errors}
      readonly={props.isReadOnly ?? false}
      showErrorList={false}
      noHtml5Validate
      liveValidate={props.isLive ?? false}
      // A default is shown, not written: a stored file holds only what the person chose.
      experimental_defaultFormStateBehavior={{ emptyObjectFields: 'skipDefaults', allOf: 'skipDefaults' }}
      onChange={(event: IChangeEvent) => onChange((event.formData ?? {}) as JsonObject, event.errors.length === 0)}
      onSubmit={(event: IChangeEvent) => onSubmit?.((event.formData ?? {}) as JsonObject)}
    >
      {props.children ?? <span hidden />}
    </Form>
  );
}

/** A stored secret may stay empty, so it is no longer needed in the form. */
function withoutStored(schema: JsonObject, stored: readonly string[]): RJSFSchema {
  const relax = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(relax);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) =>
        key === 'required' && Array.isArray(member)
          ? [key, member.filter((name) => !stored.includes(String(name)))]
          : [key, relax(member)],
      ),
    );
  };
  return (stored.length === 0 ? schema : relax(schema)) as RJSFSchema;
}

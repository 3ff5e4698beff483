// Owns the settings that hold expressions: one, a set of named ones, and one in place of a value.
import type { FieldProps } from '@rjsf/utils';
import type { ReactElement } from 'react';
import type { JsonValue } from '../../../../src/document/json.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { ExpressionEditor, placed } from './expression-editor.tsx';
import { type DesignerFieldProps, titleOf } from './form-context.ts';
import { Labelled } from './labelled.tsx';
import { ScalarField } from './plain-fields.tsx';

export function ExpressionField(props: DesignerFieldProps<string>): ReactElement {
  const { fieldPathId, formData, onChange, schema, required = false, rawErrors = [] } = props;
  const { documents, parameters } = props.registry.formContext;
  const example = Array.isArray(schema.examples) ? schema.examples[0] : undefined;
  return (
    <Labelled id={fieldPathId.$id} label={titleOf(props)} schema={schema} isRequired={required}>
      <ExpressionEditor
        id={fieldPathId.$id}
        label={titleOf(props)}
        value={formData ?? ''}
        onChange={(text) => onChange(text === '' ? undefined : text, fieldPathId.path)}
        documents={documents}
        parameters={parameters}
        isWrong={rawErrors.length > 0}
        placeholder={typeof example === 'string' ? `e.g. ${example}` : ''}
      />
    </Labelled>
  );
}

/** Named expressions in their order: the fields of a map, the routes of a router. */
export function ExpressionMapField(props: DesignerFieldProps<Record<string, string>>): ReactElement {
  const { fieldPathId, formData = {}, onChange, schema, required = false, rawErrors, errorSchema } = props;
  const { documents, parameters } = props.registry.formContext;
  const rows = Object.entries(formData);
  const write = (next: readonly (readonly [string, string])[]): void =>
    onChange(Object.fromEntries(next), fieldPathId.path);
  const change = (index: number, row: readonly [string, string]): void =>
    write(rows.map((old, at) => (at === index ? row : old)));
  const faultsOf = (name: string): readonly string[] => {
    const errors = (errorSchema as Record<string, { __errors?: string[] }> | undefined)?.[name];
    return errors?.__errors ?? [];
  };
  return (
    <Labelled
      id={fieldPathId.$id}
      label={titleOf(props)}
      schema={schema}
      isRequired={required}
      isGroup
      faults={rawErrors ?? []}
    >
      {rows.map(placed).map(({ each: [name, expression], at: index }) => (
        <div key={index} className="expression-row">
          <NameInput
            label={`Name ${index + 1}`}
            name={name}
            taken={rows.map(([other]) => other)}
            onRename={(fresh) => change(index, [fresh, expression])}
          />
          <div>
            <ExpressionEditor
              id={`${fieldPathId.$id}-${index}`}
              label={`Expression for ${name || `name ${index + 1}`}`}
              value={expression}
              onChange={(text) => change(index, [name, text])}
              documents={documents}
              parameters={parameters}
              isWrong={faultsOf(name).length > 0}
            />
            {faultsOf(name).length === 0 ? null : <p className="field-fault">{faultsOf(name).join('; ')}</p>}
          </div>
          <IconButton
            icon="trash"
            label={`Remove ${name || `row ${index + 1}`}`}
            onClick={() => write(rows.filter((_row, at) => at !== index))}
          />
        </div>
      ))}
      <Button icon="plus" onClick={() => write([...rows, [freeName(rows.map(([name]) => name)), '']])}>
        Add to {titleOf(props).toLowerCase()}
      </Button>
    </Labelled>
  );
}

interface NameInputProps {
  readonly label: string;
  readonly name: string;
  readonly taken: readonly string[];
  readonly onRename: (name: string) => void;
}

/** A name that another row has is not taken over: both rows would become one and an expression would be lost. */
function NameInput({ label, name, taken, onRename }: NameInputProps): ReactElement {
  return (
    <input
      className="input"
      aria-label={label}
      value={name}
      spellCheck={false}
      onChange={(event) => {
        const fresh = event.target.value;
        if (fresh === name || !taken.includes(fresh)) onRename(fresh);
      }}
    />
  );
}

function freeName(taken: readonly string[]): string {
  let name = 'name';
  for (let number = 2; taken.includes(name); number += 1) name = `name${number}`;
  return name;
}

/** A value, or an expression in its place. */
export function ValueOrExpressionField(props: DesignerFieldProps<JsonValue>): ReactElement {
  const { fieldPathId, formData, onChange, schema, required = false } = props;
  const { documents, parameters } = props.registry.formContext;
  const expression = expressionIn(formData);
  const title = titleOf(props);
  return (
    <div className="value-or-expression">
      {expression === undefined ? (
        <PlainValue {...props} />
      ) : (
        <Labelled id={fieldPathId.$id} label={title} schema={schema} isRequired={required}>
          <ExpressionEditor
            id={fieldPathId.$id}
            label={title}
            value={expression}
            onChange={(text) => onChange({ expression: text }, fieldPathId.path)}
            documents={documents}
            parameters={parameters}
          />
        </Labelled>
      )}
      <button
        type="button"
        className="link-button"
        aria-label={expression === undefined ? `Use an expression for ${title}` : `Use a value for ${title}`}
        onClick={() => onChange(expression === undefined ? { expression: '' } : undefined, fieldPathId.path)}
      >
        {expression === undefined ? 'Use an expression' : 'Use a value'}
      </button>
    </div>
  );
}

const plainFields: Readonly<Record<string, string>> = {
  string: 'StringField',
  number: 'NumberField',
  integer: 'NumberField',
  boolean: 'BooleanField',
};

/** The library's own input: not its whole field, which would say help and faults a second time. */
function PlainValue(props: DesignerFieldProps<JsonValue>): ReactElement {
  const { fieldPathId, schema, registry, required = false } = props;
  if (typeof schema.type !== 'string')
    return <ScalarField {...(props as DesignerFieldProps<string | number | boolean>)} />;
  const Plain = registry.fields[plainFields[schema.type] ?? 'StringField'];
  if (Plain === undefined) return <span />;
  const input = <Plain {...(props as unknown as FieldProps)} uiSchema={{}} />;
  if (schema.type === 'boolean') return input;
  return (
    <Labelled id={fieldPathId.$id} label={titleOf(props)} schema={schema} isRequired={required}>
      {input}
    </Labelled>
  );
}

/** The text of an expression that stands for a value; undefined for a plain value. */
export function expressionIn(value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { expression } = value as { expression?: JsonValue };
  return typeof expression === 'string' ? expression : undefined;
}

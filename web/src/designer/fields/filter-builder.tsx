// Owns building filters: a field of the resource, an operator that fits it, a value in the form that the operator takes.
import type { FieldPathList } from '@rjsf/utils';
import type { ReactElement } from 'react';
import type { JsonObject, JsonValue } from '../../../../src/document/json.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { isMomentKind, MomentPicker } from '../../form/moment-picker.tsx';
import type { FilterOperator } from '../model/views.ts';
import { AskedInput } from './asked-input.tsx';
import { ExpressionEditor, placed } from './expression-editor.tsx';
import { expressionIn } from './expression-fields.tsx';
import type { DesignerFieldProps, DesignerFormContext } from './form-context.ts';
import { Labelled } from './labelled.tsx';
import { useResourceFields } from './use-resource-fields.ts';

interface Filter {
  readonly field?: string;
  readonly operator?: string;
  readonly value?: JsonValue;
}

export function FiltersField(props: DesignerFieldProps<readonly JsonObject[]>): ReactElement {
  const { fieldPathId, formData = [], onChange, schema, required = false, rawErrors } = props;
  const { snap, resource } = props.registry.formContext;
  const { fields } = useResourceFields(resource);
  const filters = formData as readonly Filter[];
  const write = (next: readonly Filter[]): void =>
    onChange(next.length === 0 ? undefined : (next as readonly JsonObject[]), fieldPathId.path);
  const kinds = new Map(fields.map(({ name, kind }) => [name, kind]));
  return (
    <Labelled
      id={fieldPathId.$id}
      label={schema.title ?? 'Filters'}
      schema={schema}
      isRequired={required}
      isGroup
      faults={[...(rawErrors ?? []), ...innerFaults(props.errorSchema)]}
    >
      {filters.map(placed).map(({ each: filter, at: index }) => (
        <div key={index} className="filter-row">
          <AskedInput
            id={`${fieldPathId.$id}-${index}-field`}
            label={`Field of filter ${index + 1}`}
            path={[...fieldPathId.path, index, 'field']}
            context={props.registry.formContext}
            value={filter.field ?? ''}
            onChange={(field) => write(replaced(filters, index, { ...filter, field }))}
          />
          <OperatorSelect
            label={`Operator of filter ${index + 1}`}
            operators={operatorsFor(snap.operators, kinds.get(filter.field ?? ''))}
            value={filter.operator ?? 'eq'}
            onChange={(operator) => write(replaced(filters, index, { ...filter, operator }))}
          />
          <ValueInput
            id={`${fieldPathId.$id}-${index}-value`}
            label={`Value of filter ${index + 1}`}
            kind={kinds.get(filter.field ?? '') ?? 'string'}
            form={snap.operators.find(({ name }) => name === (filter.operator ?? 'eq'))?.value ?? 'one'}
            value={filter.value}
            path={[...fieldPathId.path, index, 'value']}
            context={props.registry.formContext}
            onChange={(value) => write(replaced(filters, index, withValue(filter, value)))}
          />
          <IconButton
            icon="trash"
            label={`Remove filter ${index + 1}`}
            onClick={() => write(filters.filter((_filter, at) => at !== index))}
          />
        </div>
      ))}
      <Button icon="plus" onClick={() => write([...filters, { field: '', operator: 'eq' }])}>
        Add a filter
      </Button>
    </Labelled>
  );
}

/** The operators that fit a kind of field. */
export function operatorsFor(
  operators: readonly FilterOperator[],
  kind: string | undefined,
): readonly FilterOperator[] {
  return kind === undefined ? operators : operators.filter(({ notFor }) => !notFor.includes(kind));
}

interface OperatorSelectProps {
  readonly label: string;
  readonly operators: readonly FilterOperator[];
  readonly value: string;
  readonly onChange: (name: string) => void;
}

function OperatorSelect({ label, operators, value, onChange }: OperatorSelectProps): ReactElement {
  const isKnown = operators.some(({ name }) => name === value);
  return (
    <select className="input" aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      {isKnown ? null : <option value={value}>{value.replaceAll('_', ' ')}: does not fit</option>}
      {operators.map(({ name, title }) => (
        <option key={name} value={name}>
          {title}
        </option>
      ))}
    </select>
  );
}

interface ValueInputProps {
  readonly id: string;
  readonly label: string;
  readonly kind: string;
  /** "one", "list" or "boolean". */
  readonly form: string;
  readonly value: JsonValue | undefined;
  readonly path: FieldPathList;
  readonly context: DesignerFormContext;
  readonly onChange: (value: JsonValue | undefined) => void;
}

function ValueInput(props: ValueInputProps): ReactElement {
  const { id, label, value, context, onChange } = props;
  const { documents, parameters } = context;
  const expression = expressionIn(value);
  return (
    <div className="filter-value">
      {expression === undefined ? (
        <LiteralInput {...props} />
      ) : (
        <ExpressionEditor
          id={id}
          label={`${label}, an expression`}
          value={expression}
          onChange={(text) => onChange({ expression: text })}
          documents={documents}
          parameters={parameters}
        />
      )}
      <button
        type="button"
        className="link-button"
        aria-label={`${label}: use ${expression === undefined ? 'an expression' : 'a value'}`}
        onClick={() => onChange(expression === undefined ? { expression: '' } : undefined)}
      >
        {expression === undefined ? 'Use an expression' : 'Use a value'}
      </button>
    </div>
  );
}

function LiteralInput({ id, label, kind, form, value, path, context, onChange }: ValueInputProps): ReactElement {
  if (form === 'boolean' || kind === 'boolean') {
    return (
      <select
        id={id}
        className="input"
        aria-label={label}
        value={value === undefined ? '' : String(value)}
        onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value === 'true')}
      >
        <option value="">Choose</option>
        <option value="true">true</option>
        <option value="false">false</option>
      </select>
    );
  }
  const text = Array.isArray(value) ? value.join(', ') : value === undefined || value === null ? '' : String(value);
  const placeholder =
    { date: '2026-01-31', 'date-time': '2026-01-31T00:00:00Z', integer: '1', decimal: '1000.00' }[kind] ?? '';
  const read = (next: string): JsonValue | undefined => {
    if (next === '') return undefined;
    if (form === 'list') return next.split(',').map((word) => word.trimStart());
    return kind === 'integer' && /^-?\d{1,15}$/u.test(next) ? Number(next) : next;
  };
  return (
    <>
      <AskedInput
        id={id}
        label={form === 'list' ? `${label}, separated by commas` : label}
        path={path}
        context={context}
        placeholder={form === 'list' ? 'one, another' : placeholder}
        value={text}
        onChange={(next) => onChange(read(next))}
      />
      {form === 'one' && isMomentKind(kind) ? (
        <MomentPicker label={label} kind={kind} kept={text} onPick={(kept) => onChange(read(kept))} />
      ) : null}
    </>
  );
}

const replaced = (filters: readonly Filter[], index: number, filter: Filter): readonly Filter[] =>
  filters.map((old, at) => (at === index ? filter : old));

function withValue({ value: _value, ...rest }: Filter, value: JsonValue | undefined): Filter {
  return value === undefined ? rest : { ...rest, value };
}

/** Faults of single filters, said above all of them with their place. */
function innerFaults(errors: unknown): readonly string[] {
  if (typeof errors !== 'object' || errors === null) return [];
  return Object.entries(errors as Record<string, unknown>).flatMap(([key, inner]) => {
    if (key === '__errors') return [];
    const own = messagesIn(inner);
    const place = /^\d+$/u.test(key) ? `filter ${Number(key) + 1}` : key;
    return own.map((message) => `${place}: ${message}`);
  });
}

function messagesIn(errors: unknown): readonly string[] {
  if (typeof errors !== 'object' || errors === null) return [];
  return Object.entries(errors).flatMap(([key, inner]) =>
    key === '__errors' && Array.isArray(inner) ? inner.map(String) : messagesIn(inner).map((text) => `${key} ${text}`),
  );
}

// Owns settings without a form of their own in the library: JSON, lists of words, text or number, names that packs suggest.
import { type ReactElement, useId, useState } from 'react';
import type { JsonValue } from '../../../../src/document/json.ts';
import { api } from '../../api.ts';
import { useData } from '../../use-data.ts';
import { type DesignerFieldProps, titleOf } from './form-context.ts';
import { Labelled } from './labelled.tsx';
import { useResourceFields } from './use-resource-fields.ts';

/** Any JSON value as text; text that is not JSON stays in the field and says so. */
export function JsonField(props: DesignerFieldProps<JsonValue>): ReactElement {
  const { fieldPathId, formData, onChange, schema, required = false, rawErrors = [] } = props;
  const [text, setText] = useState(formData === undefined ? '' : JSON.stringify(formData, null, 2));
  const [fault, setFault] = useState('');
  const change = (next: string): void => {
    setText(next);
    if (next.trim() === '') {
      setFault('');
      onChange(undefined, fieldPathId.path);
      return;
    }
    try {
      onChange(JSON.parse(next) as JsonValue, fieldPathId.path);
      setFault('');
    } catch {
      setFault('This is not JSON yet; the setting keeps its last value.');
    }
  };
  const faults = fault === '' ? rawErrors : [fault, ...rawErrors];
  return (
    <Labelled
      id={`${fieldPathId.$id}-group`}
      label={titleOf(props)}
      schema={schema}
      isRequired={required}
      isGroup
      faults={faults}
    >
      <textarea
        id={fieldPathId.$id}
        className="input expression-text"
        aria-label={`${titleOf(props)} as JSON`}
        rows={Math.min(12, Math.max(2, text.split('\n').length))}
        spellCheck={false}
        value={text}
        onChange={(event) => change(event.target.value)}
      />
    </Labelled>
  );
}

/** A list of words, one a line. */
export function TextsField(props: DesignerFieldProps<readonly string[]>): ReactElement {
  const { fieldPathId, formData = [], onChange, schema, required = false, rawErrors = [] } = props;
  const [text, setText] = useState(formData.join('\n'));
  return (
    <Labelled
      id={`${fieldPathId.$id}-group`}
      label={titleOf(props)}
      schema={schema}
      isRequired={required}
      isGroup
      faults={rawErrors}
    >
      <textarea
        id={fieldPathId.$id}
        className="input"
        aria-label={`${titleOf(props)}, one a line`}
        rows={Math.min(8, Math.max(2, formData.length + 1))}
        spellCheck={false}
        placeholder="one a line"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          const words = event.target.value.split('\n').filter((line) => line.trim() !== '');
          onChange(words.length === 0 ? undefined : words, fieldPathId.path);
        }}
      />
    </Labelled>
  );
}

/** A text, number or boolean: what is written as a number or a boolean is one, where the schema takes it. */
export function ScalarField(props: DesignerFieldProps<string | number | boolean>): ReactElement {
  const { fieldPathId, formData, onChange, schema, required = false } = props;
  const types = Array.isArray(schema.type) ? schema.type : [];
  return (
    <Labelled id={fieldPathId.$id} label={titleOf(props)} schema={schema} isRequired={required}>
      <input
        id={fieldPathId.$id}
        className="input"
        spellCheck={false}
        value={formData === undefined ? '' : String(formData)}
        onChange={(event) => onChange(scalarOf(event.target.value, types), fieldPathId.path)}
      />
    </Labelled>
  );
}

/** The value that a written text means. */
export function scalarOf(text: string, types: readonly string[]): string | number | boolean | undefined {
  if (text === '') return undefined;
  const isNumeric = types.includes('integer') || types.includes('number');
  if (isNumeric && /^-?(?:0|[1-9]\d{0,14})(?:\.\d*[1-9])?$/u.test(text)) return Number(text);
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

interface SuggestedInputProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly suggestions: readonly { readonly value: string; readonly title?: string }[];
  readonly onChange: (value: string) => void;
}

/** An input with names to choose from; another name may be written all the same. */
export function SuggestedInput({ id, label, value, suggestions, onChange }: SuggestedInputProps): ReactElement {
  const listId = useId();
  return (
    <>
      <input
        id={id}
        className="input"
        aria-label={label}
        list={listId}
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={listId}>
        {suggestions.map((suggestion) => (
          <option key={suggestion.value} value={suggestion.value}>
            {suggestion.title}
          </option>
        ))}
      </datalist>
    </>
  );
}

/** A resource of the snap's own pack. */
export function ResourceField(props: DesignerFieldProps<string>): ReactElement {
  const { fieldPathId, formData = '', onChange, schema, required = false } = props;
  const { snap } = props.registry.formContext;
  const { data = [] } = useData(api.resources, 'resources');
  const suggestions = data
    .filter(({ pack, listable }) => pack === snap.pack && (listable || snap.category !== 'read'))
    .map(({ key, title }) => ({ value: key, title }));
  return (
    <Labelled id={fieldPathId.$id} label={titleOf(props)} schema={schema} isRequired={required}>
      <SuggestedInput
        id={fieldPathId.$id}
        label={titleOf(props)}
        value={formData}
        suggestions={suggestions}
        onChange={(text) => onChange(text === '' ? undefined : text, fieldPathId.path)}
      />
    </Labelled>
  );
}

/** A field of the resource that the settings name. */
export function FieldNameField(props: DesignerFieldProps<string>): ReactElement {
  const { fieldPathId, formData = '', onChange, schema, required = false } = props;
  const { resource } = props.registry.formContext;
  const { fields } = useResourceFields(resource);
  return (
    <Labelled id={fieldPathId.$id} label={titleOf(props)} schema={schema} isRequired={required}>
      <SuggestedInput
        id={fieldPathId.$id}
        label={titleOf(props)}
        value={formData}
        suggestions={fields.map(({ name, kind }) => ({ value: name, title: kind }))}
        onChange={(text) => onChange(text === '' ? undefined : text, fieldPathId.path)}
      />
    </Labelled>
  );
}

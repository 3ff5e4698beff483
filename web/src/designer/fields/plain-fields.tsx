// Owns settings without a form of their own in the library: JSON, lists of words, text or number, names that packs suggest.
import { type ReactElement, useState } from 'react';
import type { JsonValue } from '../../../../src/document/json.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { AskedInput } from './asked-input.tsx';
import { type DesignerFieldProps, titleOf } from './form-context.ts';
import { Labelled } from './labelled.tsx';

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

/** A text with words to choose from, asked of the pack and of the account. */
export function SuggestedField(props: DesignerFieldProps<string>): ReactElement {
  const { fieldPathId, formData = '', onChange, schema, required = false, registry } = props;
  const example = Array.isArray(schema.examples) ? schema.examples[0] : undefined;
  return (
    <Labelled id={fieldPathId.$id} label={titleOf(props)} schema={schema} isRequired={required}>
      <AskedInput
        id={fieldPathId.$id}
        label={titleOf(props)}
        path={fieldPathId.path}
        context={registry.formContext}
        value={formData}
        placeholder={typeof example === 'string' ? `e.g. ${example}` : ''}
        onChange={(text) => onChange(text === '' ? undefined : text, fieldPathId.path)}
      />
    </Labelled>
  );
}

/** A list of words, each with words to choose from. */
export function SuggestedTextsField(props: DesignerFieldProps<readonly string[]>): ReactElement {
  const { fieldPathId, formData = [], onChange, schema, required = false, rawErrors = [], registry } = props;
  const { $id, path } = fieldPathId;
  const [fresh, setFresh] = useState('');
  const write = (words: readonly string[]): void => onChange(words.length === 0 ? undefined : words, path);
  const add = (): void => {
    if (fresh.trim() === '') return;
    if (!formData.includes(fresh.trim())) write([...formData, fresh.trim()]);
    setFresh('');
  };
  const title = titleOf(props);
  return (
    <Labelled id={`${$id}-group`} label={title} schema={schema} isRequired={required} isGroup faults={rawErrors}>
      {formData.length === 0 ? null : (
        <ul className="chosen-words" aria-label={title}>
          {formData.map((word) => (
            <li key={word} className="tag">
              {word}
              <IconButton
                icon="close"
                label={`Remove ${word}`}
                onClick={() => write(formData.filter((other) => other !== word))}
              />
            </li>
          ))}
        </ul>
      )}
      <div className="add-word">
        <AskedInput
          id={$id}
          label={`Another for ${title.toLowerCase()}`}
          path={[...path, formData.length]}
          context={registry.formContext}
          value={fresh}
          onChange={setFresh}
          onEnter={add}
        />
        <Button icon="plus" disabled={fresh.trim() === ''} onClick={add}>
          Add
        </Button>
      </div>
    </Labelled>
  );
}

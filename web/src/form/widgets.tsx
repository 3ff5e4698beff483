// Owns the inputs of forms: native controls with our look, so that keyboard, screen reader and phone work as everywhere.
import { enumOptionsValueForIndex, type RegistryWidgetsType, type WidgetProps } from '@rjsf/utils';
import type { ReactElement } from 'react';
import { isMomentKind, MomentPicker } from './moment-picker.tsx';

const describedBy = ({ id, rawErrors, schema }: WidgetProps): string =>
  [rawErrors?.length ? `${id}__error` : '', schema.description ? `${id}__description` : ''].filter(Boolean).join(' ');

const shared = (props: WidgetProps) => ({
  id: props.id,
  disabled: props.disabled || props.readonly,
  required: props.required,
  'aria-invalid': props.rawErrors?.length ? true : undefined,
  'aria-describedby': describedBy(props) || undefined,
});

const placeholderOf = ({ placeholder, schema }: WidgetProps): string => {
  if (placeholder) return placeholder;
  if (schema.default !== undefined) return String(schema.default);
  const [example] = Array.isArray(schema.examples) ? schema.examples : [];
  return typeof example === 'string' ? `e.g. ${example}` : '';
};

/** An emptied field is absent: an empty text would be refused by most schemas and means nothing to a person. */
const textOf = (text: string): string | undefined => (text === '' ? undefined : text);

function TextWidget(props: WidgetProps): ReactElement {
  const isNumber = props.schema.type === 'number' || props.schema.type === 'integer';
  return (
    <input
      {...shared(props)}
      className="input"
      type="text"
      inputMode={isNumber ? 'decimal' : undefined}
      autoComplete="off"
      spellCheck={false}
      value={props.value ?? ''}
      placeholder={placeholderOf(props)}
      maxLength={props.schema.maxLength}
      onChange={(event) => props.onChange(isNumber ? numberOf(event.target.value) : textOf(event.target.value))}
      onBlur={() => props.onBlur(props.id, props.value)}
    />
  );
}

/** What is not a number stays as text, so that the fault shows instead of the input vanishing. */
function numberOf(text: string): number | string | undefined {
  if (text === '') return undefined;
  return /^-?\d+(?:\.\d+)?$/u.test(text) ? Number(text) : text;
}

/** A secret is written, never shown: with a stored one the field is empty and says so. */
function PasswordWidget(props: WidgetProps): ReactElement {
  const isStored = props.options.isStored === true;
  return (
    <input
      {...shared(props)}
      className="input"
      type="password"
      autoComplete="new-password"
      value={props.value ?? ''}
      placeholder={isStored ? 'stored; leave empty to keep it' : ''}
      onChange={(event) => props.onChange(textOf(event.target.value))}
      onBlur={() => props.onBlur(props.id, props.value)}
    />
  );
}

function TextareaWidget(props: WidgetProps): ReactElement {
  return (
    <textarea
      {...shared(props)}
      className="input"
      rows={3}
      spellCheck={false}
      value={props.value ?? ''}
      placeholder={placeholderOf(props)}
      onChange={(event) => props.onChange(textOf(event.target.value))}
      onBlur={() => props.onBlur(props.id, props.value)}
    />
  );
}

function SelectWidget(props: WidgetProps): ReactElement {
  const { enumOptions = [] } = props.options;
  const chosen = enumOptions.findIndex((option) => option.value === props.value);
  const standard = props.schema.default;
  return (
    <select
      {...shared(props)}
      className="input"
      value={chosen < 0 ? '' : String(chosen)}
      onChange={(event) =>
        props.onChange(
          event.target.value === '' ? undefined : enumOptionsValueForIndex(event.target.value, enumOptions),
        )
      }
      onBlur={() => props.onBlur(props.id, props.value)}
    >
      {chosen >= 0 && props.required ? null : (
        <option value="">
          {standard === undefined ? 'Choose' : `Default: ${String(standard).replaceAll('_', ' ')}`}
        </option>
      )}
      {enumOptions.map((option, index) => (
        <option key={String(option.value)} value={String(index)}>
          {option.label.replaceAll('_', ' ')}
        </option>
      ))}
    </select>
  );
}

function CheckboxWidget(props: WidgetProps): ReactElement {
  return (
    <label className="checkbox" htmlFor={props.id}>
      <input
        {...shared(props)}
        required={false}
        type="checkbox"
        checked={Boolean(props.value ?? props.schema.default ?? false)}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      <span>{props.label}</span>
    </label>
  );
}

/** A day or a moment, typed or picked; what is typed need not be a whole one yet. */
function MomentWidget(props: WidgetProps): ReactElement {
  const { format } = props.schema;
  return (
    <>
      <TextWidget {...props} />
      {isMomentKind(format) ? (
        <MomentPicker
          label={props.label}
          kind={format}
          kept={String(props.value ?? '')}
          onPick={(kept) => props.onChange(textOf(kept))}
        />
      ) : null}
    </>
  );
}

/** The widgets of every form, by the names that schemas use in `x-widget` and by those that rjsf asks for. */
export const widgets: RegistryWidgetsType = {
  TextWidget,
  PasswordWidget,
  TextareaWidget,
  SelectWidget,
  CheckboxWidget,
  DateWidget: MomentWidget,
  DateTimeWidget: MomentWidget,
  password: PasswordWidget,
  textarea: TextareaWidget,
  scopes: TextareaWidget,
};

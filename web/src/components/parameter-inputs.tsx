// Owns asking for the values of a pipeline's parameters. A field that stays empty means the default.
import { type ReactElement, useId } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import { isJsonObject } from '../json.ts';

export interface Parameter {
  readonly type: 'string' | 'number' | 'integer' | 'boolean';
  readonly default?: string | number | boolean;
  readonly description?: string;
}

/** Values as a person gave them, by the parameter's name. */
export type GivenParameters = Readonly<Record<string, string>>;

/** The parameters that a pipeline declares, in their order. */
export function declaredParameters(parameters: JsonObject | undefined): readonly (readonly [string, Parameter])[] {
  return Object.entries(parameters ?? {}).flatMap(([name, declared]) =>
    isJsonObject(declared) ? [[name, declared as unknown as Parameter] as const] : [],
  );
}

/** Names of parameters that have no value yet: neither a default nor one that was given. */
export function missingParameters(parameters: JsonObject | undefined, given: GivenParameters): readonly string[] {
  return declaredParameters(parameters)
    .filter(([name, declared]) => declared.default === undefined && (given[name] ?? '') === '')
    .map(([name]) => name);
}

/** What is sent: given values of parameters that the pipeline still has. */
export function sentParameters(parameters: JsonObject | undefined, given: GivenParameters): GivenParameters {
  const names = new Set(declaredParameters(parameters).map(([name]) => name));
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => names.has(name) && value !== ''));
}

interface ParameterInputsProps {
  readonly parameters: JsonObject | undefined;
  readonly given: GivenParameters;
  readonly onChange: (given: GivenParameters) => void;
}

export function ParameterInputs({ parameters, given, onChange }: ParameterInputsProps): ReactElement {
  return (
    <>
      {declaredParameters(parameters).map(([name, declared]) => (
        <ParameterInput
          key={name}
          name={name}
          declared={declared}
          value={given[name] ?? ''}
          onChange={(value) => onChange({ ...given, [name]: value })}
        />
      ))}
    </>
  );
}

interface ParameterInputProps {
  readonly name: string;
  readonly declared: Parameter;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function ParameterInput({ name, declared, value, onChange }: ParameterInputProps): ReactElement {
  const id = useId();
  const standard = declared.default === undefined ? '' : String(declared.default);
  const fault = valueFault(declared.type, value);
  return (
    <div className={fault === '' ? 'field' : 'field field-wrong'}>
      <label className="field-label" htmlFor={id}>
        {name}
        {declared.default === undefined ? null : <span className="field-optional"> optional</span>}
      </label>
      {declared.type === 'boolean' ? (
        <select id={id} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">{standard === '' ? 'Choose' : `Default: ${standard}`}</option>
          <option>true</option>
          <option>false</option>
        </select>
      ) : (
        <input
          id={id}
          className="input"
          autoComplete="off"
          spellCheck={false}
          inputMode={declared.type === 'string' ? undefined : 'decimal'}
          placeholder={standard}
          aria-invalid={fault === '' ? undefined : true}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      {fault === '' ? null : <p className="field-fault">{fault}</p>}
      {declared.description === undefined ? null : <p className="field-help">{declared.description}</p>}
    </div>
  );
}

/** Why a text is no value of a type; '' when it is one, or empty. */
export function valueFault(type: Parameter['type'], text: string): string {
  if (text === '') return '';
  if (type === 'integer' && !/^-?\d{1,15}$/u.test(text)) return 'This is no whole number.';
  if (type === 'number' && !Number.isFinite(Number(text))) return 'This is no number.';
  if (type === 'boolean' && text !== 'true' && text !== 'false') return 'This is neither true nor false.';
  return '';
}

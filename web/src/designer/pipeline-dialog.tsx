// Owns what concerns the pipeline as a whole: what it is for, and the parameters that a run may give.
import { type ReactElement, useState } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import { Button, IconButton } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { declaredParameters, type Parameter, valueFault } from '../components/parameter-inputs.tsx';
import { placed } from './fields/expression-editor.tsx';
import type { Pipeline } from './model/pipeline.ts';

export type About = Pick<Pipeline, 'description' | 'parameters'>;

interface PipelineDialogProps {
  readonly pipeline: Pipeline;
  readonly onDone: (about: About) => void;
  readonly onClose: () => void;
}

/** A parameter while it is written: its default is text until it is done. */
interface Row {
  readonly name: string;
  readonly type: Parameter['type'];
  readonly standard: string;
  readonly description: string;
}

const parametersMax = 100;

export function PipelineDialog({ pipeline, onDone, onClose }: PipelineDialogProps): ReactElement {
  const [description, setDescription] = useState(pipeline.description ?? '');
  const [rows, setRows] = useState<readonly Row[]>(() => rowsOf(pipeline.parameters));
  const faults = rows.map((row, at) => rowFault(row, rows.slice(0, at)));
  const isSound = faults.every((fault) => fault === '');
  return (
    <Dialog
      title={`About ${pipeline.name}`}
      onClose={onClose}
      isWide
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" disabled={!isSound} onClick={() => onDone(aboutOf(description, rows))}>
            Done
          </Button>
        </>
      }
    >
      <div className="form-fields">
        <div className="field">
          <label className="field-label" htmlFor="pipeline-description">
            What it is for<span className="field-optional"> optional</span>
          </label>
          <textarea
            id="pipeline-description"
            className="input"
            rows={2}
            maxLength={2000}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
          />
        </div>
        <fieldset className="form-group">
          <legend>Parameters</legend>
          <p className="field-help">
            A run asks for them; expressions read them as <code>parameters.NAME</code>. One without a default must be
            given.
          </p>
          {rows.map(placed).map(({ each: row, at }) => (
            <ParameterRow
              key={at}
              number={at + 1}
              row={row}
              fault={faults[at] ?? ''}
              onChange={(fresh) => setRows(rows.map((old, index) => (index === at ? fresh : old)))}
              onRemove={() => setRows(rows.filter((_row, index) => index !== at))}
            />
          ))}
          <Button
            icon="plus"
            disabled={rows.length >= parametersMax}
            onClick={() => setRows([...rows, { name: '', type: 'string', standard: '', description: '' }])}
          >
            Add a parameter
          </Button>
        </fieldset>
      </div>
    </Dialog>
  );
}

interface ParameterRowProps {
  readonly number: number;
  readonly row: Row;
  readonly fault: string;
  readonly onChange: (row: Row) => void;
  readonly onRemove: () => void;
}

const types: readonly (readonly [Parameter['type'], string])[] = [
  ['string', 'text'],
  ['integer', 'whole number'],
  ['number', 'number'],
  ['boolean', 'true or false'],
];

function ParameterRow({ number, row, fault, onChange, onRemove }: ParameterRowProps): ReactElement {
  const text = (member: 'name' | 'standard' | 'description', label: string) => (
    <input
      className="input"
      aria-label={`${label} of parameter ${number}`}
      placeholder={label}
      autoComplete="off"
      spellCheck={member === 'description'}
      maxLength={member === 'name' ? 60 : 500}
      value={row[member]}
      onChange={(event) => onChange({ ...row, [member]: event.target.value })}
    />
  );
  return (
    <div className={fault === '' ? 'parameter' : 'parameter field-wrong'}>
      <div className="parameter-row">
        {text('name', 'Name')}
        <select
          className="input"
          aria-label={`Type of parameter ${number}`}
          value={row.type}
          onChange={(event) => onChange({ ...row, type: event.target.value as Parameter['type'] })}
        >
          {types.map(([type, title]) => (
            <option key={type} value={type}>
              {title}
            </option>
          ))}
        </select>
        {text('standard', 'Default')}
        {text('description', 'Description')}
        <IconButton icon="trash" label={`Remove parameter ${number}`} onClick={onRemove} />
      </div>
      {fault === '' ? null : <p className="field-fault">{fault}</p>}
    </div>
  );
}

function rowsOf(parameters: JsonObject | undefined): readonly Row[] {
  return declaredParameters(parameters).map(([name, declared]) => ({
    name,
    type: declared.type,
    standard: declared.default === undefined ? '' : String(declared.default),
    description: declared.description ?? '',
  }));
}

function rowFault({ name, type, standard }: Row, before: readonly Row[]): string {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/u.test(name)) return 'A name has letters, digits and underscores, a letter first.';
  if (before.some((other) => other.name === name)) return 'Another parameter has this name.';
  const fault = valueFault(type, standard);
  return fault === '' ? '' : `The default: ${fault}`;
}

function aboutOf(description: string, rows: readonly Row[]): About {
  const parameters = Object.fromEntries(
    rows.map((row) => [
      row.name,
      {
        type: row.type,
        ...(row.standard === '' ? {} : { default: defaultOf(row) }),
        ...(row.description === '' ? {} : { description: row.description }),
      },
    ]),
  );
  return {
    ...(description === '' ? {} : { description }),
    ...(rows.length === 0 ? {} : { parameters }),
  };
}

function defaultOf({ type, standard }: Row): string | number | boolean {
  if (type === 'boolean') return standard === 'true';
  return type === 'string' ? standard : Number(standard);
}

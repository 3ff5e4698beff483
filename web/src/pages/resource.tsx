// Owns the page of one resource: every field with its type and allowed values, every call with its scope.
import { type ReactElement, useId, useState } from 'react';
import type { JsonObject, JsonValue } from '../../../src/document/json.ts';
import { api } from '../api.ts';
import { Icon } from '../components/icon.tsx';
import { Page } from '../components/page.tsx';
import { LoadedView } from '../components/states.tsx';
import { Table } from '../components/table.tsx';
import { Tabs } from '../components/tabs.tsx';
import { useData } from '../use-data.ts';
import { ReadySnaps } from './ready-snaps.tsx';
import { typeWords } from './snap.tsx';

const valuesShownMax = 12;

export function ResourcePage({ resourceKey }: { readonly resourceKey: string }): ReactElement {
  const resource = useData(() => api.resource(resourceKey), resourceKey);
  return (
    <Page
      title={typeof resource.data?.title === 'string' ? resource.data.title : resourceKey}
      description={resourceKey}
    >
      <LoadedView loaded={resource} lines={14}>
        {(detail) => (
          <section className="card">
            <Tabs
              label="About this resource"
              tabs={[
                { title: 'Fields', note: String(fieldsOf(detail).length), content: () => <Fields detail={detail} /> },
                { title: 'Calls', note: String(callsOf(detail).length), content: () => <Calls detail={detail} /> },
                {
                  title: 'Ready snaps',
                  content: () => <ReadySnaps resourceKey={resourceKey} pack={String(detail.pack)} />,
                },
              ]}
            />
          </section>
        )}
      </LoadedView>
    </Page>
  );
}

type Field = readonly [name: string, property: JsonObject];

function fieldsOf({ schema }: JsonObject): readonly Field[] {
  const { properties } = asObject(schema);
  return Object.entries(asObject(properties)).map(([name, property]) => [name, asObject(property)]);
}

function callsOf({ calls }: JsonObject): readonly JsonObject[] {
  return Array.isArray(calls) ? calls.map(asObject) : [];
}

const asObject = (value: JsonValue | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

function Fields({ detail }: { readonly detail: JsonObject }): ReactElement {
  const id = useId();
  const [word, setWord] = useState('');
  const fields = fieldsOf(detail).filter(([name]) => name.includes(word.toLowerCase()));
  return (
    <>
      <div className="search">
        <Icon name="search" />
        <label className="visually-hidden" htmlFor={id}>
          Search the fields
        </label>
        <input
          id={id}
          type="search"
          placeholder="Search fields"
          value={word}
          onChange={(event) => setWord(event.target.value)}
        />
      </div>
      <Table
        caption="Fields"
        rows={fields}
        keyOf={([name]) => name}
        columns={[
          {
            title: 'Field',
            cell: ([name, property]) => (
              <>
                <code>{name}</code>
                {typeof property.description === 'string' ? <p className="muted">{property.description}</p> : null}
              </>
            ),
          },
          { title: 'Type', cell: ([, property]) => <FieldType property={property} pack={String(detail.pack)} /> },
          { title: 'Allowed values', cell: ([, property]) => allowedValues(property), isExtra: true },
          { title: 'Direction', cell: ([, property]) => directionOf(property), isExtra: true },
        ]}
      />
    </>
  );
}

interface FieldTypeProps {
  readonly property: JsonObject;
  readonly pack: string;
}

/** What a reference refers to is shown on demand, and so on inwards. */
function FieldType({ property, pack }: FieldTypeProps): ReactElement {
  const reference = property['x-ref'];
  if (typeof reference !== 'string') return <>{fieldType(property)}</>;
  return <ReferencedObject title={fieldType(property)} name={reference} pack={pack} />;
}

interface ReferencedObjectProps {
  readonly title: string;
  readonly name: string;
  readonly pack: string;
}

function ReferencedObject({ title, name, pack }: ReferencedObjectProps): ReactElement {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {isOpen ? <ObjectFields name={name} pack={pack} /> : null}
    </details>
  );
}

function ObjectFields({ name, pack }: Omit<ReferencedObjectProps, 'title'>): ReactElement {
  const object = useData(() => api.object(pack, name), `object ${pack} ${name}`);
  return (
    <LoadedView loaded={object} lines={3}>
      {(schema) => (
        <ul className="object-fields">
          {fieldsOf({ schema }).map(([field, property]) => (
            <li key={field}>
              <code>{field}</code> <FieldType property={property} pack={pack} />{' '}
              <span className="muted">{allowedValues(property)}</span>
            </li>
          ))}
        </ul>
      )}
    </LoadedView>
  );
}

function fieldType(property: JsonObject): string {
  const reference = property['x-ref'];
  if (typeof reference === 'string')
    return property.type === 'array' ? `list of ${reference}` : `reference to ${reference}`;
  const { maxLength } = property;
  return `${typeWords(property)}${typeof maxLength === 'number' ? `, at most ${maxLength} characters` : ''}`;
}

function allowedValues({ enum: values }: JsonObject): string {
  if (!Array.isArray(values)) return '';
  const words = values.filter((value) => value !== null).map(String);
  const more = words.length - valuesShownMax;
  return more > 0 ? `${words.slice(0, valuesShownMax).join(', ')} and ${more} more` : words.join(', ');
}

function directionOf(property: JsonObject): string {
  if (property['x-in'] === true && property['x-out'] === true) return 'read and write';
  return property['x-in'] === true ? 'write' : 'read';
}

function Calls({ detail }: { readonly detail: JsonObject }): ReactElement {
  return (
    <Table
      caption="Calls"
      rows={callsOf(detail)}
      keyOf={({ id }) => String(id)}
      columns={[
        { title: 'Action', cell: ({ action }) => String(action) },
        {
          title: 'Call',
          cell: ({ verb, path }) => (
            <code>
              {String(verb)} {String(path)}
            </code>
          ),
        },
        {
          title: 'Scope',
          cell: ({ scope, scopeSource }) => (
            <>
              <code>{String(scope)}</code> {scopeSource === 'inferred' ? <span className="tag">inferred</span> : null}
            </>
          ),
        },
      ]}
    />
  );
}

// Owns the page of one snap in the catalog: its settings, and a snap ready to copy into a pipeline.
import type { ReactElement } from 'react';
import type { JsonObject, JsonValue } from '../../../src/document/json.ts';
import { api, type SnapDetail } from '../api.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { Page } from '../components/page.tsx';
import { LoadedView } from '../components/states.tsx';
import { Table } from '../components/table.tsx';
import { useData } from '../use-data.ts';

export function SnapPage({ id }: { readonly id: string }): ReactElement {
  const snap = useData(() => api.snap(id), id);
  return (
    <Page title={snap.data?.title ?? id} {...(snap.data === undefined ? {} : { description: snap.data.description })}>
      <LoadedView loaded={snap} lines={10}>
        {(detail) => (
          <>
            <SnapSettings detail={detail} />
            <ReadySnap detail={detail} />
          </>
        )}
      </LoadedView>
    </Page>
  );
}

function SnapSettings({ detail }: { readonly detail: SnapDetail }): ReactElement {
  const { properties = {}, required = [] } = detail.settings;
  const rows = Object.entries(properties as Readonly<Record<string, JsonObject>>);
  const needed = required as readonly string[];
  return (
    <section className="card" aria-labelledby="settings-title">
      <div className="card-head">
        <h2 id="settings-title">Settings</h2>
        <span className="muted">
          {detail.accountTypes.length === 0
            ? 'needs no account'
            : `needs an account of type ${detail.accountTypes.join(' or ')}`}
        </span>
      </div>
      <Table
        caption="Settings of the snap"
        rows={rows}
        keyOf={([name]) => name}
        columns={[
          {
            title: 'Setting',
            cell: ([name]) => (
              <>
                <code>{name}</code> {needed.includes(name) ? <span className="tag">needed</span> : null}
              </>
            ),
          },
          { title: 'Type', cell: ([, property]) => typeWords(property) },
          { title: 'Meaning', cell: ([, property]) => <Meaning property={property} /> },
        ]}
      />
    </section>
  );
}

function Meaning({ property }: { readonly property: JsonObject }): ReactElement {
  const values = Array.isArray(property.enum) ? property.enum.map(String).join(', ') : '';
  return (
    <>
      {typeof property.description === 'string' ? property.description : ''}
      {values === '' ? null : <span className="muted"> One of {values}.</span>}
      {property.default === undefined ? null : (
        <span className="muted"> Default: {JSON.stringify(property.default)}.</span>
      )}
    </>
  );
}

export function typeWords({ type, format, items }: JsonObject): string {
  const words = (value: JsonValue | undefined): string =>
    (Array.isArray(value) ? value : [value]).filter((name) => name !== undefined && name !== 'null').join(' or ');
  const inner = typeof items === 'object' && items !== null && 'type' in items ? words(items.type) : '';
  const base = words(type) || 'any';
  if (base === 'array') return inner === '' ? 'list' : `list of ${inner}`;
  return typeof format === 'string' ? format : base;
}

function ReadySnap({ detail }: { readonly detail: SnapDetail }): ReactElement {
  const text = JSON.stringify(readySnap(detail), null, 2);
  return (
    <section className="card" aria-labelledby="ready-title">
      <div className="card-head">
        <h2 id="ready-title">Ready to copy</h2>
        <CopyButton text={text} />
      </div>
      <pre className="log">{text}</pre>
    </section>
  );
}

/** A snap with its needed settings filled in by examples. */
export function readySnap({ id, accountTypes, settings }: SnapDetail): JsonObject {
  const { properties = {}, required = [] } = settings;
  const of = properties as Readonly<Record<string, JsonObject>>;
  const filled = (required as readonly string[]).map((name): [string, JsonValue] => [name, exampleOf(of[name] ?? {})]);
  return {
    id: id.split('.').at(-1) ?? id,
    snap: id,
    ...(accountTypes.length === 0 ? {} : { account: 'NAME' }),
    settings: Object.fromEntries(filled),
  };
}

export function exampleOf(property: JsonObject): JsonValue {
  const [example] = Array.isArray(property.examples) ? property.examples : [];
  const [choice] = Array.isArray(property.enum) ? property.enum : [];
  const empty = property.type === 'object' ? {} : property.type === 'array' ? [] : '';
  return example ?? property.default ?? choice ?? empty;
}

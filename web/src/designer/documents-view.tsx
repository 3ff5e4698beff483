// Owns showing previewed documents, as a table and as JSON.
import type { ReactElement } from 'react';
import type { JsonObject, JsonValue } from '../../../src/document/json.ts';
import { JsonView } from '../components/json-view.tsx';
import { Table } from '../components/table.tsx';
import { Tabs } from '../components/tabs.tsx';

const columnsMax = 12;
const cellCharactersMax = 80;

export function DocumentsView({ documents }: { readonly documents: readonly JsonObject[] }): ReactElement {
  if (documents.length === 0) return <p className="muted">No document passed here in the preview.</p>;
  return (
    <Tabs
      label="Forms of the documents"
      tabs={[
        { title: 'Table', content: () => <DocumentsTable documents={documents} /> },
        { title: 'JSON', content: () => <JsonView value={documents as unknown as JsonValue} open={2} /> },
      ]}
    />
  );
}

function DocumentsTable({ documents }: { readonly documents: readonly JsonObject[] }): ReactElement {
  const names = [...new Set(documents.flatMap((document) => Object.keys(document)))];
  const columns = names.slice(0, columnsMax).map((name) => ({
    title: name,
    cell: (row: Row) => cellText(row.document[name]),
  }));
  const rows = documents.map((document, index) => ({ document, key: String(index) }));
  return (
    <>
      <Table caption="Previewed documents" columns={columns} rows={rows} keyOf={({ key }) => key} />
      {names.length > columnsMax ? (
        <p className="muted">{names.length - columnsMax} more fields stand in the JSON.</p>
      ) : null}
    </>
  );
}

interface Row {
  readonly key: string;
  readonly document: JsonObject;
}

function cellText(value: JsonValue | undefined): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > cellCharactersMax ? `${text.slice(0, cellCharactersMax)}…` : text;
}

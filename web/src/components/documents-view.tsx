// Owns showing documents, as a table and as JSON.
import type { ReactElement } from 'react';
import type { JsonObject, JsonValue } from '../../../src/document/json.ts';
import { JsonView } from './json-view.tsx';
import { Table } from './table.tsx';
import { Tabs } from './tabs.tsx';

const columnsMax = 12;
const cellCharactersMax = 80;

interface DocumentsViewProps {
  readonly documents: readonly JsonObject[];
  /** What the documents are, for screen readers. */
  readonly caption?: string;
  /** The text that they stand in, shown in place of JSON. */
  readonly text?: string;
}

export function DocumentsView({ documents, caption = 'Previewed documents', text }: DocumentsViewProps): ReactElement {
  if (documents.length === 0) return <p className="muted">No document passed here in the preview.</p>;
  return (
    <Tabs
      label="Forms of the documents"
      tabs={[
        { title: 'Table', content: () => <DocumentsTable documents={documents} caption={caption} /> },
        text === undefined
          ? { title: 'JSON', content: () => <JsonView value={documents as unknown as JsonValue} open={2} /> }
          : { title: 'Text', content: () => <pre className="log">{text}</pre> },
      ]}
    />
  );
}

function DocumentsTable({ documents, caption }: Required<Omit<DocumentsViewProps, 'text'>>): ReactElement {
  const names = [...new Set(documents.flatMap((document) => Object.keys(document)))];
  const columns = names.slice(0, columnsMax).map((name) => ({
    title: name,
    cell: (row: Row) => cellText(row.document[name]),
  }));
  const rows = documents.map((document, index) => ({ document, key: String(index) }));
  return (
    <>
      <Table caption={caption} columns={columns} rows={rows} keyOf={({ key }) => key} />
      {names.length > columnsMax ? (
        <p className="muted">{names.length - columnsMax} more fields stand beside the table.</p>
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

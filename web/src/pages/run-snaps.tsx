// Owns the table of a run: what each snap did.
import type { ReactElement } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import { Badge, type Tone } from '../components/badge.tsx';
import { type Column, Table } from '../components/table.tsx';
import { formatBytes, formatCount, formatDuration } from '../format.ts';

const tones: Readonly<Record<string, Tone>> = {
  running: 'busy',
  completed: 'good',
  failed: 'bad',
  stopped: 'warn',
};

const number = (row: JsonObject, key: string): number => Number(row[key] ?? 0);

const columns: readonly Column<JsonObject>[] = [
  {
    title: 'Snap',
    cell: (row) => (
      <>
        {String(row.id)} <span className="muted">{String(row.snap)}</span>
      </>
    ),
  },
  { title: 'State', cell: (row) => <Badge tone={tones[String(row.state)] ?? 'calm'}>{String(row.state)}</Badge> },
  { title: 'In', cell: (row) => formatCount(number(row, 'input')), isNumber: true },
  { title: 'Out', cell: (row) => formatCount(number(row, 'output')), isNumber: true },
  { title: 'Errors', cell: (row) => formatCount(number(row, 'errors')), isNumber: true },
  { title: 'Requests', cell: (row) => formatCount(number(row, 'requests')), isNumber: true, isExtra: true },
  { title: 'Retries', cell: (row) => formatCount(number(row, 'retries')), isNumber: true, isExtra: true },
  { title: 'Received', cell: (row) => formatBytes(number(row, 'bytesIn')), isNumber: true, isExtra: true },
  { title: 'Worked', cell: (row) => formatDuration(number(row, 'busyMs')), isNumber: true, isExtra: true },
  { title: 'Waited', cell: (row) => formatDuration(number(row, 'waitMs')), isNumber: true, isExtra: true },
];

export function SnapTable({ snaps }: { readonly snaps: readonly JsonObject[] }): ReactElement {
  if (snaps.length === 0) return <p className="muted">No snap has begun yet.</p>;
  return <Table caption="Snaps of the run" columns={columns} rows={snaps} keyOf={(row) => String(row.id)} />;
}

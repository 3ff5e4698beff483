import type { CSSProperties, ReactElement, ReactNode } from 'react';
import { chunkRows, TableChunk } from './table-chunk.tsx';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  readonly isNumber?: boolean;
  /** Left out on a narrow screen. */
  readonly isExtra?: boolean;
  /** CSS width in a table of steady columns; one column without a width takes the rest. */
  readonly width?: string;
}

/** A part that scrolls must be reachable by keyboard, or its end is out of reach. */
const reachable = (label: string) => ({ role: 'region', tabIndex: 0, 'aria-label': label }) as const;

export interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Columns keep their widths whatever rows come: for lists that grow and refresh. */
  readonly isSteady?: boolean;
}

export const classOf = ({ isNumber, isExtra }: Pick<Column<unknown>, 'isNumber' | 'isExtra'>): string =>
  [isNumber ? 'is-number' : '', isExtra ? 'is-extra' : ''].join(' ');

/**
 * A table with a caption for screen readers; it scrolls sideways inside itself, never with the page. Of a long table only the
 * rows near what is in sight are in the page.
 */
export function Table<Row>({ caption, columns, rows, keyOf, isSteady = false }: TableProps<Row>): ReactElement {
  const chunks = Array.from({ length: Math.ceil(rows.length / chunkRows) }, (_, at) => at * chunkRows);
  return (
    <div className="table-scroll" {...reachable(caption)}>
      <table
        className={isSteady ? 'table table-steady' : 'table'}
        aria-rowcount={isSteady ? rows.length + 1 : undefined}
      >
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.title}
                scope="col"
                className={classOf(column)}
                {...(isSteady && column.width !== undefined
                  ? { style: { '--column-width': column.width } as CSSProperties }
                  : {})}
              >
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        {chunks.map((start) => (
          <TableChunk
            key={start}
            columns={columns}
            rows={rows.slice(start, start + chunkRows)}
            keyOf={keyOf}
            isAlwaysDrawn={!isSteady || start === 0}
          />
        ))}
      </table>
    </div>
  );
}

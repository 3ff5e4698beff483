import type { ReactElement, ReactNode } from 'react';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  readonly isNumber?: boolean;
  /** Left out on a narrow screen. */
  readonly isExtra?: boolean;
}

/** A part that scrolls must be reachable by keyboard, or its end is out of reach. */
const reachable = (label: string) => ({ role: 'region', tabIndex: 0, 'aria-label': label }) as const;

interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

/** A table with a caption for screen readers; it scrolls sideways inside itself, never with the page. */
export function Table<Row>({ caption, columns, rows, keyOf }: TableProps<Row>): ReactElement {
  const classOf = ({ isNumber, isExtra }: Column<Row>): string =>
    [isNumber ? 'is-number' : '', isExtra ? 'is-extra' : ''].join(' ');
  return (
    <div className="table-scroll" {...reachable(caption)}>
      <table className="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" className={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.title} className={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

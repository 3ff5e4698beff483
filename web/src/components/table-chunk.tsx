// Owns one stretch of a table's rows: drawn while it is near what is in sight, and otherwise an empty place of the same height.
import { memo, type ReactElement, useEffect, useRef, useState } from 'react';
import { classOf, type TableProps } from './table.tsx';

/** Rows of one stretch. */
export const chunkRows = 50;
/** How far beyond the window's edge rows are drawn, so that scrolling meets them ready. */
const nearMargin = '1200px 0px';
/** The height of a row that was never drawn. */
const rowPixels = 40;

interface TableChunkProps<Row> extends Pick<TableProps<Row>, 'columns' | 'rows' | 'keyOf'> {
  readonly isAlwaysDrawn: boolean;
}

function Chunk<Row>({ columns, rows, keyOf, isAlwaysDrawn }: TableChunkProps<Row>): ReactElement {
  const body = useRef<HTMLTableSectionElement>(null);
  const [isNear, setNear] = useState(true);
  const [height, setHeight] = useState(rows.length * rowPixels);
  useEffect(() => {
    const element = body.current;
    if (element === null || isAlwaysDrawn) return undefined;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry === undefined) return;
        if (!entry.isIntersecting) setHeight(entry.boundingClientRect.height);
        setNear(entry.isIntersecting);
      },
      { rootMargin: nearMargin },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [isAlwaysDrawn]);
  if (!isNear && !isAlwaysDrawn) {
    return (
      <tbody ref={body} aria-hidden="true">
        <tr>
          <td colSpan={columns.length} style={{ height, padding: 0, border: 0 }} />
        </tr>
      </tbody>
    );
  }
  return (
    <tbody ref={body}>
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
  );
}

/** Drawn again only when one of its own rows is another one. */
export const TableChunk = memo(
  Chunk,
  (before, after) =>
    before.columns === after.columns &&
    before.isAlwaysDrawn === after.isAlwaysDrawn &&
    before.rows.length === after.rows.length &&
    before.rows.every((row, at) => row === after.rows[at]),
) as typeof Chunk;

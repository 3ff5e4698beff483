// Prints rows as aligned columns for people.

/** A column: its head, and its text for a row. */
export type Column<Row> = readonly [head: string, cell: (row: Row) => string];

/** Lines of a table with a head; columns are as wide as their widest cell. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
  const heads = columns.map(([head]) => head);
  const cells = [heads, ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = heads.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  return cells.map((line) =>
    line
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

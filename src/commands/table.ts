// Prints rows as aligned columns for people.

/** Lines of a table with a head; columns are as wide as their widest cell. */
export function table<Row>(rows: readonly Row[], columns: Readonly<Record<string, (row: Row) => string>>): string[] {
  const heads = Object.keys(columns);
  const cells = [heads, ...rows.map((row) => Object.values(columns).map((cell) => cell(row)))];
  const widths = heads.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  return cells.map((line) =>
    line
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

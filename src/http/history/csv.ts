type Cell = string | number | null;

/** A table as CSV (RFC 4180), with the names of its columns first. */
export function csvOf(columns: readonly string[], rows: Iterable<readonly Cell[]>): string {
  let text = `${columns.join(',')}\r\n`;
  for (const row of rows) text += `${row.map(cellText).join(',')}\r\n`;
  return text;
}

/** A spreadsheet must take no text for a formula. */
function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const harmless = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

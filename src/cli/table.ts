/** Tables for people, as commands print them. */

/** Columns as wide as their widest cell, two spaces between; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  const line = (row: readonly string[]): string => row.map((cell, column) => cell.padEnd(width(column))).join('  ')
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('')
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

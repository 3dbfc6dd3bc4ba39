import { isBlank } from './lines.ts'

const maxColumns = 100

/** A table's cells, each with its lines; `undefined` where the lines are no table. `last` is its last line. */
export interface Table {
  readonly rows: readonly (readonly string[])[]
  readonly hasHeader: boolean
  readonly last: number
}

export function tableAt(lines: readonly string[], start: number): Table | undefined {
  const line = lines[start]!.trim()
  if (line.startsWith('+-') && line.endsWith('+')) return gridTable(lines, start)
  return /^=+( +=+)+$/.test(line) ? simpleTable(lines, start) : undefined
}

/** Columns by the borders of the first line; a cell that spans columns goes into the first of them. */
function gridTable(lines: readonly string[], start: number): Table | undefined {
  const margin = lines[start]!.indexOf('+')
  let last = start
  while (/^\s*[+|]/.test(lines[last + 1] ?? '')) last++
  const block = lines.slice(start, last + 1).map((line) => line.slice(margin))
  const edges = new Set<number>()
  for (const line of block) {
    if (!line.startsWith('+')) continue
    for (let at = line.indexOf('+'); at !== -1; at = line.indexOf('+', at + 1)) edges.add(at)
  }
  const starts = [...edges].toSorted((a, b) => a - b).slice(0, maxColumns)
  const rows: string[][] = []
  let row: string[] = []
  let headerRows = 0
  for (const line of block.slice(1)) {
    if (/^\+[-=+ ]*\+\s*$/.test(line)) {
      if (row.length > 0) rows.push(row)
      row = []
      if (line.includes('=')) headerRows = rows.length
      continue
    }
    for (let column = 0; column + 1 < starts.length; column++) {
      if (line[starts[column]!] !== '|' && line[starts[column]!] !== '+') continue
      let end = column + 1
      while (end + 1 < starts.length && line[starts[end]!] !== '|' && line[starts[end]!] !== '+') end++
      const cell = line.slice(starts[column]! + 1, starts[end]).trim()
      row[column] = joined(row[column], /^-+$/.test(cell) ? '' : cell)
    }
  }
  if (row.length > 0) rows.push(row)
  if (rows.length === 0) return undefined
  return { rows: rows.map((cells) => filled(cells, starts.length - 1)), hasHeader: headerRows > 0, last }
}

/** Columns by the runs of `=` in the first line; a line whose first column is empty continues the row before. */
function simpleTable(lines: readonly string[], start: number): Table | undefined {
  const border = lines[start]!
  const starts: number[] = []
  for (let at = 0; at < border.length && starts.length < maxColumns; at++)
    if (border[at] === '=' && border[at - 1] !== '=') starts.push(at)
  const isBorder = (line: string): boolean => /^\s*=+( +=+)*\s*$/.test(line)
  const rows: string[][] = []
  const borders: number[] = []
  let last = -1
  for (let index = start + 1; index < lines.length; index++) {
    const line = lines[index]!
    if (isBorder(line)) {
      borders.push(rows.length)
      last = index
      if (borders.length === 2 || isBlank(lines[index + 1])) break
      continue
    }
    if (isBlank(line) || /^\s*-+( +-+)*\s*$/.test(line)) continue
    const cells = starts.map((from, column) => line.slice(from, starts[column + 1]).trim())
    const previous = rows.at(-1)
    if (cells[0] === '' && previous !== undefined && borders.at(-1) !== rows.length)
      cells.forEach((cell, column) => {
        previous[column] = joined(previous[column], cell)
      })
    else rows.push(cells)
  }
  return last === -1 ? undefined : { rows, hasHeader: borders.length > 1 && borders[0]! > 0, last }
}

function joined(cell: string | undefined, more: string): string {
  return cell === undefined || cell === '' ? more : more === '' ? cell : `${cell} ${more}`
}

function filled(cells: readonly (string | undefined)[], columns: number): string[] {
  return Array.from({ length: columns }, (_, column) => cells[column] ?? '')
}

/** Rows to a table of Markdown; `write` turns a cell's own markup. */
export function pipeTable(
  rows: readonly (readonly string[])[],
  hasHeader: boolean,
  write: (cell: string) => string,
): string {
  const columns = rows.reduce((most, { length }) => Math.max(most, length), 0)
  if (columns === 0) return ''
  const [first, ...others] = hasHeader ? rows : [[], ...rows]
  const lineOf = (cells: readonly string[] = []): string =>
    `| ${Array.from({ length: columns }, (_, column) => write(cells[column] ?? '').replaceAll('|', '\\|')).join(' | ')} |`
  return [lineOf(first), `|${' --- |'.repeat(columns)}`, ...others.map(lineOf)].join('\n')
}

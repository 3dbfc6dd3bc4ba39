import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Colours on a terminal; plain text in a pipe, and where NO_COLOR is set. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream })
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`)
}

type Cell = string | number | null | undefined

/** A table; on a terminal its last column keeps to the width there is. */
export function printTable(heads: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const [head = '', ...lines] = layTable(heads, rows, process.stdout.isTTY ? process.stdout.columns : undefined)
  printLine(paint('bold', head))
  for (const line of lines) printLine(line)
}

const leastLastColumn = 16

/** Columns as wide as what is in them; what is too long for the last one goes on below itself. */
export function layTable(
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
  width: number = Number.POSITIVE_INFINITY,
): readonly string[] {
  const cells = rows.map((row) => row.map((cell) => String(cell ?? '–')))
  const widths = heads.map((head, column) => Math.max(head.length, ...cells.map((row) => row[column]!.length)))
  const last = heads.length - 1
  const before = widths.slice(0, last).reduce((sum, one) => sum + one + 2, 0)
  const room = Math.max(leastLastColumn, width - before)
  const line = (row: readonly string[]) =>
    wrap(row[last] ?? '', room)
      .map(
        (part, at) =>
          row
            .slice(0, last)
            .map((cell, column) => (at === 0 ? cell : '').padEnd(widths[column]! + 2))
            .join('') + part,
      )
      .map((text) => text.trimEnd())
  return [heads, ...cells].flatMap(line)
}

function wrap(text: string, room: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`
    if (lines.length > 0 && longer.length <= room) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

/** "2026-11-23 21:54", in UTC, or nothing where there is no time. */
export function moment(time: string | null): string | null {
  return time?.slice(0, 16).replace('T', ' ') ?? null
}

/** 1,234 */
export function thousands(count: number): string {
  return count.toLocaleString('en')
}

/** "3 min 05 s" */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${String(Math.round(seconds % 60)).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

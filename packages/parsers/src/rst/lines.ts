const adornments = '=-~^"\'`#*+.:_<>'

export function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

export function isBlank(line: string | undefined): boolean {
  return line === undefined || line.trim() === ''
}

/** Without the indentation all of them share. */
export function dedented(lines: readonly string[]): string[] {
  let least = Number.POSITIVE_INFINITY
  for (const line of lines) if (!isBlank(line)) least = Math.min(least, indentOf(line))
  return lines.map((line) => line.slice(Math.min(least, line.length)))
}

/** The last of the lines behind `start` that are indented more than `margin`; `start` where there is none. */
export function endOfBody(lines: readonly string[], start: number, margin: number): number {
  let last = start
  for (let index = start + 1; index < lines.length; index++) {
    if (isBlank(lines[index])) continue
    if (indentOf(lines[index]!) <= margin) break
    last = index
  }
  return last
}

/** The one character that a line is made of, where it is one that titles are underlined with. */
export function adornment(line: string | undefined): string | undefined {
  const text = line?.trimEnd() ?? ''
  const first = text[0]
  if (text.length < 2 || text.length > 400 || first === undefined || !adornments.includes(first)) return undefined
  for (let index = 1; index < text.length; index++) if (text[index] !== first) return undefined
  return first
}

export function isTitle(line: string | undefined): boolean {
  return line !== undefined && line.length < 300 && line.trim() !== '' && adornment(line) === undefined
}

import { fenced } from '../text.ts'
import { parseDirective, writeDirective } from './directives.ts'
import { type Declared, inline } from './inline.ts'
import { adornment, dedented, endOfBody, indentOf, isBlank, isTitle } from './lines.ts'
import { pipeTable, tableAt } from './tables.ts'

const maxDepth = 20

/** State of one document: levels of titles are given by the order in which their adornments are first used. */
interface State {
  readonly declared: Declared
  readonly styles: string[]
}

/** reStructuredText (docutils' specification, with Sphinx's directives and roles) to Markdown. */
export function toMarkdown(lines: readonly string[], declared: Declared): string {
  return convert(lines, { declared, styles: [] }, 0)
}

function convert(lines: readonly string[], state: State, depth: number): string {
  if (depth > maxDepth) return lines.join('\n')
  const out: string[] = []
  let paragraph: string[] = []
  const flush = (): void => {
    if (paragraph.length > 0) out.push(inline(paragraph.join('\n'), state.declared))
    paragraph = []
  }
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!
    const block = isBlank(line) ? undefined : blockAt(lines, index, state, depth, paragraph.length > 0)
    if (block !== undefined) {
      flush()
      out.push(block.text)
      index = block.last
      continue
    }
    if (isBlank(line)) {
      flush()
      out.push('')
      continue
    }
    const literal = literalBlock(lines, index)
    paragraph.push(plainLine(literal?.line ?? line))
    if (literal === undefined) continue
    if (literal.line === '') paragraph.pop()
    flush()
    out.push('', literal.text)
    index = literal.last
  }
  flush()
  return out
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

interface Block {
  readonly text: string
  readonly last: number
}

function blockAt(
  lines: readonly string[],
  index: number,
  state: State,
  depth: number,
  inParagraph: boolean,
): Block | undefined {
  const line = lines[index]!
  const trimmed = line.trimStart()
  if (trimmed === '..' || trimmed.startsWith('.. ')) return explicit(lines, index, state, depth)
  const over = adornment(line)
  if (over !== undefined) {
    if (adornment(lines[index + 2]) === over && isTitle(lines[index + 1]))
      return { text: heading(state, `${over}${over}`, lines[index + 1]!), last: index + 2 }
    if (!inParagraph && line.trim().length > 3 && isBlank(lines[index + 1])) return { text: '\n---\n', last: index }
  }
  const under = adornment(lines[index + 1])
  const isUnderlined = under !== undefined && lines[index + 1]!.trim().length >= line.trim().length - 1
  if (!inParagraph && isUnderlined && isTitle(line) && line.charCodeAt(0) > 32)
    return { text: heading(state, under, line), last: index + 1 }
  const table = tableAt(lines, index)
  if (table === undefined) return undefined
  return {
    text: `\n${pipeTable(table.rows, table.hasHeader, (cell) => inline(cell, state.declared))}\n`,
    last: table.last,
  }
}

function heading({ styles, declared }: State, style: string, title: string): string {
  if (!styles.includes(style)) styles.push(style)
  return `\n${'#'.repeat(Math.min(styles.indexOf(style) + 1, 6))} ${inline(title.trim(), declared)}\n`
}

/** Footnotes, citations and directives; targets, substitutions and comments show nothing where they stand. */
function explicit(lines: readonly string[], start: number, state: State, depth: number): Block {
  const line = lines[start]!
  const margin = indentOf(line)
  const said = line.slice(margin + 2).trim()
  // Two points alone end what is above; what is below is no part of them.
  if (said === '' && isBlank(lines[start + 1])) return { text: '', last: start }
  const last = endOfBody(lines, start, margin)
  const body = lines.slice(start + 1, last + 1)
  const note = /^\[([^\]]{1,80})\]\s*(.*)$/.exec(said)
  if (note !== null) return { text: `[${note[1]}] ${convert([note[2]!, ...dedented(body)], state, depth + 1)}`, last }
  const directive = /^([\w][\w:+.-]{0,60}?)\s?::(?:\s+(.*))?$/.exec(said)
  if (directive === null) return { text: '', last }
  const parsed = parseDirective(directive[1]!.toLowerCase(), directive[2] ?? '', body)
  const text = writeDirective(parsed, state.declared, (inner) => convert(inner, state, depth + 1))
  const indented = margin === 0 ? text : text.replace(/^(?=.)/gm, ' '.repeat(Math.min(margin, 8)))
  return { text: text === '' ? '' : `\n${indented}\n`, last }
}

/** What follows a paragraph that ends in two colons, indented more than it: kept as it is. */
function literalBlock(lines: readonly string[], index: number): (Block & { readonly line: string }) | undefined {
  const line = lines[index]!
  if (!line.trimEnd().endsWith('::') || !isBlank(lines[index + 1])) return undefined
  const margin = indentOf(line)
  const last = endOfBody(lines, index, margin)
  if (last === index) return undefined
  const body = dedented(lines.slice(index + 1, last + 1))
  while (isBlank(body[0])) body.shift()
  const head = line.trimEnd().slice(0, -2)
  return {
    line: head.trim() === '' ? '' : /\s$/.test(head) ? head.trimEnd() : `${head}:`,
    text: fenced(body.join('\n')),
    last,
  }
}

/** Fields by their names, lines of verse without their bars, numbers for the sign that counts by itself. */
function plainLine(line: string): string {
  const field = /^(\s*):([^:`\s][^:`]{0,100}):(?:\s+(.*))?$/.exec(line)
  if (field !== null) return `${field[1]}**${field[2]}:** ${field[3] ?? ''}`.trimEnd()
  if (/^\s*\| /.test(line)) return `${line.replace('| ', '')}  `
  return line.replace(/^(\s*)#\. /, '$11. ').replace(/^(\s*(?:[*+-]|\d{1,9}[.)])) {2,}(?=\S)/, '$1 ')
}

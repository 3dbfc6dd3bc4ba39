import { fenced } from '../text.ts'
import { type Declared, inline } from './inline.ts'
import { dedented, indentOf, isBlank } from './lines.ts'
import { pipeTable } from './tables.ts'

export interface Directive {
  readonly name: string
  readonly argument: string
  readonly options: ReadonlyMap<string, string>
  /** Without its indentation. */
  readonly body: readonly string[]
}

/** Turns the lines of a directive's body as those of the document. */
export type Convert = (lines: readonly string[]) => string

const code = new Set(['code-block', 'code', 'sourcecode', 'parsed-literal', 'doctest', 'testcode', 'ipython', 'prompt'])
const silent = new Set(
  'contents index highlight default-role role sectnum meta tabularcolumns target-notes testsetup testcleanup'.split(
    ' ',
  ),
)
const pictures = new Set(['image', 'figure'])
const remarks = new Set(
  'note warning tip important caution danger error hint attention seealso todo admonition topic sidebar'.split(' '),
)
const versions: ReadonlyMap<string, string> = new Map([
  ['versionadded', 'New in version'],
  ['versionchanged', 'Changed in version'],
  ['deprecated', 'Deprecated since version'],
])

export function parseDirective(name: string, argument: string, lines: readonly string[]): Directive {
  const body = dedented(lines)
  const options = new Map<string, string>()
  const words = [argument.trim()]
  let at = 0
  // An argument may go on below, up to a blank line or the options.
  const isSentence = pictures.has(name) || remarks.has(name) || versions.has(name)
  while (isSentence && at < body.length && !isBlank(body[at]) && !isOption(body[at]!)) words.push(body[at++]!.trim())
  for (; at < body.length && isOption(body[at]!); at++) {
    const [, key = '', value = ''] = /^:([\w-]{1,60}):\s*(.*)$/.exec(body[at]!) ?? []
    options.set(key, value.trim())
    while (at + 1 < body.length && !isBlank(body[at + 1]) && indentOf(body[at + 1]!) > 0) {
      at++
      options.set(key, `${options.get(key)} ${body[at]!.trim()}`)
    }
  }
  while (at < body.length && isBlank(body[at])) at++
  return { name, argument: words.join(' ').trim(), options, body: body.slice(at) }
}

function isOption(line: string): boolean {
  return /^:[\w-]{1,60}:(\s|$)/.test(line)
}

/** A directive in Markdown; empty for one that shows nothing. */
export function writeDirective(directive: Directive, declared: Declared, convert: Convert): string {
  const { name, argument, options, body } = directive
  const text = inline(argument, declared)
  if (code.has(name)) return fenced([...body].join('\n'), argument)
  if (silent.has(name)) return ''
  if (name === 'math') return `$$\n${[argument, ...body].join('\n').trim()}\n$$`
  if (name === 'raw')
    return /html/.test(argument)
      ? body
          .join('\n')
          .replace(/<[^>]{0,500}>/g, '')
          .trim()
      : ''
  if (pictures.has(name)) return parts(`![${options.get('alt') ?? ''}](${argument})`, convert(body))
  if (name === 'toctree') return parts(text && `**${text}**`, body.map(tocEntry).filter(Boolean).join('\n'))
  if (name === 'list-table') return parts(text && `**${text}**`, listTable(directive, declared))
  if (name === 'csv-table') return parts(text && `**${text}**`, csvTable(directive, declared))
  if (remarks.has(name)) {
    const label = name === 'admonition' || name === 'topic' || name === 'sidebar' ? text : titled(name)
    const said = label === text ? '' : text
    return parts(`**${label}:** ${said}`.trimEnd(), convert(body))
  }
  const version = versions.get(name)
  if (version !== undefined) return parts(`**${version} ${text}**`, convert(body))
  // A class, a function and the like of any language, or what an extension shows.
  const isApi =
    /^(auto|py:|c:|cpp:|js:)?(class|function|method|attribute|(current)?module|data|exception|property|member)/.test(
      name,
    )
  return parts(isApi && argument !== '' ? `\`${argument}\`` : text, convert(body))
}

function parts(first: string, second: string): string {
  return [first, second.trim()].filter((part) => part !== '').join('\n\n')
}

function titled(name: string): string {
  return name === 'seealso' ? 'See also' : name.charAt(0).toUpperCase() + name.slice(1)
}

function tocEntry(line: string): string {
  const entry = line.trim()
  if (entry === '') return ''
  const titledEntry = /^(.{1,300}?)\s*<([^>]{1,500})>$/.exec(entry)
  return titledEntry === null ? `- ${entry}` : `- [${titledEntry[1]}](${titledEntry[2]})`
}

/** A list of rows, each a list of cells: `* - first cell`, `  - second cell`. */
function listTable({ body, options }: Directive, declared: Declared): string {
  const rows: string[][] = []
  for (const line of body) {
    const item = /^\s*(\*\s+)?-(?:\s+(.*))?$/.exec(line)
    const cells = rows.at(-1)
    if (item?.[1] !== undefined) rows.push([item[2] ?? ''])
    else if (item !== null && cells !== undefined) cells.push(item[2] ?? '')
    else if (cells !== undefined && !isBlank(line)) cells.push(`${cells.pop() ?? ''} ${line.trim()}`.trim())
  }
  return pipeTable(rows, Number(options.get('header-rows') ?? 0) > 0, (cell) => inline(cell, declared))
}

function csvTable({ body, options }: Directive, declared: Declared): string {
  const header = options.get('header')
  const rows = [...(header === undefined ? [] : [header]), ...body].filter((line) => !isBlank(line)).map(csvCells)
  const hasHeader = header !== undefined || Number(options.get('header-rows') ?? 0) > 0
  return pipeTable(rows, hasHeader, (cell) => inline(cell, declared))
}

function csvCells(line: string): string[] {
  const found = line.matchAll(/\s*(?:"((?:[^"]|""){0,2000})"|([^,]*))(?:,|$)/g)
  const cells = [...found].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.trim() ?? '')
  // After the last comma's cell the end matches once more.
  return line.endsWith(',') ? cells : cells.slice(0, -1)
}

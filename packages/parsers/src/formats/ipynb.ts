import type { Format, FormatInput, FormatOutput } from '../format.ts'
import { FormatError } from '../format.ts'
import { decodeText, fenced, withoutPayloads } from '../text.ts'
import { headingOf } from './markdown.ts'

interface Cell {
  readonly cell_type?: unknown
  readonly source?: unknown
  readonly input?: unknown
  readonly outputs?: unknown
}

/** Output of one cell that is kept: a training log is not what a notebook says. */
const maxOutputChars = 10_000
const headChars = 16_384

export const ipynb: Format = {
  name: 'ipynb',
  mimeTypes: ['application/x-ipynb+json'],
  extensions: ['ipynb'],
  async parse(input): Promise<FormatOutput> {
    const notebook = record(parseJson(await decodeText(input.bytes)))
    const metadata = record(notebook.metadata)
    const language = string(record(metadata.language_info).name) ?? string(record(metadata.kernelspec).language)
    // Before version 4 the cells were kept in worksheets.
    const cells = array(notebook.cells ?? record(array(notebook.worksheets)[0]).cells)
    const parts: string[] = []
    for (const cell of cells) parts.push(await cellText(record(cell), language ?? '', input))
    const markdown = withoutPayloads(parts.filter(Boolean).join('\n'))
    const title = string(metadata.title) ?? headingOf(markdown.slice(0, headChars))
    const author = array(metadata.authors)
      .map((person) => string(record(person).name) ?? string(person))
      .filter((name) => name !== undefined)
      .join(', ')
    return {
      markdown,
      ...(author !== '' && { author }),
      ...(title !== undefined && { title }),
      ...(language && { metadata: { kernelLanguage: language } }),
    }
  },
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new FormatError('corrupt', 'The notebook is not JSON.')
  }
}

async function cellText(cell: Cell, language: string, input: FormatInput): Promise<string> {
  const source = joined(cell.source ?? cell.input)
  if (cell.cell_type !== 'code') return source.trim() === '' ? '' : `${source}\n`
  const shown: string[] = []
  let printed = ''
  for (const output of array(cell.outputs)) {
    const page = await shownPage(output, input)
    if (page === undefined) printed += outputText(output)
    else shown.push(page)
  }
  const code = source.trim() === '' ? '' : fenced(source, language)
  const log = printed.trim() === '' ? '' : fenced(printed.trim().slice(0, maxOutputChars))
  return [code, log, ...shown.map((page) => `${page.slice(0, maxOutputChars)}\n`)].filter(Boolean).join('\n')
}

/** What is drawn as a page has a text that only names the object. */
async function shownPage(output: unknown, input: FormatInput): Promise<string | undefined> {
  const { data } = record(output)
  const { 'text/html': page, 'text/plain': plain, 'text/markdown': markdown } = record(data)
  const source = joined(page)
  if (source === '' || joined(markdown) !== '' || !/^(<[\w.]+( object)?( at 0x\w+)?>)?$/.test(joined(plain)))
    return undefined
  const { html } = await import('./html.ts')
  const { markdown: text } = await html.parse({ ...input, bytes: Buffer.from(source), mimeType: 'text/html' })
  return text.trim()
}

function outputText(output: unknown): string {
  const { text, data, ename, evalue } = record(output)
  if (typeof ename === 'string') return `${ename}: ${asShown(joined(evalue))}\n`
  return asShown(joined(text ?? record(data)['text/markdown'] ?? record(data)['text/plain']))
}

/** As a terminal would leave it: without colours, and of a line written over and over its last state. */
function asShown(text: string): string {
  if (!/[\r\u001b\b]/.test(text)) return text
  return text
    .replace(/\u001b\[[\d;?]{0,40}[A-Za-z]/g, '')
    .replaceAll('\b', '')
    .split('\n')
    .map((line) => {
      const states = line.split('\r')
      return states.findLast((state) => state !== '') ?? ''
    })
    .join('\n')
}

function joined(source: unknown): string {
  return Array.isArray(source) ? source.filter((line) => typeof line === 'string').join('') : (string(source) ?? '')
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

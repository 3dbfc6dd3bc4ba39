import type { Format, FormatOutput } from '../format.ts'
import { FormatError } from '../format.ts'
import { decodeText, fenced, firstHeading } from '../text.ts'

interface Cell {
  readonly cell_type?: unknown
  readonly source?: unknown
  readonly input?: unknown
  readonly outputs?: unknown
}

/** Output of one cell that is kept: a training log is not what a notebook says. */
const maxOutputChars = 10_000

export const ipynb: Format = {
  name: 'ipynb',
  mimeTypes: ['application/x-ipynb+json'],
  extensions: ['ipynb'],
  async parse({ bytes }): Promise<FormatOutput> {
    const notebook = record(parseJson(await decodeText(bytes)))
    const metadata = record(notebook.metadata)
    const language = string(record(metadata.language_info).name) ?? string(record(metadata.kernelspec).language)
    // Before version 4 the cells were kept in worksheets.
    const cells = array(notebook.cells ?? record(array(notebook.worksheets)[0]).cells)
    const markdown = cells
      .map((cell) => cellText(record(cell), language ?? ''))
      .filter(Boolean)
      .join('\n')
    const title = string(metadata.title) ?? firstHeading(markdown)
    return {
      markdown,
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

function cellText(cell: Cell, language: string): string {
  const source = joined(cell.source ?? cell.input)
  if (cell.cell_type !== 'code') return source.trim() === '' ? '' : `${source}\n`
  const printed = array(cell.outputs).map(outputText).join('').trim()
  const code = source.trim() === '' ? '' : fenced(source, language)
  return printed === '' ? code : `${code}\n${fenced(printed.slice(0, maxOutputChars))}`
}

function outputText(output: unknown): string {
  const { text, data, ename, evalue } = record(output)
  if (typeof ename === 'string') return `${ename}: ${joined(evalue)}\n`
  return joined(text ?? record(data)['text/markdown'] ?? record(data)['text/plain'])
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

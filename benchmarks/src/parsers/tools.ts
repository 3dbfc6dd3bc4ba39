import { basename } from 'node:path'
import type { ParsedDocument } from '@cx/core/engine'
import { libraries } from './libraries.ts'

/** Text out of a file's bytes; rejects, or gives nothing, where it cannot. */
export type Extract = (bytes: Buffer, path: string) => Promise<string>

export interface Tool {
  readonly name: string
  /** This project runs it, too, and does more with what it gives: a bound, not a rival. */
  readonly isInside?: true
  /** Folders of the corpus. */
  readonly formats: readonly string[]
  load(): Promise<Extract>
}

function textOf({ chunks, children = [] }: ParsedDocument): string {
  const own = chunks.map(({ text, overlap }) => text.slice(overlap)).join('')
  return own + children.map(({ outcome }) => (outcome.ok ? `\n${textOf(outcome.document)}` : '')).join('')
}

/** This project, and what people use from npm. LangChain's loaders wrap pdf-parse 1, mammoth, officeparser, epub2, html-to-text and d3-dsv. */
export const tools: readonly Tool[] = [
  {
    name: 'cx',
    formats: [
      'pdf',
      'docx',
      'pptx',
      'xlsx',
      'xlsb',
      'odt',
      'ods',
      'odp',
      'rtf',
      'doc',
      'xls',
      'ppt',
      'epub',
      'html',
      'xml',
      'md',
      'txt',
      'csv',
      'json',
      'ipynb',
      'eml',
      'msg',
      'mbox',
      'image',
    ],
    async load() {
      const { parseBytes } = await import('@cx/parsers')
      return async (bytes, path) => {
        const outcome = await parseBytes({ bytes: new Uint8Array(bytes), mimeType: '', filename: basename(path) })
        if (!outcome.ok) throw new Error(outcome.code)
        return textOf(outcome.document)
      }
    },
  },
  {
    name: 'officeparser',
    formats: ['docx', 'pptx', 'xlsx', 'odt', 'ods', 'odp', 'pdf', 'rtf', 'html', 'epub', 'csv', 'md'],
    async load() {
      const { OfficeParser } = await import('officeparser')
      // By its name: not every format shows in the bytes.
      return async (_bytes, path) => String((await (await OfficeParser.parseOffice(path)).to('text')).value)
    },
  },
  {
    name: 'mammoth',
    formats: ['docx'],
    async load() {
      const { default: mammoth } = await import('mammoth')
      return async (buffer) => (await mammoth.extractRawText({ buffer })).value
    },
  },
  {
    name: 'pdf-parse 2',
    formats: ['pdf'],
    async load() {
      const { PDFParse } = await import('pdf-parse')
      return async (bytes) => {
        const parser = new PDFParse({ data: new Uint8Array(bytes) })
        try {
          return (await parser.getText()).text
        } finally {
          await parser.destroy()
        }
      }
    },
  },
  {
    name: 'pdf-parse 1 (LangChain)',
    formats: ['pdf'],
    async load() {
      const name = 'pdf-parse-1/lib/pdf-parse.js'
      const { default: parse }: { default: (bytes: Buffer) => Promise<{ text: string }> } = await import(name)
      return async (bytes) => (await parse(bytes)).text
    },
  },
  {
    name: 'epub2 + html-to-text (LangChain)',
    formats: ['epub'],
    async load() {
      const { EPub } = await import('epub2')
      const { htmlToText } = await import('html-to-text')
      return async (_bytes, path) => {
        const book = await EPub.createAsync(path)
        const parts: string[] = []
        for (const { id } of book.flow) if (id) parts.push(htmlToText(await book.getChapterRawAsync(id)))
        return parts.join('\n')
      }
    },
  },
  {
    name: 'html-to-text',
    formats: ['html'],
    async load() {
      const { htmlToText } = await import('html-to-text')
      return async (bytes) => htmlToText(bytes.toString())
    },
  },
  {
    name: 'd3-dsv (LangChain)',
    formats: ['csv'],
    async load() {
      const { csvParseRows } = await import('d3-dsv')
      return async (bytes) =>
        csvParseRows(bytes.toString())
          .map((cells) => cells.join(' '))
          .join('\n')
    },
  },
  {
    name: 'mailparser',
    formats: ['eml'],
    async load() {
      const { simpleParser } = await import('mailparser')
      return async (bytes) => {
        const { subject = '', text = '' } = await simpleParser(bytes)
        return `${subject}\n${text}`
      }
    },
  },
  {
    name: 'SheetJS',
    formats: ['xlsx', 'xls', 'xlsb', 'ods'],
    async load() {
      const { read, utils } = await import('@e965/xlsx')
      return async (bytes) => {
        const book = read(bytes, { type: 'buffer' })
        return book.SheetNames.map((name) => utils.sheet_to_csv(book.Sheets[name]!)).join('\n')
      }
    },
  },
  ...libraries,
]

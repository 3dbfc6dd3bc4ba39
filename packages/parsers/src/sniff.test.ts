import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { makePdf } from '../test/make-pdf.ts'
import { type FormatName, kinds, mimeOf } from './kinds.ts'
import { formats } from './registry.ts'
import { type SniffHints, sniff } from './sniff.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const zip = (...names: readonly string[]): Uint8Array =>
  zipSync(Object.fromEntries(names.map((name) => [name, text('x')])))
const opened = (mimetype: string): Uint8Array =>
  zipSync({ mimetype: [text(mimetype), { level: 0 }], 'content.xml': text('x') })

describe('sniff', () => {
  it.each<[string, Uint8Array, SniffHints, FormatName | undefined]>([
    ['a PDF called text', makePdf([[]]), { filename: 'a.txt', mimeType: 'text/plain' }, 'pdf'],
    ['prose about PDF', text('The header %PDF-1.7 begins a file'), { filename: 'a.md' }, 'markdown'],
    ['a DOCX called zip', zip('[Content_Types].xml', 'word/document.xml'), { filename: 'a.zip' }, 'docx'],
    ['a DOCX with another main part', zip('[Content_Types].xml', 'word/document2.xml'), {}, 'docx'],
    ['a DOCX cut short', zip('[Content_Types].xml', 'word/document.xml').subarray(0, 150), {}, 'docx'],
    ['a PPTX', zip('ppt/presentation.xml'), {}, 'pptx'],
    ['an XLSX', zip('xl/workbook.xml'), {}, 'xlsx'],
    ['an XLSB', zip('xl/workbook.bin'), {}, 'xlsb'],
    ['an EPUB', opened('application/epub+zip'), {}, 'epub'],
    [
      "a package of InDesign's",
      zipSync({
        mimetype: [text('application/vnd.adobe.indesign-idml-package'), { level: 0 }],
        'META-INF/container.xml': text('x'),
      }),
      { filename: 'a.idml' },
      'zip',
    ],
    ['an ODT', opened('application/vnd.oasis.opendocument.text'), { filename: 'a.docx' }, 'odt'],
    ['an ODS', opened('application/vnd.oasis.opendocument.spreadsheet'), {}, 'ods'],
    [
      'a flat ODT',
      text(
        '<?xml version="1.0"?>\n<office:document xmlns:office="o" office:mimetype="application/vnd.oasis.opendocument.text">',
      ),
      { filename: 'a.fodt' },
      'odt',
    ],
    [
      'a flat ODP',
      text('<office:document office:mimetype="application/vnd.oasis.opendocument.presentation">'),
      {},
      'odp',
    ],
    ['a ZIP', zip('a.txt', 'word/readme.txt'), {}, 'zip'],
    ['an RTF called doc', text('{\\rtf1 hello}'), { filename: 'a.doc' }, 'rtf'],
    ['tabs called xls', text('a\tb\n1\t2\n'), { filename: 'a.xls' }, 'csv'],
    [
      'semicolons in UTF-16 called xlsx',
      new Uint8Array(Buffer.from('\ufeffa;b\n1;2\n', 'utf16le')),
      { filename: 'a.xlsx' },
      'csv',
    ],
    ['prose called xls', text('One, two.\nThree.\n'), { filename: 'a.xls' }, 'text'],
    ['tabs called doc', text('a\tb\n1\t2\n'), { filename: 'a.doc' }, 'text'],
    ['a page called xls', text('<html><table><tr><td>1'), { filename: 'a.xls' }, 'html'],
    ['a gzip', new Uint8Array([0x1f, 0x8b, 8, 0]), {}, 'gz'],
    ['a picture', new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), { filename: 'a.pdf' }, 'image'],
    ['Markdown', text('# a'), { filename: 'A.MD' }, 'markdown'],
    ['Markdown that begins with a tag', text('<p align="center">'), { filename: 'README.md' }, 'markdown'],
    ['a table by its declared type', text('a,b'), { mimeType: 'text/csv; charset=utf-8' }, 'csv'],
    ['a page without a name', text('  <!DOCTYPE html><title>x'), {}, 'html'],
    ['XML without a name', text('<?xml version="1.0"?><a/>'), {}, 'xml'],
    ['XHTML without a name', text('<?xml version="1.0"?><html xmlns="x">'), {}, 'html'],
    ['JSON without a name', text('{"a": [1]}'), {}, 'json'],
    ['a bracket without a name', text('[see below] for more'), {}, 'text'],
    ['a mail', text('Received: from a\r\nSubject: b\r\n\r\nhi'), { filename: 'message' }, 'eml'],
    ['a mailbox', text('From a@b Mon Jan 1\nFrom: a@b\nSubject: b\n\nhi'), {}, 'mbox'],
    ['a letter', text('From: me\n\nDear you'), {}, 'text'],
    ['source code', text('int main() {}'), { filename: 'a.c' }, 'code'],
    ['a Makefile', text('all:\n'), { filename: 'x/Makefile' }, 'code'],
    ['text without a name', text('hello'), {}, 'text'],
    ['text with an unknown name', text('hello'), { filename: 'a.xyz', mimeType: 'application/octet-stream' }, 'text'],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 104, 0, 105, 0]), {}, 'text'],
    ['binary', new Uint8Array([1, 2, 3, 0, 5, 6, 7, 8]), { filename: 'a.xyz' }, undefined],
    ['a 7z', new Uint8Array([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]), {}, undefined],
    ['nothing', new Uint8Array(0), {}, 'text'],
  ])('%s', (_, bytes, hints, format) => {
    expect(sniff(bytes, hints).format).toBe(format)
  })

  it('keeps a declared type that is more exact, and says TSV', () => {
    expect(sniff(text('{}'), { mimeType: 'application/geo+json' }).mimeType).toBe('application/geo+json')
    expect(sniff(text('a\tb'), { filename: 'a.tsv' }).mimeType).toBe('text/tab-separated-values')
    expect(sniff(new Uint8Array([0, 1, 2]), { mimeType: 'model/stl' })).toEqual({ mimeType: 'model/stl' })
  })

  it.each<[string, string, string]>([
    ['\0\0\0\x18ftypheic', 'a.jpg', 'image/heic'],
    ['\0\0\0\x18ftypavif', 'a.bin', 'image/avif'],
    ['\0\0\0\x18ftypisom', 'a.mp4', 'video/mp4'],
    ['WEBVTT\n', 'a.vtt', 'text/vtt'],
    ['{"a":1}\n{"a":2}\n', 'a.jsonl', 'application/x-ndjson'],
    ['# Hi', 'a.mdx', 'text/mdx'],
    ['let a', 'a.mjs', 'text/javascript'],
    ['#!/bin/sh\necho', 'run', 'text/x-source'],
    ['{"a":1}\n{"a":2}\n', 'a', 'application/json'],
  ])('calls %j of %s %s', (source, filename, mimeType) => {
    expect(sniff(Buffer.from(source, 'latin1'), { filename }).mimeType).toBe(mimeType)
  })

  it('knows text in UTF-32 for text', () => {
    const bytes = Buffer.concat([...'{"a": 1}'].map((char) => Buffer.from([char.charCodeAt(0), 0, 0, 0])))
    expect(sniff(bytes).format).toBe('json')
  })

  it('is not led astray by broken containers', () => {
    const whole = zip('a.txt', 'b.txt')
    for (let length = 0; length < whole.length; length += 7) {
      for (let at = 0; at < length; at += 11) {
        expect(() => sniff(whole.slice(0, length).fill(0xff, at, at + 4), { filename: 'a.bin' })).not.toThrow()
      }
    }
    const ole = new Uint8Array(2048).fill(0xee)
    ole.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
    expect(() => sniff(ole)).not.toThrow()
    expect(sniff(ole, { filename: 'a.doc' }).format).toBe('doc')
  })
})

describe('the table of kinds', () => {
  it('says of each format what the format says of itself', async () => {
    for (const [name, load] of Object.entries(formats) as [FormatName, (typeof formats)[FormatName]][]) {
      const format = await load()
      expect(format.name).toBe(name)
      expect({ name, extensions: kinds[name].extensions, mimeTypes: kinds[name].mimeTypes }).toEqual({
        name,
        extensions: format.extensions,
        mimeTypes: format.mimeTypes,
      })
      expect(mimeOf(name)).toBe(format.mimeTypes[0])
    }
  })
})

import { utils, write } from '@e965/xlsx'
import { strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { relsOf, run } from '../../test/make-documents.ts'
import { xlsb } from './xlsb.ts'

/** A record of a binary part ([MS-XLSB] 2.1.4). */
function record(type: number, ...parts: readonly Uint8Array[]): Buffer {
  const data = Buffer.concat(parts)
  const head = type < 128 ? [type] : [(type & 127) | 128, type >> 7]
  return Buffer.concat([Buffer.from([...head, (data.length & 127) | 128, data.length >> 7]), data])
}
const long = (...values: readonly number[]): Buffer => Buffer.from(Int32Array.from(values).buffer)
const wide = (text: string): Buffer => Buffer.concat([long(text.length), Buffer.from(text, 'utf16le')])
const none = long(-1)

function bookWith(parts: Readonly<Record<string, Uint8Array>>, sheetRecords: Uint8Array): Uint8Array {
  const book = utils.book_new()
  utils.book_append_sheet(book, utils.aoa_to_sheet([['cell']]), 'S')
  const files = unzipSync(new Uint8Array(write(book, { type: 'buffer', bookType: 'xlsb' }) as Uint8Array))
  const sheet = files['xl/worksheets/sheet1.bin']!
  return zipSync({ ...files, ...parts, 'xl/worksheets/sheet1.bin': Buffer.concat([sheet, sheetRecords]) })
}

describe('xlsb', () => {
  it('puts headers last, names who wrote a comment, and shows a thread in place of its copy', async () => {
    const comment = (author: number, row: number, text: string): Buffer =>
      Buffer.concat([
        record(635, long(author, row, row, 0, 0), Buffer.alloc(16)),
        record(637, Buffer.from([0]), wide(text)),
      ])
    const margins = record(
      479,
      Buffer.from([0, 0]),
      wide('&LSalt && pepper&RPage &P'),
      wide('&8Draft'),
      none,
      none,
      none,
      none,
    )
    const bytes = bookWith(
      {
        'xl/worksheets/_rels/sheet1.bin.rels': strToU8(
          relsOf({ c: ['comments', '../comments1.bin'], t: ['threadedComment', '../thread1.xml'] }),
        ),
        'xl/comments1.bin': Buffer.concat([
          record(632, wide('Ann')),
          record(632, wide('tc={1}')),
          comment(0, 0, 'Why?'),
          comment(1, 1, 'a copy'),
        ]),
        'xl/thread1.xml': strToU8(
          '<ThreadedComments><threadedComment ref="A2"><text>Who?</text></threadedComment></ThreadedComments>',
        ),
      },
      margins,
    )
    expect((await run(xlsb, bytes)).markdown).toBe(
      '## S\n\ncell\n\n> Comment (A1, Ann): Why?\n\n> Comment (A2): Who?\n\nSalt & pepper\n\nDraft',
    )
  })
})

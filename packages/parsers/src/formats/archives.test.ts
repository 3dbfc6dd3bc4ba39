import { gzipSync } from 'node:zlib'
import iconv from 'iconv-lite'
import { describe, expect, it } from 'vitest'
import { type RunOptions, refusal, run, zipOf } from '../../test/make-documents.ts'
import type { Format } from '../format.ts'
import { defaultLimits } from '../format.ts'
import { parseBytes } from '../parse.ts'
import { gz } from './gz.ts'
import { mbox } from './mbox.ts'
import { tar } from './tar.ts'
import { zip } from './zip.ts'

async function childrenOf(
  format: Format,
  bytes: Uint8Array | string,
  options?: RunOptions,
): Promise<Record<string, string>> {
  const { children = [] } = await run(format, bytes, options)
  return Object.fromEntries(children.map(({ path, bytes: content }) => [path, Buffer.from(content).toString()]))
}

function tarEntry(name: string, content: string, type = '0', prefix = ''): Buffer {
  const header = Buffer.alloc(512)
  const data = Buffer.from(content)
  header.write(name.slice(0, 100), 0)
  header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write(' '.repeat(8), 148)
  header.write(type, 156)
  header.write('ustar\u000000', 257)
  header.write(prefix, 345)
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)])
}

/** Other names for members called `#0#`, `#1#`…, in any bytes. */
function withNames(plain: Uint8Array, names: readonly Uint8Array[]): Buffer {
  const file = Buffer.from(plain)
  const pieces: Uint8Array[] = []
  let from = 0
  let grown = 0
  const offsets: number[] = []
  let directory = -1
  for (const [signature, nameAt, lengthAt] of [
    ['PK\x03\x04', 30, 26],
    ['PK\x01\x02', 46, 28],
  ] as const) {
    names.forEach((name, index) => {
      const at = file.indexOf(signature, from, 'latin1')
      if (nameAt === 46 && index === 0) directory = at + grown
      if (nameAt === 30) offsets.push(at + grown)
      else file.writeUInt32LE(offsets[index]!, at + 42)
      file.writeUInt16LE(name.length, at + lengthAt)
      pieces.push(file.subarray(from, at + nameAt), name)
      from = at + nameAt + 3
      grown += name.length - 3
    })
  }
  const end = file.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  file.writeUInt32LE(end + grown - directory, end + 12)
  file.writeUInt32LE(directory, end + 16)
  return Buffer.concat([...pieces, file.subarray(from)])
}

describe('zip', () => {
  it('gives its members, but for folders and what systems leave behind', async () => {
    const bytes = zipOf({ 'a/b.txt': 'one', 'c.md': 'two', 'empty/': '', '__MACOSX/._c.md': 'x', '.DS_Store': 'x' })
    expect(await childrenOf(zip, bytes)).toEqual({ 'a/b.txt': 'one', 'c.md': 'two' })
  })

  it.each([
    ['cp932', ['文章1.txt', '予算の一覧.txt']],
    ['gbk', ['审计软件/检查文档.txt']],
    ['big5', ['會議記錄/預算表.txt']],
    ['cp949', ['회의록과 예산안 자료.txt']],
    ['cp866', ['Отчет за год.txt']],
    ['windows-1251', ['Отчет за год.txt']],
    ['cp437', ['Übersicht für März.txt']],
    ['windows-1252', ['Übersicht für März.txt', 'Liste d’été.txt']],
    ['utf8', ['Übersicht – 予算.txt']],
  ])('reads names in %s without a mark', async (encoding, names) => {
    const plain = zipOf(Object.fromEntries(names.map((_, index) => [`#${index}#`, 'x'])))
    const bytes = withNames(
      plain,
      names.map((name) => iconv.encode(name, encoding)),
    )
    expect(Object.keys(await childrenOf(zip, bytes))).toEqual(names)
  })

  it('leaves out what macOS packs beside a file, and only that', async () => {
    const double = Uint8Array.of(0, 5, 0x16, 7, 0, 2, 0, 0)
    expect(await childrenOf(zip, zipOf({ 'a/._b.txt': double, 'a/b.txt': 'one', '._c.txt': 'two' }))).toEqual({
      'a/b.txt': 'one',
      '._c.txt': 'two',
    })
  })

  it('finds members that are not where the directory says, and says why none can be read', async () => {
    const bytes = Buffer.from(zipOf({ 'a.txt': 'one', 'b.txt': 'two' }))
    const second = bytes.lastIndexOf('PK\x01\x02', undefined, 'latin1')
    bytes.writeUInt32LE(bytes.readUInt32LE(second + 42) + 7, second + 42)
    expect(await childrenOf(zip, bytes)).toEqual({ 'a.txt': 'one', 'b.txt': 'two' })
    const imploded = Buffer.from(zipOf({ 'a.txt': 'one' }))
    imploded.writeUInt16LE(6, imploded.indexOf('PK\x01\x02', undefined, 'latin1') + 10)
    expect(await refusal(zip, imploded)).toMatch(/^unsupported_type: .*method 6/)
  })

  it('goes on past a damaged member', async () => {
    const bytes = Buffer.from(zipOf({ 'bad.txt': 'x '.repeat(200), 'good.txt': 'fine' }))
    bytes.fill(0xff, 30 + 'bad.txt'.length, 30 + 'bad.txt'.length + 6)
    const { children, metadata } = await run(zip, bytes)
    expect(children?.map(({ path }) => path)).toEqual(['good.txt'])
    expect(metadata).toMatchObject({ members: 2, unread: [expect.stringContaining('bad.txt')] })
  })
})

describe('tar', () => {
  it('reads names of all lengths', async () => {
    const long = `${'folder/'.repeat(30)}file.txt`
    const pax = `path=${long}\n`
    const record = `${pax.length + 4} ${pax}`
    const bytes = Buffer.concat([
      tarEntry('plain.txt', 'one'),
      tarEntry('file.txt', 'two', '0', 'some/prefix'),
      tarEntry('././@LongLink', `${long}1\0`, 'L'),
      tarEntry('cut', 'three'),
      tarEntry('pax', record, 'x'),
      tarEntry('cut', 'four'),
      tarEntry('dir/', '', '5'),
      tarEntry('../../etc/passwd', 'five'),
      tarEntry('._plain.txt', '\u0000\u0005\u0016\u0007\u0000'),
      tarEntry('日本語の名前.txt', 'six'),
      Buffer.alloc(1024),
    ])
    expect(await childrenOf(tar, bytes)).toEqual({
      'plain.txt': 'one',
      'some/prefix/file.txt': 'two',
      [`${long}1`]: 'three',
      [long]: 'four',
      'etc/passwd': 'five',
      '日本語の名前.txt': 'six',
    })
  })

  it('keeps what comes before the damage and refuses what is none', async () => {
    const bytes = Buffer.concat([tarEntry('a', 'one'), tarEntry('b', 'x'.repeat(5000))])
    expect(await run(tar, bytes.subarray(0, 2000))).toMatchObject({
      children: [{ path: 'a' }],
      metadata: { damaged: expect.any(String) },
    })
    expect(await refusal(tar, 'x'.repeat(1024))).toMatch(/^corrupt: .*checksum/)
    expect(await refusal(tar, Buffer.concat([tarEntry('a', '1'), tarEntry('b', '2')]), { maxEntries: 1 })).toMatch(
      /^too_large/,
    )
  })
})

describe('gz', () => {
  it('gives the file inside by the name outside, else by the one it keeps', async () => {
    expect(await childrenOf(gz, gzipSync('text'), { filename: 'notes.txt.gz' })).toEqual({ 'notes.txt': 'text' })
    expect(await childrenOf(gz, gzipSync('text'), { filename: 'all.tgz' })).toEqual({ 'all.tar': 'text' })
    const named = Buffer.concat([
      Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]),
      Buffer.from('in.csv\0'),
      gzipSync('text').subarray(10),
    ])
    expect(await childrenOf(gz, named)).toEqual({ 'in.csv': 'text' })
  })

  it('stops bombs, reads what comes before a cut and says when it is damaged', async () => {
    expect(await refusal(gz, gzipSync(new Uint8Array(30 * 1024 * 1024)))).toMatch(/^too_large: .*200 times/)
    const whole = gzipSync(Array.from({ length: 1000 }, (_, line) => `line ${line * 7919}`).join('\n'))
    expect(await refusal(gz, whole.subarray(0, 12))).toMatch(/^corrupt/)
    expect(await refusal(gz, Buffer.from(whole).fill(0xff, 200, 300))).toMatch(/^corrupt/)
    const { children, metadata } = await run(gz, whole.subarray(0, whole.length - 200))
    expect(Buffer.from(children![0]!.bytes).toString()).toMatch(/^line 0\nline 7919\n/)
    expect(metadata).toEqual({ damaged: expect.any(String) })
  })
})

describe('mbox', () => {
  it('splits messages at their separators only', async () => {
    const box =
      'From a@x Sat Jan  3 01:05:34 1996\nSubject: one\n\nHello\nFrom here on it is prose\n\nFrom b@x Sat Jan  3 01:06:34 1996\nSubject: two\n\nBye\n'
    expect(await childrenOf(mbox, box)).toEqual({
      'message-00001.eml': 'Subject: one\n\nHello\nFrom here on it is prose\n\n',
      'message-00002.eml': 'Subject: two\n\nBye\n',
    })
    expect(await refusal(mbox, 'no mailbox')).toMatch(/^corrupt/)
    // Of a mailbox with more messages than are read, the first are worth having.
    const bytes = new Uint8Array(Buffer.from(box))
    const outcome = await parseBytes({ bytes, filename: 'a.mbox' }, { limits: { ...defaultLimits, maxEntries: 1 } })
    expect(outcome).toMatchObject({
      document: {
        metadata: { messages: 2 },
        children: [{ outcome: { ok: true } }, { outcome: { code: 'too_large' } }],
      },
    })
  })
})

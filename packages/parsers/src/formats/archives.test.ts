import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type RunOptions, refusal, run, zipOf } from '../../test/make-documents.ts'
import type { Format } from '../format.ts'
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

describe('zip', () => {
  it('gives its members, but for folders and what systems leave behind', async () => {
    const bytes = zipOf({ 'a/b.txt': 'one', 'c.md': 'two', 'empty/': '', '__MACOSX/._c.md': 'x', '.DS_Store': 'x' })
    expect(await childrenOf(zip, bytes)).toEqual({ 'a/b.txt': 'one', 'c.md': 'two' })
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
      Buffer.alloc(1024),
    ])
    expect(await childrenOf(tar, bytes)).toEqual({
      'plain.txt': 'one',
      'some/prefix/file.txt': 'two',
      [`${long}1`]: 'three',
      [long]: 'four',
      'etc/passwd': 'five',
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

  it('stops bombs and says when it is damaged', async () => {
    expect(await refusal(gz, gzipSync(new Uint8Array(30 * 1024 * 1024)))).toMatch(/^too_large: .*200 times/)
    expect(await refusal(gz, gzipSync('text '.repeat(1000)).subarray(0, 20))).toMatch(/^corrupt/)
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
    expect(await refusal(mbox, box, { maxEntries: 1 })).toMatch(/^too_large/)
  })
})

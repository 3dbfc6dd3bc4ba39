import type { ParseInput, ParseOutcome } from '@cx/core/engine'
import { describe, expect, it } from 'vitest'
import { defaultLimits, type Format, FormatError, type FormatOutput } from './format.ts'
import { parseBytes } from './parse.ts'

function input(text: string, filename: string, mimeType?: string): ParseInput {
  return { bytes: new TextEncoder().encode(text), filename, ...(mimeType !== undefined && { mimeType }) }
}

function format(name: string, parse: Format['parse']): Format {
  return { name, mimeTypes: [`test/${name}`], extensions: [name], parse }
}

const text = (outcome: ParseOutcome): string | undefined =>
  outcome.ok ? outcome.document.chunks.map((chunk) => chunk.text.slice(chunk.overlap)).join('') : outcome.code

const box = format('box', ({ bytes }): FormatOutput => {
  const children: { path: string; text: string; mimeType?: string }[] = JSON.parse(new TextDecoder().decode(bytes))
  return {
    markdown: '',
    children: children.map(({ path, text: content, mimeType }) => ({
      path,
      bytes: new TextEncoder().encode(content),
      ...(mimeType !== undefined && { mimeType }),
    })),
  }
})

describe('parseBytes', () => {
  it('gives chunks, type and what the document says of itself', async () => {
    const outcome = await parseBytes(input('# Hi\n\nthere\n', 'a.md'))
    expect(outcome).toEqual({
      ok: true,
      document: {
        mimeType: 'text/markdown',
        title: 'Hi',
        chunks: [{ text: '# Hi\n\nthere\n', overlap: 0, headings: ['Hi'] }],
      },
    })
  })

  it('has one kind of line end and no zeros', async () => {
    expect(text(await parseBytes(input('a\r\nb\rc', 'a.txt')))).toBe('a\nb\nc')
  })

  it.each<[string, ParseInput, string]>([
    ['no bytes', input('', 'a.md'), 'empty'],
    ['blank lines', input(' \n\n', 'a.md'), 'empty'],
    ['an unknown type', { bytes: new Uint8Array([0, 1, 2, 3]), filename: 'a.bin' }, 'unsupported_type'],
    ['a broken PDF', input('%PDF-1.7', 'a.pdf'), 'corrupt'],
    ['too many bytes', { bytes: new Uint8Array(defaultLimits.maxInputBytes + 1) }, 'too_large'],
  ])('says why there is no text: %s', async (_, given, code) => {
    const outcome = await parseBytes(given)
    expect(outcome).toMatchObject({ ok: false, code })
  })

  it('says so of an encrypted office file', async () => {
    const bytes = new Uint8Array(2048)
    bytes.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
    bytes[30] = 9
    const view = new DataView(bytes.buffer)
    // The directory is sector 0: a root entry whose child is the next one, which has no siblings.
    view.setUint32(512 + 76, 1, true)
    const name = Buffer.from('EncryptedPackage', 'utf16le')
    bytes.set(name, 640)
    view.setUint16(640 + 64, name.length + 2, true)
    view.setUint32(640 + 68, 0xffffffff, true)
    view.setUint32(640 + 72, 0xffffffff, true)
    expect(await parseBytes({ bytes, filename: 'a.docx' })).toMatchObject({ ok: false, code: 'encrypted' })
  })

  it.each<[string, unknown, string]>([
    ['a reason', new FormatError('encrypted', 'It has a password.'), 'encrypted'],
    ['an error', new TypeError('x is not a function'), 'corrupt'],
    ['no error', 'a string', 'corrupt'],
    ['the stack', new RangeError('Maximum call stack size exceeded'), 'corrupt'],
    ['memory', new RangeError('Array buffer allocation failed'), 'out_of_memory'],
    ['a string', new RangeError('Invalid string length'), 'output_too_large'],
  ])('turns what a format throws into a reason: %s', async (_, thrown, code) => {
    const throws = format('throws', () => Promise.reject(thrown))
    expect(await parseBytes(input('x', 'a.throws'), { extraFormats: [throws] })).toMatchObject({
      ok: false,
      code,
      mimeType: 'test/throws',
    })
  })

  it('refuses text over the limit', async () => {
    const limits = { ...defaultLimits, maxOutputChars: 10 }
    expect(await parseBytes(input('eleven chars', 'a.txt'), { limits })).toMatchObject({
      ok: false,
      code: 'output_too_large',
    })
  })
})

describe('documents inside', () => {
  const inside = async (children: readonly object[], limits = defaultLimits): Promise<unknown> => {
    const outcome = await parseBytes(input(JSON.stringify(children), 'a.box'), { limits, extraFormats: [box] })
    return outcome.ok && outcome.document.children?.map((child) => [child.path, text(child.outcome)])
  }

  it('are parsed by their own types, under names of their own', async () => {
    expect(
      await inside([
        { path: 'x/a.md', text: '# a' },
        { path: 'x/a.md', text: '# b' },
        { path: '', text: 'plain' },
        { path: 'c', text: '<p>c</p>', mimeType: 'text/html' },
        { path: 'd.pdf', text: '%PDF-1.7' },
      ]),
    ).toEqual([
      ['x/a.md', '# a'],
      ['x/a.md (2)', '# b'],
      ['unnamed', 'plain'],
      ['c', 'c'],
      ['d.pdf', 'corrupt'],
    ])
  })

  it('end at a depth, a number and a size, and say so', async () => {
    const nested = [1, 2, 3].reduce(
      (content) => JSON.stringify([{ path: 'in.box', text: content }]),
      JSON.stringify([{ path: 'deep.txt', text: 'deep' }]),
    )
    const outcome = await parseBytes(input(nested, 'a.box'), { extraFormats: [box] })
    expect(JSON.stringify(outcome)).toContain('It lies deeper than 3 containers.')
    const three = ['a', 'b', 'c'].map((name) => ({ path: `${name}.txt`, text: 'text of ten' }))
    expect(await inside(three, { ...defaultLimits, maxEntries: 1 })).toEqual([
      ['a.txt', 'text of ten'],
      ['b.txt', 'too_large'],
    ])
    expect(await inside(three, { ...defaultLimits, maxInflatedBytes: 25 })).toEqual([
      ['a.txt', 'text of ten'],
      ['b.txt', 'text of ten'],
      ['c.txt', 'too_large'],
    ])
  })
})

import { crc32, deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { run } from '../../test/make-documents.ts'
import { image } from './image.ts'

function pngChunk(kind: string, data: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data])
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

function png(...chunks: readonly Buffer[]): Buffer {
  const header = Buffer.from([0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 0, 0])
  const start = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([start, pngChunk('IHDR', header), ...chunks, pngChunk('IEND', Buffer.alloc(0))])
}

describe('texts in pictures', () => {
  it('of PNG, plain, packed and in UTF-8', async () => {
    const bytes = png(
      pngChunk('tEXt', Buffer.from('Title\0Caf\xe9', 'latin1')),
      pngChunk('zTXt', Buffer.concat([Buffer.from('Description\0\0'), deflateSync('A long description')])),
      pngChunk('iTXt', Buffer.from('Author\0\0\0en\0Autor\0Zoë')),
      pngChunk('tEXt', Buffer.from('Comment\0Created with GIMP')),
      pngChunk('tEXt', Buffer.from('Creation Time\0Mon, 06 May 2024 07:08:09 GMT')),
    )
    expect(await run(image, bytes)).toMatchObject({
      markdown:
        '# Café\n\nPNG image, 3 × 2 pixels\n\n- Description: A long description\n- Author: Zoë\n- Taken: 2024-05-06T07:08:09.000Z',
      title: 'Café',
      author: 'Zoë',
      createdAt: '2024-05-06T07:08:09.000Z',
    })
  })

  it('of PNG that are damaged or would grow without end are left out', async () => {
    const bomb = deflateSync(Buffer.alloc(10 * 1024 * 1024, 32))
    const bytes = png(
      pngChunk('zTXt', Buffer.concat([Buffer.from('Description\0\0'), bomb])),
      pngChunk('zTXt', Buffer.from('Comment\0\0no zlib')),
      pngChunk('iTXt', Buffer.from('Title')),
    )
    expect((await run(image, bytes)).markdown).toBe('PNG image, 3 × 2 pixels')
  })

  it('of JPEG and GIF are comments', async () => {
    const comment = Buffer.from('Bird site in Skåne\0')
    const jpeg = Buffer.concat([
      Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, comment.length + 2]),
      comment,
      Buffer.from([0xff, 0xc0, 0, 11, 8, 0, 2, 0, 3, 1, 1, 0x11, 0, 0xff, 0xd9]),
    ])
    expect((await run(image, jpeg)).markdown).toBe('JPG image, 3 × 2 pixels\n\n- Comment: Bird site in Skåne')
    const gif = Buffer.concat([
      Buffer.from('GIF89a'),
      Buffer.from([3, 0, 2, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x21, 0xfe, 5]),
      Buffer.from('A map'),
      Buffer.from([0, 0x3b]),
    ])
    expect((await run(image, gif)).markdown).toBe('GIF image, 3 × 2 pixels\n\n- Comment: A map')
  })

  it('are counted as pages in a TIFF', async () => {
    const directory = (next: number): Buffer => {
      const bytes = Buffer.alloc(30)
      bytes.writeUInt16LE(2, 0)
      for (const [index, [tag, value]] of [
        [256, 3],
        [257, 2],
      ].entries()) {
        bytes.writeUInt16LE(tag!, 2 + index * 12)
        bytes.writeUInt16LE(3, 4 + index * 12)
        bytes.writeUInt32LE(1, 6 + index * 12)
        bytes.writeUInt16LE(value!, 10 + index * 12)
      }
      bytes.writeUInt32LE(next, 26)
      return bytes
    }
    const bytes = Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), directory(38), directory(8)])
    expect(await run(image, bytes)).toMatchObject({ markdown: 'TIFF image, 3 × 2 pixels, 2 pages', pages: 2 })
  })
})

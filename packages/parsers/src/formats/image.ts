import type { Json } from '@cx/core'
import exifr from 'exifr'
import { imageSize } from 'image-size'
import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { readComments } from '../image/comments.ts'
import { tiffPages } from '../image/pages.ts'
import { isoDate } from '../office/properties.ts'

/** Pictures: size and what their metadata says (EXIF, IPTC, XMP). What they show is not read. */
export const image: Format = {
  name: 'image',
  mimeTypes: ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/bmp', 'image/tiff'],
  extensions: ['jpg', 'jpeg', 'png', 'gif', 'webp', 'bmp', 'tif', 'tiff'],
  parse,
}

const maxField = 2000

async function parse({ bytes }: FormatInput): Promise<FormatOutput> {
  const { width, height, type = 'image' } = sizeOf(bytes)
  const tags = await readTags(bytes)
  const comments = readComments(bytes, type)
  const said = (name: string): string | undefined => plainText(comments.get(name))
  const pages = type === 'tiff' ? tiffPages(bytes) : 1
  const text = (...names: string[]): string | undefined => {
    for (const name of names) {
      const value = plainText(tags[name])
      if (value) return value
    }
    return undefined
  }
  // Names of XMP first, which is always UTF-8.
  const title = text('title', 'ObjectName', 'XPTitle', 'Headline') ?? said('Title')
  const author = text('creator', 'Artist', 'By-line', 'Byline', 'XPAuthor') ?? said('Author')
  const taken = dateOf(
    tags.DateTimeOriginal ?? tags.CreateDate ?? tags.DateCreated ?? writtenDate(said('Creation Time')),
  )
  const { latitude, longitude } = tags
  const description = text('description', 'ImageDescription', 'Caption', 'XPComment') ?? said('Description')
  const facts: [string, string | undefined][] = [
    ['Description', description],
    ['Comment', [said('Comment'), said('Disclaimer')].find((part) => part !== undefined && part !== description)],
    ['Keywords', text('subject', 'Keywords', 'XPKeywords')],
    ['Author', author],
    ['Taken', taken],
    ['Camera', cameraOf(text('Make'), text('Model'))],
    ['Place', text('City', 'Country')],
    [
      'Position',
      typeof latitude === 'number' && typeof longitude === 'number'
        ? `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
        : undefined,
    ],
    ['Copyright', text('Copyright', 'rights') ?? said('Copyright')],
  ]
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined)
  const lines = [
    `${type.toUpperCase()} image, ${width} × ${height} pixels${pages > 1 ? `, ${pages} pages` : ''}`,
    known.map(([name, value]) => `- ${name}: ${value}`).join('\n'),
  ]
  const metadata: Record<string, Json> = { type, width, height }
  for (const [name, value] of known) metadata[name.toLowerCase()] = value
  return {
    markdown: [title ? `# ${title}` : '', ...lines].filter((line) => line !== '').join('\n\n'),
    ...(title ? { title } : {}),
    ...(author ? { author } : {}),
    ...(taken ? { createdAt: taken } : {}),
    ...(pages > 1 ? { pages } : {}),
    metadata,
  }
}

function sizeOf(bytes: Uint8Array): { readonly width: number; readonly height: number; readonly type?: string } {
  try {
    const { width, height, type } = imageSize(bytes)
    return { width, height, ...(type === undefined ? {} : { type }) }
  } catch (error) {
    throw new FormatError('corrupt', `The picture's header cannot be read: ${(error as Error).message}`)
  }
}

async function readTags(bytes: Uint8Array): Promise<Readonly<Record<string, unknown>>> {
  try {
    const tags: unknown = await exifr.parse(bytes, {
      tiff: true,
      exif: true,
      gps: true,
      iptc: true,
      xmp: true,
      icc: false,
      makerNote: false,
      userComment: false,
    })
    return typeof tags === 'object' && tags !== null ? { ...tags } : {}
  } catch {
    // Formats without metadata (GIF, BMP), and metadata that is damaged.
    return {}
  }
}

function plainText(value: unknown): string | undefined {
  if (typeof value === 'string')
    return (
      value
        .replace(/[\s\u0000]+/g, ' ')
        .trim()
        .slice(0, maxField) || undefined
    )
  if (Array.isArray(value))
    return (
      value
        .map(plainText)
        .filter((part) => part !== undefined)
        .join(', ')
        .slice(0, maxField) || undefined
    )
  if (typeof value === 'object' && value !== null && 'value' in value) return plainText(value.value)
  return undefined
}

/** Most models begin with their maker's name. */
function cameraOf(make: string | undefined, model: string | undefined): string | undefined {
  if (make === undefined || model === undefined) return make ?? model
  return model.toLowerCase().startsWith(make.split(' ', 1).join('').toLowerCase()) ? model : `${make} ${model}`
}

/** Of those written by hand, those that can be read in one way. */
function writtenDate(text: string | undefined): string | undefined {
  return text !== undefined && /\d{4}/.test(text) ? text : undefined
}

function dateOf(value: unknown): string | undefined {
  return value instanceof Date || typeof value === 'string' ? isoDate(value) : undefined
}

import { TextDecoder } from 'node:util'
import { refuseEncryptedPackage } from '../cfb.ts'
import { FormatError, type Limits } from '../format.ts'
import { openZip, type Zip, type ZipEntry } from '../zip.ts'
import { attr, type XmlHandlers, type XmlOptions, XmlScanner } from './xml.ts'

const sliceBytes = 512 * 1024

/** Walks one XML part. False when it is missing, cut short or not XML; what came before was heard all the same. */
export function scanPart(
  zip: Zip,
  part: string | ZipEntry | undefined,
  limits: Limits,
  on: XmlHandlers,
  options: Partial<XmlOptions> = {},
): boolean {
  const entry = typeof part === 'string' ? zip.find(part) : part
  if (!entry) return false
  const scanner = new XmlScanner(on, { maxDepth: limits.maxDepth, ...options })
  let decoder: TextDecoder | undefined
  try {
    zip.stream(entry, (piece) => {
      for (let at = 0; at < piece.length; at += sliceBytes) {
        const slice = piece.subarray(at, at + sliceBytes)
        decoder ??= xmlDecoder(slice)
        scanner.write(decoder.decode(slice, { stream: true }))
      }
    })
  } catch (error) {
    // A damaged side part must not cost the document; a damaged main part shows as a walk that is not complete.
    if (error instanceof FormatError && error.code === 'corrupt') return false
    throw error
  }
  if (decoder) scanner.write(decoder.decode())
  return scanner.close()
}

/** The same over bytes that are no ZIP: flat ODF. */
export function scanBytes(
  bytes: Uint8Array,
  limits: Limits,
  on: XmlHandlers,
  options: Partial<XmlOptions> = {},
): boolean {
  const scanner = new XmlScanner(on, { maxDepth: limits.maxDepth, ...options })
  const decoder = xmlDecoder(bytes)
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    scanner.write(decoder.decode(bytes.subarray(at, at + sliceBytes), { stream: true }))
  }
  scanner.write(decoder.decode())
  return scanner.close()
}

function xmlDecoder(bytes: Uint8Array): TextDecoder {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le')
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be')
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 120))
  const label = /encoding=["']([\w-]{1,30})["']/.exec(head)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(label.toLowerCase().startsWith('utf-16') ? 'utf-8' : label)
  } catch {
    return new TextDecoder()
  }
}

export interface Relationship {
  readonly id: string
  /** The last part of the relationship's type: `hyperlink`, `slide`. */
  readonly type: string
  /** A path inside the package, or an address when `external`. */
  readonly target: string
  readonly external: boolean
}

export interface OfficePackage {
  readonly zip: Zip
  readonly limits: Limits
  /** The document's main part. */
  readonly main: string
  /** What a part refers to; empty when it refers to nothing. */
  relationships(part: string): readonly Relationship[]
}

/** Opens an OOXML file: ECMA-376 part 2. Throws FormatError `encrypted`, `corrupt`, `too_large`. */
export function openPackage(bytes: Uint8Array, limits: Limits, what: string, usualMain: string): OfficePackage {
  refuseEncryptedPackage(bytes, limits, what)
  const zip = openZip(bytes, limits)
  const relationships = (part: string): Relationship[] => {
    const slash = part.lastIndexOf('/')
    const folder = part.slice(0, slash + 1)
    const found: Relationship[] = []
    scanPart(zip, `${folder}_rels/${part.slice(slash + 1)}.rels`, limits, {
      open(name, attrs) {
        if (name !== 'Relationship') return
        const target = attr(attrs, 'Target') ?? ''
        const external = attr(attrs, 'TargetMode') === 'External'
        const type = attr(attrs, 'Type') ?? ''
        const path = external ? target : resolvePath(folder, target)
        found.push({ id: attr(attrs, 'Id') ?? '', type: type.slice(type.lastIndexOf('/') + 1), target: path, external })
        return
      },
    })
    return found
  }
  const declared = relationships('').find((each) => each.type === 'officeDocument')?.target
  const main = declared !== undefined && zip.find(declared) ? declared : usualMain
  return { zip, limits, main, relationships }
}

/** A relative path inside a package made whole. */
export function resolvePath(folder: string, target: string): string {
  const parts = target.startsWith('/') ? [] : folder.split('/').filter((part) => part !== '')
  for (const part of target.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

import type { Attachment } from './message.ts'
import { decodeTransfer } from './transfer.ts'

const lineFeed = 10
const most = 1000
const longestBegin = 300

/** Files that older programs wrote into the text itself (uuencode, yEnc), and the text without them. */
export function takeFiles(bytes: Uint8Array): { readonly text: Uint8Array; readonly files: readonly Attachment[] } {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!file.includes('begin ')) return { text: bytes, files: [] }
  const files: Attachment[] = []
  const kept: Uint8Array[] = []
  let from = 0
  const [nextEnd, nextYend] = [finder(file, '\nend'), finder(file, '\n=yend')]
  for (let at = file.indexOf('begin '); at >= 0 && files.length < most; ) {
    const found = uuencoded(file, at, nextEnd) ?? yencoded(file, at - 2, nextYend)
    if (found !== undefined) {
      kept.push(file.subarray(from, found.start))
      files.push({ name: found.name, bytes: found.content })
      from = found.end
    }
    at = file.indexOf('begin ', Math.max(at + 6, from))
  }
  return files.length === 0 ? { text: bytes, files } : { text: Buffer.concat([...kept, file.subarray(from)]), files }
}

type Finder = (from: number) => number

/** Looks forward, and never twice over the same text: many may begin that never end. */
function finder(file: Buffer, text: string): Finder {
  let last = -1
  return (from) => {
    if (last < from) last = file.indexOf(text, from)
    if (last < 0) last = Number.POSITIVE_INFINITY
    return last
  }
}

interface Found {
  readonly start: number
  readonly end: number
  readonly name: string
  readonly content: Uint8Array
}

/** `begin 644 name`, lines of which the first letter says how long they are, `end`. */
function uuencoded(file: Buffer, at: number, nextEnd: Finder): Found | undefined {
  const line = lineAt(file, at)
  const name = line && /^begin [0-7]{3,4} (\S.*?)\s*$/.exec(line.text)?.[1]
  const first = line && name ? lineAt(file, line.end) : undefined
  if (first === undefined || line === undefined || name === undefined) return undefined
  const bytes = (first.text.charCodeAt(0) - 32) & 63
  const length = first.text.trimEnd().length - 1
  // Some leave out spaces at the end, some add a checksum; none has small letters.
  const isLine = /^[ -`]*\s*$/.test(first.text) && length <= Math.ceil(bytes / 3) * 4 + 2
  if (bytes > 0 && (!isLine || length < bytes)) return undefined
  const last = nextEnd(line.end - 1)
  if (last >= file.length) return undefined
  const stop = lineAt(file, last + 1)
  if (stop === undefined || stop.text.trim() !== 'end') return undefined
  return { start: at, end: stop.end, name, content: decodeTransfer(file.subarray(at, stop.end), 'x-uuencode') }
}

/** `=ybegin line=128 size=9 name=x`, bytes raised by 42, `=yend` (yEnc 1.3). */
function yencoded(file: Buffer, at: number, nextYend: Finder): Found | undefined {
  const line = at < 0 ? undefined : lineAt(file, at)
  const name = line && /^=ybegin .*?\bname=(.*?)\s*$/.exec(line.text)?.[1]
  if (line === undefined || name === undefined) return undefined
  let start = line.end
  if (file.toString('latin1', start, start + 7) === '=ypart ') start = lineAt(file, start)?.end ?? start
  const last = nextYend(start - 1)
  if (last >= file.length) return undefined
  const content = Buffer.alloc(Math.max(0, last - start))
  let length = 0
  for (let from = start; from < last; from++) {
    let byte = file[from]!
    if (byte === lineFeed || byte === 13) continue
    if (byte === 61) byte = file[++from]! - 64
    content[length++] = byte - 42
  }
  return { start: at, end: lineAt(file, last + 1)?.end ?? file.length, name, content: content.subarray(0, length) }
}

/** Where a line begins; undefined in the middle of one. */
function lineAt(file: Buffer, at: number): { readonly text: string; readonly end: number } | undefined {
  if (at > 0 && file[at - 1] !== lineFeed) return undefined
  const feed = file.indexOf(lineFeed, at)
  const end = feed < 0 ? file.length : feed + 1
  return { text: file.toString('latin1', at, Math.min(end, at + longestBegin)), end }
}

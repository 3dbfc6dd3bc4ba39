import type { Limits } from '../format.ts'
import { declaredCharset } from '../html/charset.ts'
import { decodeCharset, isShifted } from '../text.ts'
import { withoutArmor } from './armor.ts'
import { type Header, readHeader, readParameters } from './header.ts'
import { takeFiles } from './inline-files.ts'
import type { Attachment, Body } from './message.ts'
import { openPkcs7 } from './pkcs7.ts'
import { decodeTransfer } from './transfer.ts'

export interface MimeMessage {
  readonly header: Header['fields']
  /** One after the other; each is one text in one form or in two. */
  readonly bodies: readonly Body[]
  readonly attachments: readonly Attachment[]
  /** Invitations that stand beside the text, as iCalendar. */
  readonly calendars: readonly string[]
}

/** Containers in one another beyond this are text. */
const mostLevels = 64

/** Takes an Internet message apart (RFC 2045 and 2046). Never throws: what is broken is read as far as it goes. */
export function readMime(bytes: Uint8Array, limits: Limits): MimeMessage {
  const start = firstLine(bytes)
  const header = readHeader(bytes, start, bytes.length)
  const message = { bodies: [] as Body[], attachments: [] as Attachment[], calendars: [] as string[] }
  const walk = new Walk(bytes, limits, { parts: limits.maxEntries + 1 })
  walk.part(header, bytes.length, { level: 0, container: '', into: message })
  return { header: header.fields, ...message }
}

interface Place {
  readonly level: number
  /** The kind of multipart around it: `mixed`, `alternative`, `related`, `digest`; empty at the top. */
  readonly container: string
  readonly into: { readonly bodies: Body[]; readonly attachments: Attachment[]; readonly calendars: string[] }
}

class Walk {
  readonly #bytes: Uint8Array
  readonly #file: Buffer
  readonly #limits: Limits
  /** Shared with what is unwrapped. */
  readonly #left: { parts: number }

  constructor(bytes: Uint8Array, limits: Limits, left: { parts: number }) {
    this.#bytes = bytes
    this.#file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#limits = limits
    this.#left = left
  }

  part({ fields, end: start }: Header, end: number, place: Place): void {
    const fallback = place.container === 'digest' ? 'message/rfc822' : 'text/plain'
    const { value, params } = readParameters(fields.get('content-type') ?? fallback)
    const type = value.includes('/') ? value : value === 'text' ? 'text/plain' : params.has('name') ? unknown : fallback
    if (type.startsWith('multipart/') && place.level < mostLevels) {
      const parts = this.#split(start, end, params.get('boundary'))
      if (parts.length > 0) {
        this.#container(type.slice(10), parts, place)
        return
      }
    }
    const disposition = readParameters(fields.get('content-disposition') ?? '')
    const encoding = encodingOf(fields)
    const name = disposition.params.get('filename') ?? params.get('name')
    // Apple's mail shows text files in the mail, behind its own text.
    const isBeside = Boolean(name) && place.container === 'mixed' && place.into.bodies.length > 0
    const isAttached = disposition.value === 'attachment' || (isBeside && isText(type))
    if (type === 'text/calendar' && !isAttached) place.into.calendars.push(this.#text(start, end, encoding, params))
    else if ((isText(type) || reports.test(type)) && !isAttached) this.#body(type, start, end, encoding, params, place)
    else {
      // What a page shows is part of its look; what says how a container is sealed says nothing to people.
      if (place.container === 'related' && looks.test(type) && !(isAttached && !isShown(fields, place))) return
      if (seals.test(type) && (place.container === 'signed' || place.container === 'encrypted')) return
      const bytes = decodeTransfer(this.#bytes.subarray(start, end), encoding)
      if (signedMail.test(type) && place.level < mostLevels && this.#unwrapped(bytes, place)) return
      place.into.attachments.push({ name: name || names.get(type), bytes, mimeType: inner.get(type) ?? type })
    }
  }

  #body(
    type: string,
    start: number,
    end: number,
    encoding: string,
    params: ReadonlyMap<string, string>,
    place: Place,
  ): void {
    const { bodies, attachments } = place.into
    if (type === 'text/html') {
      const bytes = decodeTransfer(this.#bytes.subarray(start, end), encoding)
      const charset = params.get('charset') || declaredCharset(bytes) || (isShifted(bytes) ? 'iso-2022-jp' : '')
      bodies.push({ html: decodeCharset(bytes, charset) })
      return
    }
    const files: Attachment[] = []
    const { text, sealed } = withoutArmor(this.#text(start, end, encoding, params, files))
    bodies.push({ text: text.trim() })
    attachments.push(...files)
    for (const each of sealed)
      attachments.push({ name: 'message.asc', bytes: Buffer.from(each), mimeType: 'application/pgp-encrypted' })
  }

  /** What S/MIME signed is read in place of the signed form (RFC 8551, 3.5.2). */
  #unwrapped(bytes: Uint8Array, { level, into }: Place): boolean {
    const message = openPkcs7(bytes, this.#limits)
    if (message.kind !== 'content' || !isEntity(message.content)) return false
    const { content } = message
    new Walk(content, this.#limits, this.#left).part(readHeader(content, 0, content.length), content.length, {
      level: level + 1,
      container: '',
      into,
    })
    return true
  }

  #container(kind: string, parts: readonly (readonly [start: number, end: number])[], place: Place): void {
    const { level, into } = place
    if (kind !== 'alternative') {
      for (const [start, end] of parts) this.#one(start, end, { level: level + 1, container: kind, into })
      return
    }
    const inside = { bodies: [] as Body[], attachments: [] as Attachment[], calendars: into.calendars }
    for (const [start, end] of parts) this.#one(start, end, { level: level + 1, container: kind, into: inside })
    const text = inside.bodies.flatMap((body) => body.text || []).join('\n\n')
    const html = inside.bodies.flatMap((body) => body.html || []).join('\n')
    if (text !== '' || html !== '') into.bodies.push({ text, html })
    // The same again in a form that is not read here.
    const again = text !== '' || html !== '' ? forms : /^$/
    into.attachments.push(...inside.attachments.filter(({ mimeType = '', name }) => name || !again.test(mimeType)))
  }

  #one(start: number, end: number, place: Place): void {
    if (this.#left.parts-- > 0) this.part(readHeader(this.#bytes, start, end), end, place)
  }

  /** Files that are written into the text go to `files`, where they are wanted. */
  #text(
    start: number,
    end: number,
    encoding: string,
    params: ReadonlyMap<string, string>,
    files?: Attachment[],
  ): string {
    let bytes = decodeTransfer(this.#bytes.subarray(start, end), encoding)
    if (files !== undefined) {
      const taken = takeFiles(bytes)
      bytes = taken.text
      files.push(...taken.files)
    }
    const charset = params.get('charset') ?? ''
    const text = decodeCharset(bytes, charset === '' && isShifted(bytes) ? 'iso-2022-jp' : charset)
    const isFlowed = params.get('format')?.toLowerCase() === 'flowed'
    return isFlowed ? unfolded(text, params.get('delsp')?.toLowerCase() === 'yes') : text
  }

  /** The parts between the lines of a boundary; without the last of them the rest is a part as well. */
  #split(start: number, end: number, boundary = this.#guessBoundary(start, end)): [start: number, end: number][] {
    const parts: [number, number][] = []
    if (boundary === undefined) return parts
    const delimiter = Buffer.from(`--${boundary.trimEnd()}`)
    let open = -1
    for (let at = this.#file.indexOf(delimiter, start); at >= 0 && at < end && parts.length < this.#left.parts; ) {
      const after = at + delimiter.length
      let next = after
      if (at === start || this.#bytes[at - 1] === 10) {
        const isLast = this.#bytes[after] === 45 && this.#bytes[after + 1] === 45
        const feed = this.#bytes.indexOf(10, after)
        const lineEnd = feed < 0 || feed > end ? end : feed + 1
        if (isLast || this.#file.toString('latin1', after, Math.min(lineEnd, after + 80)).trim() === '') {
          if (open >= 0) parts.push([open, this.#partEnd(open, at)])
          open = isLast ? -1 : lineEnd
          if (isLast) break
          next = lineEnd
        }
      }
      at = this.#file.indexOf(delimiter, next)
    }
    if (open >= 0 && open < end && parts.length < this.#left.parts) parts.push([open, end])
    return parts
  }

  /** The line end before a boundary belongs to it. */
  #partEnd(start: number, boundary: number): number {
    let end = boundary
    if (end > start && this.#bytes[end - 1] === 10) end--
    if (end > start && this.#bytes[end - 1] === 13) end--
    return end
  }

  /** Of a container that does not say its own: the first line that looks like one. */
  #guessBoundary(start: number, end: number): string | undefined {
    const head = this.#file.toString('latin1', start, Math.min(end, start + 2048))
    return /(?:^|\n)--([^\s-][^\r\n]{3,69})\r?\n/.exec(head)?.[1]
  }
}

const looks = /^(image\/|font\/|text\/css|text\/javascript|application\/(x-)?javascript)/
/** Who got a message and who did not, for people and for programs (RFC 3464, RFC 8098, RFC 5965). */
const reports = /^(multipart\/.*|message\/(delivery-status|disposition-notification|feedback-report))$/
const seals = /^application\/(.*-signature|pgp-encrypted)$/
const signedMail = /^application\/(x-)?pkcs7-mime$/
/** Of what has a name, and a type that is none. */
const unknown = 'application/octet-stream'
const names: ReadonlyMap<string, string> = new Map([
  ['message/rfc822', 'message.eml'],
  ['message/global', 'message.eml'],
  ['text/rfc822-headers', 'headers.eml'],
  ['message/rfc822-headers', 'headers.eml'],
])
/** What these are to a reader of files. */
const inner: ReadonlyMap<string, string> = new Map([
  ['message/global', 'message/rfc822'],
  ['text/rfc822-headers', 'message/rfc822'],
  ['message/rfc822-headers', 'message/rfc822'],
])
const forms = /^(text\/(enriched|richtext|x-amp-html|watch-html|rtf)|application\/rtf)$/

/** Whether a page before it has it in its place, by its id (RFC 2392). */
function isShown(fields: Header['fields'], { into }: Place): boolean {
  const id = /<([^>]+)>/.exec(fields.get('content-id') ?? '')?.[1]
  return id !== undefined && into.bodies.some(({ html }) => html?.includes(`cid:${id}`))
}

function isText(type: string): boolean {
  return type === 'text/plain' || type === 'text/html'
}

function encodingOf(fields: Header['fields']): string {
  // Some say `quoted-printable; charset=...`, or add a comment.
  return (fields.get('content-transfer-encoding') ?? '')
    .trim()
    .toLowerCase()
    .split(/[\s;(]/, 1)[0]!
}

/** Lines that end with a space go on in the next (RFC 3676). */
function unfolded(text: string, isSpaceDropped: boolean): string {
  let out = ''
  let isOpen = false
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    const content = line.startsWith(' ') ? line.slice(1) : line
    const goesOn = content.endsWith(' ') && content !== '-- '
    out += `${isOpen || out === '' ? '' : '\n'}${goesOn && isSpaceDropped ? content.slice(0, -1) : content}`
    isOpen = goesOn
  }
  return out
}

/** Whether a part of a mail begins here, rather than a file. */
export function isEntity(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(64, bytes.length)).toString('latin1')
  return /^\s*(content-|mime-version:)/i.test(head)
}

/** Behind an envelope (`From a@b Mon Jan 1`) and empty lines. */
function firstLine(bytes: Uint8Array): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  while (bytes[at] === 10 || bytes[at] === 13) at++
  return at
}

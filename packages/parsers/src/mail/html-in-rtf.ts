import { isAscii } from 'node:buffer'
import { tokenizeRtf } from '../office/rtf-tokens.ts'
import { charsetPage } from '../office/rtf-words.ts'
import { pageText } from './mapi.ts'

const destinations = new Set(['fonttbl', 'colortbl', 'stylesheet', 'info', 'pntext', 'listtable', 'pict', 'generator'])
const characters: ReadonlyMap<string, string> = new Map([
  ['par', '\r\n'],
  ['line', '\r\n'],
  ['tab', '\t'],
  ['lquote', '&lsquo;'],
  ['rquote', '&rsquo;'],
  ['ldblquote', '&ldquo;'],
  ['rdblquote', '&rdquo;'],
  ['bullet', '&bull;'],
  ['endash', '&ndash;'],
  ['emdash', '&mdash;'],
  ['~', '&nbsp;'],
  ['_', '&shy;'],
])

const deepest = 1000

interface Group {
  /** Inside what only programs read. */
  readonly isSkipped: boolean
  /** Between `\htmlrtf` and `\htmlrtf0`: what stands in for the tags where RTF is shown. */
  isStandIn: boolean
  /** Inside `{\*\htmltag ...}`. */
  readonly isTag: boolean
  /** Of the font, when it has one of its own. */
  page: number | undefined
  /** How many bytes or letters repeat a `\u` for old readers. */
  fallback: number
}

/** The page that Outlook wrapped into a message's RTF ([MS-OXRTFEX] 3.1.3); undefined when it wrapped none. */
export function htmlInRtf(bytes: Uint8Array): string | undefined {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (!source.slice(0, 400).includes('\\fromhtml')) return undefined
  let out = ''
  let page = 1252
  let pending: number[] = []
  let repeats = 0
  let isFirst = false
  let font = 0
  const fontPages = new Map<number, number>()
  const groups: Group[] = []
  let deeper = 0
  let group: Group = { isSkipped: false, isStandIn: false, isTag: false, page: undefined, fallback: 1 }
  const flush = (): void => {
    if (pending.length > 0) out += pageText(Uint8Array.from(pending), group.page ?? page)
    pending = []
  }
  const put = (text: string): void => {
    flush()
    if (!group.isSkipped && !group.isStandIn) out += text
  }
  tokenizeRtf(source, {
    open() {
      flush()
      if (groups.length < deepest) {
        groups.push(group)
        group = { ...group }
      } else deeper++
      isFirst = true
    },
    close() {
      flush()
      if (deeper > 0) deeper--
      else group = groups.pop() ?? group
      isFirst = false
    },
    control(word, parameter, starred) {
      const begins = isFirst
      isFirst = false
      if (word === 'htmltag') group = { ...group, isStandIn: false, isTag: true }
      else if (begins && (starred || destinations.has(word))) group = { ...group, isSkipped: true }
      else if (word === 'htmlrtf') group.isStandIn = parameter !== 0
      else if (word === 'fcharset') fontPages.set(font, charsetPage(parameter ?? 0) ?? page)
      else if (word === 'f') {
        font = parameter ?? 0
        flush()
        group.page = fontPages.get(font)
      } else if (word === 'ansicpg') page = parameter ?? 1252
      else if (word === 'uc') group.fallback = parameter ?? 1
      else if (word === 'u' && parameter !== undefined) {
        put(String.fromCharCode(parameter & 0xffff))
        repeats = group.fallback
      } else if (word === 'line' && !group.isTag) put('<br>\r\n')
      else put(characters.get(word) ?? '')
    },
    text(text) {
      isFirst = false
      const skipped = Math.min(repeats, text.length)
      repeats -= skipped
      const rest = skipped === 0 ? text : text.slice(skipped)
      if (group.isSkipped || group.isStandIn) return
      if (isAscii(Buffer.from(rest, 'latin1'))) put(rest)
      else for (let at = 0; at < rest.length; at++) pending.push(rest.charCodeAt(at))
    },
    isSkipping: () => group.isSkipped,
    byte(code) {
      isFirst = false
      if (repeats > 0) repeats--
      else if (!group.isSkipped && !group.isStandIn) pending.push(code)
    },
  })
  flush()
  return out.trim() === '' ? undefined : out
}

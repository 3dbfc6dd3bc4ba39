import { FormatError, type Limits } from '../format.ts'
import type { BlockWriter } from './blocks.ts'
import { linkOf } from './doc-fields.ts'
import { pictureMark } from './drawing.ts'
import { bold, italic } from './inline.ts'
import { Margins } from './margins.ts'
import { decodePage } from './ole-properties.ts'
import { pageField, RtfFields } from './rtf-fields.ts'
import { RtfFormula } from './rtf-formulas.ts'
import { headTables, marginWords, type RtfGroup, type RtfTarget, silentTargets } from './rtf-groups.ts'
import { RtfLists, RtfOldNumber } from './rtf-lists.ts'
import { rtfParagraphWords } from './rtf-paragraph-words.ts'
import { RtfParagraphs } from './rtf-paragraphs.ts'
import { makeRtfTables, type RtfTables } from './rtf-tables.ts'
import type { RtfHandlers } from './rtf-tokens.ts'
import { skippedWords, starredBodies, wordCharacters } from './rtf-words.ts'
import { symbolChar } from './symbol-font.ts'

const maxGroups = 10_000
/** Text that is not to be spelled. */
const noLanguage = 0x0400
/** Follows the tokens of an RTF document and writes its blocks to `out`; `finish` writes what stands at the end. */
export function rtfWalk(
  out: BlockWriter,
  limits: Limits,
): { readonly on: RtfHandlers; readonly tables: RtfTables; language(): number; finish(): void } {
  const header = makeRtfTables()
  const lists = new RtfLists()
  const fields = new RtfFields()
  const paragraphs = new RtfParagraphs(out, limits.maxOutputChars, lists, header)
  const paragraphWord = rtfParagraphWords(paragraphs)
  const groups: RtfGroup[] = []
  const later: string[] = []
  const pageMargins = new Margins()
  let group: RtfGroup = {
    target: 'body',
    look: 0,
    hidden: false,
    font: -1,
    fallback: 1,
    language: undefined,
    unicode: 'body',
    end: undefined,
    properties: paragraphs.now.properties,
  }
  let page = 1252
  let defaultFont = -1
  let pending = ''
  let drop = 0
  let collected = ''
  let link: string | undefined
  let notes = 0
  let author = ''
  let drawnName = ''
  let formula: RtfFormula | undefined
  let inMargin = false
  let isPageNumber = false
  /** A page's number was left out of the margin. */
  let numbered = false
  let language = 0
  /** Characters of each. */
  const languages = new Map<number, number>()

  /** Text of a symbol font is made of other letters than it shows. */
  const shown = (text: string): string => {
    const font = group.font < 0 ? undefined : header.symbolFont(group.font)
    return font === undefined
      ? text
      : text.replace(/[!-\u00ff\uf020-\uf0ff]/g, (char) => symbolChar(font, char.charCodeAt(0)))
  }
  const put = (text: string): void => {
    const { target } = group
    if (target === 'body') {
      if (group.hidden) return
      paragraphs.now.inline.add(shown(text), group.look)
      if (group.language !== undefined && (languages.has(group.language) || languages.size < 100))
        languages.set(group.language, (languages.get(group.language) ?? 0) + text.length)
    } else if (target === 'font' || target === 'style' || target === 'info') header.text(target, text)
    else if (target === 'list') lists.text(text)
    else if (target === 'formula') formula?.text(text)
    else if (!silentTargets.has(target) && collected.length < 4000) collected += target === 'label' ? shown(text) : text
  }
  const flush = (): void => {
    if (pending === '') return
    // In the text of a list's level a zero is the place of a number.
    const parts = pending.split('\0')
    pending = ''
    const fontPage = group.target === 'info' ? undefined : header.fontPage(group.font < 0 ? defaultFont : group.font)
    put(
      parts
        .map((part) => decodePage(Buffer.from(part, 'latin1'), fontPage ?? page))
        .join(group.target === 'list' ? '\0' : ''),
    )
  }
  const collect = (target: RtfTarget, done: (text: string) => void): void => {
    // One may stand within another.
    const before = collected
    collected = ''
    group.target = target
    group.end = () => {
      done(collected)
      collected = before
    }
  }
  const aside = (done: (text: string) => void): void => {
    paragraphs.startAside()
    group.target = 'body'
    group.look = 0
    group.end = () => done(paragraphs.endAside())
  }
  const closeGroup = (): void => {
    flush()
    const { target } = group
    if (target === 'font' || target === 'style') header.groupEnd(target)
    group.end?.()
    paragraphs.restore(group.properties)
    group = groups.pop() ?? group
    drop = 0
  }

  const on: RtfHandlers = {
    open() {
      flush()
      drop = 0
      if (groups.length >= maxGroups)
        throw new FormatError('too_large', `Its groups are nested deeper than ${maxGroups}`)
      groups.push(group)
      group = { ...group, end: undefined, properties: paragraphs.now.properties }
    },
    close: closeGroup,
    isSkipping: () => group.target === 'skip' || group.target === 'picture',
    text(bytes) {
      const text = drop > 0 ? bytes.slice(drop) : bytes
      drop = Math.max(0, drop - bytes.length)
      if (text === '') return
      if (pending !== '' || /[\u0080-\u00ff]/.test(text)) pending += text
      else put(text)
    },
    byte(code) {
      if (drop > 0) drop--
      else pending += String.fromCharCode(code)
    },
    control(word, parameter, starred) {
      flush()
      if (word === 'u') {
        put(String.fromCharCode(((parameter ?? 63) + 65_536) & 0xffff))
        drop = group.fallback
        return
      }
      drop = 0
      const char = wordCharacters.get(word)
      const { target } = group
      if (word === 'ud') group.target = group.unicode
      else if (target === 'skip') return
      else if (target === 'picture') {
        if (word === 'picprop') group.target = 'drawn'
      } else if (target === 'drawn') drawn(word)
      else if (char !== undefined) put(char)
      else if (target === 'old') oldNumber(word, parameter)
      else if (target === 'form') formWord(word, parameter)
      else if (target === 'formula' && formulaWord(word)) return
      else if (skippedWords.has(word)) {
        if (word === 'upr') group.unicode = target
        group.target = word === 'pict' ? 'picture' : 'skip'
      } else if (target === 'info' && header.control('info', word, parameter)) group.end ??= header.endInfo
      else if ((target === 'font' || target === 'style') && header.control(target, word, parameter)) return
      else if (target === 'list' || headTables.get(word) === 'list') {
        group.target = 'list'
        group.end = lists.control(word, parameter) ?? group.end
      } else if (!destination(word) && !property(word, parameter) && starred && !starredBodies.has(word))
        group.target = 'skip'
    },
  }
  return {
    on,
    tables: header,
    language() {
      const [most] = [...languages].filter(([lcid]) => lcid !== noLanguage).sort((a, b) => b[1] - a[1])
      return most?.[0] ?? language
    },
    finish() {
      while (groups.length > 0) closeGroup()
      flush()
      paragraphs.finish()
      for (const text of later) out.text(text)
      pageMargins.write(out)
    },
  }

  function destination(word: string): boolean {
    const table = headTables.get(word)
    if (table !== undefined) group.target = table
    else if (marginWords.has(word)) {
      inMargin = true
      numbered = false
      aside((text) => {
        inMargin = false
        pageMargins.add(text, numbered)
      })
    } else if (word === 'fldinst') {
      collect('instruction', (text) => {
        link = linkOf(text)
        const shown = fields.shown(text)
        if (shown !== undefined && !group.hidden) paragraphs.now.inline.add(shown, group.look)
        isPageNumber = inMargin && pageField.test(text)
      })
    } else if (word === 'moMath') {
      formula = new RtfFormula()
      group.target = 'formula'
      group.end = () => {
        if (!group.hidden) paragraphs.now.inline.add(formula?.toString() ?? '')
        formula = undefined
      }
    } else if (word === 'formfield') {
      fields.form()
      group.target = 'form'
    } else if (word === 'fldrslt' && isPageNumber) {
      numbered = true
      isPageNumber = false
      group.target = 'skip'
    } else if (word === 'fldrslt') {
      paragraphs.now.inline.url = link
      group.end = () => {
        paragraphs.now.inline.url = undefined
      }
      link = undefined
    } else if (word === 'sp') group.target = 'drawn'
    else if (word === 'pn') {
      paragraphs.set({ old: new RtfOldNumber() })
      // It is a group for itself, and about the paragraph around it.
      group.properties = paragraphs.now.properties
      group.target = 'old'
    } else if (word === 'listtext' || word === 'pntext') {
      collect('label', (text) => {
        paragraphs.now.label = text
      })
    } else if (word === 'footnote') {
      const mark = `[^${++notes}]`
      put(mark)
      aside((text) => later.push(`${mark}: ${text}`))
    } else if (word === 'annotation') {
      aside((text) => {
        const by = author === '' ? '' : ` (${author})`
        author = ''
        if (text !== '') later.push(`> Comment${by}: ${text.replace(/\s*\n\s*/g, ' ')}`)
      })
    } else if (word === 'atnauthor') {
      collect('label', (text) => {
        author = text.trim()
      })
    } else if (word === 'shptxt' || word === 'dptxbxtext') aside((text) => paragraphs.put(text))
    else return false
    return true
  }

  function formulaWord(word: string): boolean {
    const done = formula?.control(word)
    if (!done) return false
    if (/chr$/i.test(word)) collect('sign', done)
    else group.end = () => done('')
    return true
  }

  function formWord(word: string, parameter: number | undefined): void {
    if (word === 'ffl') collect('instruction', (text) => fields.item(text))
    else fields.control(word, parameter)
  }

  /** The properties of a shape or picture: `{\sp{\sn wzDescription}{\sv A barn}}`. */
  function drawn(word: string): void {
    if (word === 'sn') {
      collect('instruction', (text) => {
        drawnName = text.trim()
      })
    } else if (word === 'sv') {
      collect('instruction', (text) => {
        const shown = drawnName === 'wzDescription' ? pictureMark(text) : drawnName === 'gtextUNICODE' ? text : ''
        if (shown !== '' && !group.hidden) paragraphs.now.inline.add(shown, group.look)
        drawnName = ''
      })
    }
  }

  function oldNumber(word: string, parameter: number | undefined): void {
    const { old } = paragraphs.now.properties
    if (word === 'pntxtb' || word === 'pntxta')
      collect('label', (text) => {
        if (old) old[word === 'pntxtb' ? 'before' : 'after'] = text
      })
    else old?.control(word, parameter)
  }

  function property(word: string, parameter: number | undefined): boolean {
    if (group.target === 'body' && paragraphWord(word, parameter)) return true
    const isSet = parameter !== 0
    switch (word) {
      case 'plain':
        group.look = 0
        group.hidden = false
        group.language = undefined
        break
      case 'b':
        group.look = isSet ? group.look | bold : group.look & ~bold
        break
      case 'i':
        group.look = isSet ? group.look | italic : group.look & ~italic
        break
      case 'v':
        group.hidden = isSet
        break
      case 'f':
        group.font = parameter ?? -1
        break
      case 'uc':
        group.fallback = Math.min(20, Math.max(0, parameter ?? 1))
        break
      case 'ansicpg':
        page = parameter ?? page
        break
      case 'mac':
        page = 10_000
        break
      case 'pc':
      case 'pca':
        page = word === 'pc' ? 437 : 850
        break
      case 'deflang':
        language = parameter ?? 0
        break
      case 'chpgn':
        numbered = true
        break
      case 'lang':
        group.language = parameter
        break
      case 'deff':
        defaultFont = parameter ?? -1
        break
      default:
        return false
    }
    return true
  }
}

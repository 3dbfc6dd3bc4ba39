import type { BlockWriter } from './blocks.ts'
import { pictureMark } from './drawing.ts'
import { Formula } from './formula.ts'
import { bold, type Inline, italic } from './inline.ts'
import type { RunLanguages } from './spoken.ts'
import { privateUse, symbolChar, symbolText } from './symbols.ts'
import { openParagraph, type Paragraph, type WordContext, writeParagraph } from './word-paragraph.ts'
import { runLanguages } from './word-styles.ts'
import { attr, isOn, numberAttr, type XmlHandlers } from './xml.ts'

interface Field {
  instruction: string
  result: boolean
  /** Of a box in an old form. */
  checked: boolean
}

/** Only of these does the name matter. */
const symbolFonts = /ascii=.(symbol|wingdings)/i
const pageField = /^\s*(PAGE|NUMPAGES|SECTIONPAGES)\b/i

const skipped = new Set([
  'del',
  'moveFrom',
  'delText',
  'delInstrText',
  'Fallback',
  'rPrChange',
  'pPrChange',
  'tblPrChange',
  'trPrChange',
  'tcPrChange',
  'sectPr',
  'sdtPr',
  // How a word is read, over the word: in line it would split it.
  'rt',
  'rubyPr',
  'tblGrid',
  'binData',
  'proofErr',
  'annotationRef',
  'footnoteRef',
  'endnoteRef',
  'shapetype',
])

/** Hears document.xml, footnotes.xml, comments.xml, headers and footers, and writes their blocks. */
export function wordWalk(main: BlockWriter, context: WordContext): XmlHandlers {
  let out: BlockWriter | undefined = context.item ? undefined : main
  let paragraph: Paragraph | undefined
  const outer: (Paragraph | undefined)[] = []
  const delayed: { readonly level: number; readonly run: () => void }[] = []
  const fields: Field[] = []
  const properties: string[] = []
  let formula: Formula | undefined
  let joined: Inline | undefined
  /** Nothing has come since: two of them would be one. */
  let afterFormula = false
  let font: string | undefined
  let languages: RunLanguages | undefined
  let look = 0
  let hidden = false
  let inText = false
  let rowSpan = 0
  let cellSpan = 1
  let cellOpen = false

  const isSilent = (field: Field): boolean => {
    if (!field.result || !context.onPageNumber || !pageField.test(field.instruction)) return !field.result
    context.onPageNumber()
    return true
  }
  const add = (text: string): void => {
    if (hidden || !paragraph || (fields.length > 0 && fields.some(isSilent))) return
    paragraph.inline.add(text, look)
    paragraph.hasText = true
  }
  const openCell = (): void => {
    if (cellOpen) return
    cellOpen = true
    out?.openCell(cellSpan)
  }
  const openRun = (): void => {
    const style = paragraph?.style === undefined ? undefined : context.styles.get(paragraph.style)
    look = (style?.bold ? bold : 0) | (style?.italic ? italic : 0)
    hidden = style?.hidden === true
    font = undefined
    languages = style?.language
  }
  const endParagraph = (): void => {
    const done = paragraph
    paragraph = outer.pop()
    if (!done || !out) return
    if (done.goesOn) joined = done.inline
    else writeParagraph(out, done, context)
    while (delayed.length > 0 && delayed.at(-1)!.level > outer.length) delayed.pop()!.run()
    if (done.pageAfter && !out.inTable) out.page()
  }

  const endJoined = (): void => {
    if (!joined || !out) return
    writeParagraph(out, openParagraph(joined), context)
    joined = undefined
  }

  return {
    open(name, attrs) {
      if (skipped.has(name)) {
        // The mark of its end is deleted: what follows belongs to it.
        if (name === 'del' && paragraph && properties.length === 2 && properties[0] === 'pPr') paragraph.goesOn = true
        return true
      }
      if (formula) return formula.open(name, attrs)
      switch (name) {
        case 'p':
          outer.push(paragraph)
          if (out?.inTable) openCell()
          paragraph = openParagraph(joined)
          joined = undefined
          afterFormula = false
          return undefined
        case 't':
          inText = true
          return undefined
        case 'r':
          openRun()
          afterFormula = false
          return undefined
        case 'pPr':
        case 'rPr':
        case 'tcPr':
        case 'trPr':
          properties.push(name)
          return undefined
        case 'tab':
        case 'ptab':
          if (properties.length === 0) add('\t')
          return undefined
        case 'oMathPara':
          if (paragraph?.hasText) add('\n')
          afterFormula = false
          return undefined
        case 'oMath':
          if (afterFormula) add(' ')
          formula = new Formula()
          return undefined
        case 'br':
        case 'cr':
          add('\n')
          return undefined
        case 'lastRenderedPageBreak':
          if (paragraph && out && !out.inTable && outer.length === 1) {
            if (paragraph.hasText) paragraph.pageAfter = true
            else out.page()
          }
          return undefined
        case 'noBreakHyphen':
          add('-')
          return undefined
        case 'sym':
          add(symbolChar(Number.parseInt(attr(attrs, 'char') ?? '', 16) || 0, attr(attrs, 'font')))
          return undefined
        case 'hyperlink': {
          const rel = context.rels.get(attr(attrs, 'id') ?? '')
          if (paragraph && rel?.external) paragraph.inline.url = withAnchor(rel.target, attr(attrs, 'anchor'))
          return undefined
        }
        case 'fldChar':
          fieldMark(attr(attrs, 'fldCharType'))
          return undefined
        case 'instrText':
          inText = true
          return undefined
        case 'footnoteReference':
        case 'endnoteReference':
          add(context.note(name === 'footnoteReference' ? 'footnote' : 'endnote', attr(attrs, 'id') ?? ''))
          return undefined
        case 'docPr':
          add(pictureMark(attr(attrs, 'descr') || attr(attrs, 'title')))
          return undefined
        case 'textpath':
          add(attr(attrs, 'string') ?? '')
          return undefined
        case 'default':
        case 'checked': {
          const field = fields.at(-1)
          if (field && !field.result) field.checked = isOn(attrs)
          return undefined
        }
        case 'fldSimple':
          if (fields.length < 100)
            fields.push({ instruction: attr(attrs, 'instr') ?? '', result: true, checked: false })
          return undefined
        case 'chart':
        case 'relIds': {
          const id = attr(attrs, name === 'chart' ? 'id' : 'dm')
          const into = out
          if (id !== undefined && into) delayed.push({ level: outer.length, run: () => context.graphic(id, into) })
          return undefined
        }
        case 'tbl':
          if (out?.inTable) openCell()
          out?.openTable()
          return undefined
        case 'tr':
          out?.openRow()
          rowSpan = 0
          return undefined
        case 'tc':
          cellSpan = 1
          cellOpen = false
          return undefined
        default:
          if (properties.length > 0) property(name, attrs)
          else if (context.item) {
            const into = context.item(name, attrs)
            if (into) out = into
          }
          return undefined
      }
    },
    text(text) {
      if (formula) {
        if (text.trim() !== '') formula.text(text)
        return
      }
      if (!inText) return
      const field = fields.at(-1)
      if (field && !field.result) {
        if (field.instruction.length < 4000) field.instruction += text
        return
      }
      if (context.spoken?.isOpen) context.spoken.add(text, languages ?? context.styles.language)
      const read = text.includes('\u00ad') ? text.replaceAll('\u00ad', '') : text
      add(font === 'symbol' || privateUse.test(read) ? symbolText(read, font) : read)
    },
    close(name) {
      if (formula) {
        if (name !== 'oMath') formula.close(name)
        else {
          add(formula.toString())
          formula = undefined
          afterFormula = true
        }
        return
      }
      switch (name) {
        case 'p':
          endParagraph()
          break
        case 't':
        case 'instrText':
          inText = false
          break
        case 'pPr':
        case 'rPr':
        case 'tcPr':
        case 'trPr':
          properties.pop()
          break
        case 'hyperlink':
          if (paragraph) paragraph.inline.url = undefined
          break
        case 'fldSimple':
          fields.pop()
          break
        case 'tc':
          openCell()
          cellOpen = true
          endJoined()
          break
        case 'body':
        case 'txbxContent':
          endJoined()
          break
        case 'tbl':
          out?.closeTable()
          cellOpen = true
          break
      }
    },
  }

  function fieldMark(type: string | undefined): void {
    if (type === 'begin') {
      if (fields.length < 100) fields.push({ instruction: '', result: false, checked: false })
    } else if (type === 'separate') {
      const field = fields.at(-1)
      if (!field) return
      field.result = true
      const target = /^\s*HYPERLINK\s+"([^"]+)"/.exec(field.instruction)?.[1]
      if (target && paragraph) paragraph.inline.url = target
    } else if (type === 'end') {
      const field = fields.pop()
      if (!paragraph || !field) return
      if (/^\s*HYPERLINK/.test(field.instruction)) paragraph.inline.url = undefined
      else if (/^\s*FORMCHECKBOX/.test(field.instruction)) add(field.checked ? '☒' : '☐')
    }
  }

  function charStyle(id: string): void {
    const style = context.styles.get(id)
    if (!style) return
    if (style.bold !== undefined) look = style.bold ? look | bold : look & ~bold
    if (style.italic !== undefined) look = style.italic ? look | italic : look & ~italic
    if (style.hidden !== undefined) hidden = style.hidden
  }

  /** A run may say it for one kind of script only. */
  function over(own: RunLanguages): RunLanguages {
    const usual = languages ?? context.styles.language
    return {
      latin: own.latin ?? usual.latin,
      asian: own.asian ?? usual.asian,
      complex: own.complex ?? usual.complex,
    }
  }

  function property(name: string, attrs: string): void {
    const within = properties.at(-1)
    if (within === 'rPr') {
      if (properties.length > 1) return
      if (name === 'b') look = isOn(attrs) ? look | bold : look & ~bold
      else if (name === 'i') look = isOn(attrs) ? look | italic : look & ~italic
      else if (name === 'vanish') hidden = isOn(attrs)
      else if (name === 'rStyle') charStyle(attr(attrs, 'val') ?? '')
      else if (name === 'rFonts') font = symbolFonts.test(attrs) ? attr(attrs, 'ascii')?.toLowerCase() : undefined
      else if (name === 'lang' && context.spoken?.isOpen) languages = over(runLanguages(attrs))
    } else if (within === 'pPr' && paragraph) {
      if (name === 'pStyle') paragraph.style = attr(attrs, 'val')
      else if (name === 'numId') paragraph.numId = attr(attrs, 'val')
      else if (name === 'ilvl') paragraph.level = numberAttr(attrs, 'val')
      // A large first letter stands in a paragraph of its own.
      else if (name === 'framePr' && attrs.includes('dropCap')) paragraph.goesOn = attr(attrs, 'dropCap') !== 'none'
      else if (name === 'outlineLvl') {
        const level = numberAttr(attrs, 'val')
        if (level !== undefined && level < 9) paragraph.heading = level + 1
      }
    } else if (within === 'tcPr') {
      if (name === 'gridSpan') cellSpan = numberAttr(attrs, 'val') ?? 1
    } else if (within === 'trPr' && name === 'gridBefore' && rowSpan === 0) {
      rowSpan = Math.min(16, numberAttr(attrs, 'val') ?? 0)
      for (let n = 0; n < rowSpan; n++) out?.openCell()
    }
  }
}

function withAnchor(target: string, anchor: string | undefined): string {
  return anchor === undefined || anchor === '' || target.includes('#') ? target : `${target}#${anchor}`
}

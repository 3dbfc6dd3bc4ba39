import type { Margins } from './margins.ts'
import type { OdfFile } from './odf.ts'
import { attr } from './xml.ts'

/** What changes from sheet to sheet and day to day. */
const fields = new Set(['text:sheet-name', 'text:title', 'text:file-name', 'text:date', 'text:time'])
const numbers = new Set(['text:page-number', 'text:page-count'])
const margin = /^style:(header|footer)(-left|-first)?$/

/** Headers and footers of sheets, from the master pages: what stands left, in the middle and right are texts of their own. */
export function readSheetMargins(file: OdfFile, margins: Margins): void {
  let text: string | undefined
  let numbered = false
  const end = (): void => {
    if (text !== undefined) margins.add(text.trim().split(/\s+/).join(' '), numbered)
    numbered = false
  }
  file.scan('styles.xml', {
    open(name, attrs) {
      if (fields.has(name) || name === 'office:styles' || name === 'office:automatic-styles' || name === 'office:body')
        return true
      if (numbers.has(name)) {
        numbered = true
        return true
      }
      if (!margin.test(name)) return undefined
      if (attr(attrs, 'style:display') === 'false') return true
      text = ''
      return undefined
    },
    text(piece) {
      if (text !== undefined && text.length < 4000) text += piece
    },
    close(name) {
      if (name !== 'text:p' && !margin.test(name)) return
      end()
      text = text === undefined || margin.test(name) ? undefined : ''
    },
  })
}

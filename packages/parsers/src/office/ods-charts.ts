import type { OdfFile } from './odf.ts'
import type { XmlHandlers } from './xml.ts'

/** Titles of a chart and of its axes, from the part of an embedded object; `href` is as its frame has it: `./Object 1`. */
export function chartTitles(file: OdfFile, href: string): readonly string[] {
  const folder = href.startsWith('./') ? href.slice(2) : href
  if (file.zip === undefined || folder === '' || folder.includes(':')) return []
  const titles: string[] = []
  file.scan(`${folder}/content.xml`, chartTitleWalk(titles))
  return titles
}

/** Hears a chart. */
export function chartTitleWalk(titles: string[]): XmlHandlers {
  let title: string | undefined
  return {
    open(name) {
      if (name === 'chart:title' || name === 'chart:subtitle') title = ''
      // The values are those of cells.
      return name === 'table:table' || name === 'office:automatic-styles' || name === 'office:styles'
    },
    text(text) {
      if (title !== undefined) title += text
    },
    close(name) {
      if (name === 'text:p' && title !== undefined) title += ' '
      if (name !== 'chart:title' && name !== 'chart:subtitle') return
      const line = title?.trim().split(/\s+/).join(' ')
      if (line) titles.push(line)
      title = undefined
    },
  }
}

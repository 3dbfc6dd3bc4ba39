import type { RtfProperties } from './rtf-paragraphs.ts'

/** Where the text of a group goes. */
export type RtfTarget =
  | 'body'
  | 'skip'
  | 'instruction'
  | 'label'
  | 'font'
  | 'style'
  | 'info'
  | 'list'
  | 'old'
  | 'picture'
  | 'drawn'
  | 'form'
  | 'formula'
  | 'sign'

/** What holds until a group's end. */
export interface RtfGroup {
  target: RtfTarget
  look: number
  hidden: boolean
  font: number
  /** Characters that stand behind `\u` for readers without Unicode. */
  fallback: number
  /** Undefined for that of the document. */
  language: number | undefined
  /** Where the text goes that a program with Unicode takes, inside `\upr`. */
  unicode: RtfTarget
  end: (() => void) | undefined
  /** Of paragraphs, when it began. */
  properties: RtfProperties
}

/** Texts of these go nowhere. */
export const silentTargets: ReadonlySet<RtfTarget> = new Set<RtfTarget>(['skip', 'picture', 'drawn', 'old', 'form'])

/** Headers and footers. */
export const marginWords: ReadonlySet<string> = new Set([
  'header',
  'headerl',
  'headerr',
  'headerf',
  'footer',
  'footerl',
  'footerr',
  'footerf',
])

/** Tables of the document's head, by the words that begin them. */
export const headTables: ReadonlyMap<string, RtfTarget> = new Map<string, RtfTarget>([
  ['fonttbl', 'font'],
  ['stylesheet', 'style'],
  ['info', 'info'],
  ['listtable', 'list'],
  ['listoverridetable', 'list'],
  // Some programs leave out the tables around them.
  ['list', 'list'],
  ['listoverride', 'list'],
])

import { type PptRecord, records, pptType as type, wideText } from './ppt-stream.ts'

/** How the paragraphs of some characters are numbered. */
export interface PptNumbering {
  /** As ST_TextAutonumberScheme calls it. */
  readonly scheme: string
  readonly start: number
}

/** TextAutoNumberSchemeEnum ([MS-PPT] 2.13.25), as far as letters of Latin go. */
const schemes = (
  'alphaLcPeriod alphaUcPeriod arabicParenR arabicPeriod romanLcParenBoth romanLcParenR romanLcPeriod romanUcPeriod ' +
  'alphaLcParenBoth alphaLcParenR alphaUcParenBoth alphaUcParenR arabicParenBoth arabicPlain romanUcParenBoth romanUcParenR'
).split(' ')
const maxNumberings = 100

/** What later versions added to a shape's text: its numberings, which runs of characters name by their place ([MS-PPT] 2.9.67). */
export function readNumberings(view: DataView, clientData: PptRecord): readonly (PptNumbering | undefined)[] {
  for (const tags of records(view, clientData.start, clientData.end))
    for (const tag of tags.type === type.programTags ? records(view, tags.start, tags.end) : []) {
      const [name, data] = records(view, tag.start, tag.end)
      if (!name || !data || name.type !== type.cString || wideText(view, name) !== '___PPT9') continue
      for (const { type: kind, start, end } of records(view, data.start, data.end))
        if (kind === type.moreStyles) return readMoreStyles(view, start, end)
    }
  return []
}

function readMoreStyles(view: DataView, start: number, end: number): readonly (PptNumbering | undefined)[] {
  const found: (PptNumbering | undefined)[] = []
  let at = start
  const word = (): number => {
    at += 2
    return at <= end ? view.getUint16(at - 2, true) : 0
  }
  const double = (): number => {
    at += 4
    return at <= end ? view.getUint32(at - 4, true) : 0
  }
  while (at + 12 <= end && found.length < maxNumberings) {
    const paragraph = double()
    // A picture as its bullet.
    if ((paragraph & 0x800000) !== 0) at += 2
    const isOn = (paragraph & 0x2000000) !== 0 && word() !== 0
    const scheme =
      (paragraph & 0x1000000) === 0 ? undefined : { scheme: schemes[word()] ?? 'arabicPeriod', start: word() }
    found.push(isOn ? (scheme ?? { scheme: 'arabicPeriod', start: 1 }) : undefined)
    if ((double() & 0x100000) !== 0) at += 4
    const special = double()
    for (const bit of [1, 2, 4, 0x40]) if ((special & bit) !== 0) at += 2
    if ((special & 0x20) !== 0) at += 4
    if ((special & 0x200) !== 0) at += double() * 4
  }
  return found
}

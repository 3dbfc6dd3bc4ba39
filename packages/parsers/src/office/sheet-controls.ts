import { type OfficePackage, type Relationship, scanPart } from './package.ts'
import { attr } from './xml.ts'

/**
 * What is written on the buttons and boxes of a form, each text once, which Excel 2007 keeps in the sheet's VML part alone. Later ones have
 * them among the drawings as well, and properties of them in parts of their own: then there are none here.
 */
export function readSheetControls(pack: OfficePackage, rels: readonly Relationship[]): string[] {
  if (rels.some(({ type }) => type === 'ctrlProp')) return []
  const texts = new Set<string>()
  for (const { type, target } of rels) {
    if (type !== 'vmlDrawing') continue
    let text = ''
    let inText = false
    let isControl = false
    scanPart(pack.zip, target, pack.limits, {
      open(name, attrs) {
        if (name === 'shape') {
          text = ''
          isControl = false
        } else if (name === 'textbox') inText = true
        else if (name === 'ClientData') isControl = attr(attrs, 'ObjectType') !== 'Note'
        return undefined
      },
      text(piece) {
        if (inText) text += piece
      },
      close(name) {
        if (name === 'textbox') inText = false
        else if (name === 'div') text += ' '
        else if (name === 'shape' && isControl && text.trim() !== '') texts.add(text.trim().split(/\s+/).join(' '))
      },
    })
  }
  return [...texts]
}

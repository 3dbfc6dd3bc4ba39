import { builtInKind, type NumberKind, numberKind } from './number-format.ts'
import { type OfficePackage, scanPart } from './package.ts'
import { attr, numberAttr } from './xml.ts'

/** xl/styles.xml: the kind of number for each cell style. */
export function readSheetStyles(pack: OfficePackage, part: string): readonly NumberKind[] {
  const formats = new Map<number, NumberKind>()
  const styles: NumberKind[] = []
  let inCells = false
  scanPart(pack.zip, part, pack.limits, {
    open(name, attrs) {
      if (name === 'numFmt')
        formats.set(numberAttr(attrs, 'numFmtId') ?? -1, numberKind(attr(attrs, 'formatCode') ?? ''))
      else if (name === 'cellXfs') inCells = true
      else if (name === 'xf' && inCells) {
        const id = numberAttr(attrs, 'numFmtId') ?? 0
        styles.push(formats.get(id) ?? builtInKind(id))
      }
      return name === 'fonts' || name === 'fills' || name === 'borders' || name === 'dxfs' || name === 'cellStyleXfs'
    },
    close(name) {
      if (name === 'cellXfs') inCells = false
    },
  })
  return styles
}

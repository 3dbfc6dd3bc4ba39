import type { BlockWriter } from './blocks.ts'
import { writeChart } from './chart.ts'
import { writeDiagram } from './drawing.ts'
import { type OfficePackage, scanPart } from './package.ts'
import { slideWalk } from './slide.ts'

/** Text boxes, charts and diagrams that lie over the cells. */
export function writeSheetDrawing(pack: OfficePackage, part: string, out: BlockWriter): void {
  const byId = new Map(pack.relationships(part).map((rel) => [rel.id, rel]))
  const graphic = (id: string): void => {
    const rel = byId.get(id)
    if (rel?.type === 'chart' || rel?.type === 'chartEx') writeChart(pack, rel.target, out)
    else if (rel?.type === 'diagramData') writeDiagram(pack, rel.target, out)
  }
  scanPart(pack.zip, part, pack.limits, slideWalk(out, { rels: byId, graphic, onTitle: (text) => out.text(text) }))
}

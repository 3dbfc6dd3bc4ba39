import { describe, expect, it } from 'vitest'
import { pdfOf } from '../../test/make-pdf.ts'
import { readPdf } from '../../test/read-pdf.ts'

interface Element {
  readonly type: string
  readonly text?: string
  readonly entries?: string
  readonly children?: readonly Element[]
}

const cell = (text: string, entries = ''): Element => ({ type: 'TD', entries, children: [{ type: 'P', text }] })
const row = (...children: readonly Element[]): Element => ({ type: 'TR', children })

/** A page whose texts stand below each other, whatever their tags are. */
function tagged(elements: readonly Element[]): Uint8Array {
  const bodies: string[] = []
  const owners: number[] = []
  let content = ''
  const add = ({ type, text, entries = '', children = [] }: Element, parent: number): number => {
    const at = bodies.push('') - 1
    const kids = children.map((child) => `${add(child, at + 6)} 0 R`)
    if (text !== undefined) {
      kids.push(String(owners.length))
      content += `/${type} << /MCID ${owners.length} >> BDC BT /F1 6 Tf 72 ${740 - 12 * owners.length} Td (${text}) Tj ET EMC\n`
      owners.push(at + 6)
    }
    bodies[at] = `<< /Type /StructElem /S /${type} /P ${parent} 0 R /Pg 3 0 R /K [${kids.join(' ')}] ${entries} >>`
    return at + 6
  }
  const roots = elements.map((element) => add(element, 5))
  return pdfOf([
    '<< /Type /Catalog /Pages 2 0 R /MarkInfo << /Marked true >> /StructTreeRoot 5 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /StructParents 0 /Contents 4 0 R
      /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>`,
    `<< /Length ${content.length} >>\nstream\n${content}endstream`,
    `<< /Type /StructTreeRoot /K [${roots.map((id) => `${id} 0 R`).join(' ')}]
      /ParentTree << /Nums [0 [${owners.map((id) => `${id} 0 R`).join(' ')}]] >> >>`,
    ...bodies,
  ])
}

async function markdown(...elements: readonly Element[]): Promise<string> {
  return (await readPdf(tagged(elements))).markdown.trim()
}

const prose: Element = { type: 'P', text: 'Some text of the document that follows.' }

describe('a tagged document', () => {
  it('has its headings, however they look', async () => {
    const text = await markdown({ type: 'H1', text: 'Ships' }, prose, { type: 'H2', text: 'Of the north' }, prose)
    expect(text).toBe(`# Ships\n\n${prose.text}\n\n## Of the north\n\n${prose.text}`)
  })

  it('has its tables, of two rows and with cells over several columns and rows', async () => {
    const text = await markdown(prose, {
      type: 'Table',
      children: [
        row(cell('Year', '/A << /O /Table /RowSpan 2 >>'), cell('Ships', '/A << /O /Table /ColSpan 2 >>')),
        row(cell('old'), cell('new')),
        row(cell('1901'), cell('12'), {
          type: 'TD',
          children: [
            { type: 'P', text: '3 in' },
            { type: 'P', text: 'May' },
          ],
        }),
      ],
    })
    expect(text).toBe(
      `${prose.text}\n\n| Year | Ships |  |\n| --- | --- | --- |\n|  | old | new |\n| 1901 | 12 | 3 in May |`,
    )
  })

  it('has text that runs over a whole table between its parts, and titles above it', async () => {
    const long = `${prose.text} `.repeat(4).trim()
    const text = await markdown({
      type: 'Table',
      children: [
        row(cell('Ships')),
        row(cell('Year'), cell('Lost')),
        row(cell('1901'), cell('12')),
        row(cell(long)),
        row(cell('1902'), cell('3')),
        row(cell('1903'), cell('4')),
      ],
    })
    expect(text).toBe(
      `Ships\n\n| Year | Lost |\n| --- | --- |\n| 1901 | 12 |\n\n${long}\n\n| 1902 | 3 |\n| --- | --- |\n| 1903 | 4 |`,
    )
  })

  it('has no table where one holds headings, and no headings where all is tagged as one', async () => {
    const layout = await markdown({
      type: 'Table',
      children: [
        row({ type: 'TD', children: [{ type: 'H1', text: 'Ships' }] }, cell('one')),
        row(cell('two'), cell('three')),
      ],
    })
    expect(layout).toBe('# Ships\n\none\ntwo\nthree')
    const text = await markdown(...Array.from({ length: 20 }, () => ({ type: 'H1', text: prose.text! })))
    expect(text).not.toContain('#')
  })
})

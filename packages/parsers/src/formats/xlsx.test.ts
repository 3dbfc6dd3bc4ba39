import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { compoundOf, refusal, relsOf, run, zipOf } from '../../test/make-documents.ts'
import { xlsx } from './xlsx.ts'

function bookOf(
  sheets: Readonly<Record<string, string>>,
  parts: Record<string, string> = {},
  workbook = '',
): Uint8Array {
  const names = Object.keys(sheets)
  const files: Record<string, string> = {
    '_rels/.rels': relsOf({ r: ['officeDocument', 'xl/workbook.xml'] }),
    'xl/workbook.xml': `<workbook xmlns:r="r">${workbook}<sheets>${names.map((name, n) => `<sheet name="${name}" sheetId="${n + 1}" r:id="s${n}"/>`).join('')}</sheets>
      <extLst><x15:workbookPr date1904="0"/></extLst></workbook>`,
    'xl/_rels/workbook.xml.rels': relsOf(
      Object.fromEntries(names.map((_, n) => [`s${n}`, ['worksheet', `worksheets/sheet${n + 1}.xml`] as const])),
    ),
  }
  Object.values(sheets).forEach((data, n) => {
    files[`xl/worksheets/sheet${n + 1}.xml`] = `<worksheet xmlns:r="r">${data}</worksheet>`
  })
  return zipOf({ ...files, ...parts })
}
const sheetData = (...rows: string[]): string => `<sheetData>${rows.join('')}</sheetData>`
const row = (r: number, ...cells: string[]): string => `<row r="${r}">${cells.join('')}</row>`
const styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm"/><numFmt numFmtId="165" formatCode="&quot;days&quot; 0"/></numFmts>
  <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
  <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="10"/><xf numFmtId="20"/><xf numFmtId="165"/></cellXfs></styleSheet>`

describe('xlsx', () => {
  it('reads all kinds of cells, sheets as headings and pages', async () => {
    const { markdown, pages, pageOffsets } = await run(
      xlsx,
      bookOf(
        {
          'First &amp; best': sheetData(
            row(
              1,
              '<c r="A1" t="s"><v>0</v></c>',
              '<c r="B1" t="inlineStr"><is><t>in|line</t></is></c>',
              '<c r="D1" t="s"><v>1</v></c>',
            ),
            row(
              2,
              '<c r="A2"><v>0.30000000000000004</v></c>',
              '<c r="B2" t="b"><v>1</v></c>',
              '<c r="C2" t="e"><v>#DIV/0!</v></c>',
              '<c r="D2" t="str"><f>A1</f><v>sum</v></c>',
            ),
          ),
          Second: sheetData(
            '<row><c><v>1</v></c><c><v>2</v></c></row>',
            '<row><c t="inlineStr"><is><t>x</t></is></c></row>',
          ),
        },
        {
          'xl/sharedStrings.xml':
            '<sst><si><t>name</t><rPh><t>phonetic</t></rPh></si><si><r><t>rich </t></r><r><t>text</t></r></si></sst>',
        },
      ),
    )
    expect(markdown).toBe(
      '## First & best\n\n| name | in\\|line |  | rich text |\n| --- | --- | --- | --- |\n| 0.3 | TRUE | #DIV/0! | sum |\n\n## Second\n\n| 1 | 2 |\n| --- | --- |\n| x |',
    )
    expect(pages).toBe(2)
    expect(pageOffsets).toEqual([0, markdown.indexOf('\n\n## Second')])
  })

  it('shows dates, times and percentages by their styles, in both date systems', async () => {
    const cells = row(
      1,
      '<c s="1"><v>45306</v></c><c s="2"><v>45306.75</v></c><c s="3"><v>0.1234</v></c><c s="4"><v>0.5</v></c><c s="5"><v>3</v></c><c s="1"><v>1</v></c>',
    )
    const markdown = async (workbook: string): Promise<string | undefined> =>
      (await run(xlsx, bookOf({ S: sheetData(cells) }, { 'xl/styles.xml': styles }, workbook))).markdown.split('\n')[2]
    expect(await markdown('')).toBe('| 2024-01-15 | 2024-01-15 18:00 | 12.34% | 12:00 | days 3 | 1900-01-01 |')
    expect(await markdown('<workbookPr date1904="1"/>')).toBe(
      '| 2028-01-16 | 2028-01-16 18:00 | 12.34% | 12:00 | days 3 | 1904-01-02 |',
    )
  })

  it('reads characters that are escaped, dates in words, and links that formulas make', async () => {
    const { markdown, metadata } = await run(
      xlsx,
      bookOf(
        {
          S: sheetData(
            row(
              1,
              '<c r="A1" t="s"><v>0</v></c>',
              '<c r="B1" t="d"><v>2024-01-15T10:30:00.000</v></c>',
              '<c r="C1" t="d"><v>2024-01-15T00:00:00Z</v></c>',
              '<c r="D1" t="str"><f>HYPERLINK(&quot;https://x.example/?a&amp;b&quot;,&quot;see&quot;)</f><v>see</v></c>',
              '<c r="E1"><f>SUM(A1:A2)</f><v>3</v></c>',
            ),
          ),
        },
        { 'xl/sharedStrings.xml': '<sst><si><t>two_x000A_lines</t></si></sst>' },
      ),
    )
    expect(markdown).toBe(
      '## S\n\n| two lines | 2024-01-15 10:30:00 | 2024-01-15 | see | 3 |\n| --- | --- | --- | --- | --- |\n\n- D1: <https://x.example/?a&b>',
    )
    expect(metadata).toBeUndefined()
  })

  it('names the sheets that are hidden', async () => {
    const bytes = bookOf({ Seen: sheetData(row(1, '<c><v>1</v></c>')), Kept: sheetData(row(1, '<c><v>2</v></c>')) })
    const parts = unzipSync(bytes)
    const book = strFromU8(parts['xl/workbook.xml']!).replace('name="Kept"', 'name="Kept" state="veryHidden"')
    const { markdown, metadata } = await run(xlsx, zipSync({ ...parts, 'xl/workbook.xml': strToU8(book) }))
    expect(markdown).toBe('## Seen\n\n1\n\n## Kept\n\n2')
    expect(metadata).toEqual({ hiddenSheets: ['Kept'] })
  })

  it('makes a table of each run of rows, without empty columns in front', async () => {
    const { markdown } = await run(
      xlsx,
      bookOf({
        S: sheetData(
          row(2, '<c r="B2"><v>7</v></c>'),
          row(5, '<c r="C5"><v>1</v></c><c r="D5"><v>2</v></c>'),
          row(6, '<c r="D6"><v>3</v></c>'),
        ),
      }),
    )
    expect(markdown).toBe('## S\n\n7\n\n| 1 | 2 |\n| --- | --- |\n|  | 3 |')
  })

  it('keeps a long table in one, and links and comments behind it', async () => {
    const rows = Array.from({ length: 1200 }, (_, n) => row(n + 1, `<c><v>${n}</v></c><c><v>${n * 2}</v></c>`))
    const { markdown } = await run(
      xlsx,
      bookOf(
        { S: `${sheetData(...rows)}<hyperlinks><hyperlink ref="A1" r:id="h" location="top"/></hyperlinks>` },
        {
          'xl/worksheets/_rels/sheet1.xml.rels': relsOf({
            h: ['hyperlink', 'https://x.example/'],
            c: ['comments', '../comments1.xml'],
          }),
          'xl/comments1.xml': '<comments><comment ref="B2"><text><r><t>Why?</t></r></text></comment></comments>',
        },
      ),
    )
    const lines = markdown.split('\n')
    expect(lines.filter((line) => line.startsWith('| --- |'))).toHaveLength(1)
    expect(markdown.endsWith('\n| 1199 | 2398 |\n\n> Comment (B2): Why?\n\n- A1: <https://x.example/#top>')).toBe(true)
  })

  it('names who wrote a comment, and shows a thread in place of its copy', async () => {
    const comment = (ref: string, author: number, text: string): string =>
      `<comment ref="${ref}" authorId="${author}"><text><t>${text}</t></text></comment>`
    const copy = '[Kommentarthread]\n\nIhre Version von Excel zeigt dies.\n\nKommentar:\n    Who?\nAntwort:\n    Me'
    const parts = {
      'xl/comments1.xml': `<comments><authors><author>Ann</author><author>tc={1}</author></authors><commentList>${comment('A1', 0, 'Why?')}${comment('A2', 0, 'Ann: How?')}${comment('A3', 1, copy)}</commentList></comments>`,
      'xl/thread1.xml':
        '<ThreadedComments><threadedComment ref="A3" personId="p"><text>Who?</text></threadedComment><threadedComment ref="A3" personId="q"><text>Me</text></threadedComment></ThreadedComments>',
      'xl/persons.xml': '<personList><person id="p" displayName="Bob"/></personList>',
      'xl/_rels/workbook.xml.rels': relsOf({
        s0: ['worksheet', 'worksheets/sheet1.xml'],
        p: ['person', 'persons.xml'],
      }),
    }
    const sheets = { S: sheetData(row(1, '<c><v>1</v></c>')) }
    const text = async (rels: Parameters<typeof relsOf>[0]): Promise<string> =>
      (await run(xlsx, bookOf(sheets, { ...parts, 'xl/worksheets/_rels/sheet1.xml.rels': relsOf(rels) }))).markdown
    const comments = ['comments', '../comments1.xml'] as const
    const plain = '## S\n\n1\n\n> Comment (A1, Ann): Why?\n\n> Comment (A2): Ann: How?'
    expect(await text({ c: comments, t: ['threadedComment', '../thread1.xml'] })).toBe(
      `${plain}\n\n> Comment (A3, Bob): Who?\n\n> Comment (A3): Me`,
    )
    expect(await text({ c: comments })).toBe(`${plain}\n\n> Comment (A3): Who? Antwort: Me`)
  })

  it('puts headers and footers last, each once, without their codes', async () => {
    const margins = (text: string): string => `<headerFooter><oddFooter>${text}</oddFooter></headerFooter>`
    const { markdown } = await run(
      xlsx,
      bookOf({
        One: `${sheetData(row(1, '<c><v>1</v></c>'))}${margins('&amp;L&amp;"Arial,Bold"&amp;12Salt &amp;&amp; pepper&amp;CPage &amp;P of &amp;N\nBy machine&amp;R&amp;K01+000&amp;D &amp;F &amp;[Tab]')}`,
        Two: `${sheetData(row(1, '<c><v>2</v></c>'))}${margins('Salt &amp;&amp; pepper&amp;R&amp;KFF0000Draft')}`,
      }),
    )
    expect(markdown).toBe('## One\n\n1\n\n## Two\n\n2\n\nSalt & pepper\n\nBy machine\n\nDraft')
  })

  it('reads what is drawn over a chart, and what stands on buttons', async () => {
    const vml = (kind: string, text: string): string =>
      `<v:shape id="s"><v:textbox><div><font>${text}<br></font></div></v:textbox><x:ClientData ObjectType="${kind}"><x:Row>1</x:Row></x:ClientData></v:shape>`
    const parts = {
      'xl/drawings/drawing1.xml': '<wsDr><graphicFrame><c:chart r:id="c"/></graphicFrame></wsDr>',
      'xl/drawings/_rels/drawing1.xml.rels': relsOf({ c: ['chart', '../charts/chart1.xml'] }),
      'xl/charts/chart1.xml': '<chartSpace><title><t>Sales</t></title><userShapes r:id="u"/></chartSpace>',
      'xl/charts/_rels/chart1.xml.rels': relsOf({ u: ['chartUserShapes', '../drawings/drawing2.xml'] }),
      'xl/drawings/drawing2.xml': '<userShapes><sp><txBody><p><r><t>best year</t></r></p></txBody></sp></userShapes>',
      'xl/drawings/vml1.vml': `<xml>${vml('Note', 'a comment')}${vml('Button', 'Calculate')}${vml('Button', 'Calculate')}</xml>`,
      'xl/ctrlProps/ctrlProp1.xml': '<formControlPr/>',
    }
    const text = async (rels: Parameters<typeof relsOf>[0]): Promise<string> =>
      (
        await run(
          xlsx,
          bookOf({ S: '<sheetData/>' }, { ...parts, 'xl/worksheets/_rels/sheet1.xml.rels': relsOf(rels) }),
        )
      ).markdown
    const drawing = ['drawing', '../drawings/drawing1.xml'] as const
    const controls = ['vmlDrawing', '../drawings/vml1.vml'] as const
    expect(await text({ d: drawing, v: controls })).toBe('## S\n\nSales\n\nbest year\n\nCalculate')
    expect(await text({ v: controls, p: ['ctrlProp', '../ctrlProps/ctrlProp1.xml'] })).toBe('## S')
  })

  it('makes a table of each list of categories in a chart', async () => {
    const numbers = (name: string, values: readonly number[]): string =>
      `<${name}><numRef><numCache>${values.map((value, n) => `<pt idx="${n}"><v>${value}</v></pt>`).join('')}</numCache></numRef></${name}>`
    const series = (name: string, x: readonly number[], y: readonly number[]): string =>
      `<ser><tx><v>${name}</v></tx>${x.length > 0 ? numbers('xVal', x) : ''}${numbers('yVal', y)}</ser>`
    const { markdown } = await run(
      xlsx,
      bookOf(
        { S: '<sheetData/>' },
        {
          'xl/worksheets/_rels/sheet1.xml.rels': relsOf({ d: ['drawing', '../drawings/drawing1.xml'] }),
          'xl/drawings/drawing1.xml': '<wsDr><graphicFrame><c:chart r:id="c"/></graphicFrame></wsDr>',
          'xl/drawings/_rels/drawing1.xml.rels': relsOf({ c: ['chart', '../charts/chart1.xml'] }),
          'xl/charts/chart1.xml': `<chartSpace>${series('a', [1, 2], [10, 20])}${series('b', [1, 2], [11, 21])}${series('c', [5], [50])}${series('d', [], [12, 22])}</chartSpace>`,
        },
      ),
    )
    expect(markdown).toBe(
      '## S\n\n|  | a | b | d |\n| --- | --- | --- | --- |\n| 1 | 10 | 11 | 12 |\n| 2 | 20 | 21 | 22 |\n\n|  | c |\n| --- | --- |\n| 5 | 50 |',
    )
  })

  it('stops a shared string that is repeated into gigabytes, and a bomb of empty cells', async () => {
    const shared = { 'xl/sharedStrings.xml': `<sst><si><t>${'long '.repeat(6000)}</t></si></sst>` }
    const cell = '<c t="s"><v>0</v></c>'
    const rows = Array.from({ length: 2000 }, (_, n) => row(n + 1, cell.repeat(5)))
    expect(await refusal(xlsx, bookOf({ S: sheetData(...rows) }, shared))).toMatch(/^output_too_large/)
    const empty = `<row>${'<c s="1"/>'.repeat(16_384)}</row>`.repeat(60)
    expect(await refusal(xlsx, bookOf({ S: `<sheetData>${empty}</sheetData>` }))).toMatch(/^too_large: .*200 times/)
  })

  it('says when it is locked or has no sheets', async () => {
    expect(await refusal(xlsx, compoundOf({ EncryptedPackage: new Uint8Array(64) }))).toMatch(/^encrypted/)
    expect(await refusal(xlsx, zipOf({ x: 'y' }))).toMatch(/^corrupt: .*no workbook part/)
    expect(await refusal(xlsx, zipOf({ 'xl/workbook.bin': 'y' }))).toMatch(/^unsupported_type: .*XLSB/)
  })
})

import { describe, expect, it } from 'vitest'
import { compoundOf, refusal, relsOf, run, zipOf } from '../../test/make-documents.ts'
import { docx } from './docx.ts'

const w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

function wordOf(
  body: string,
  parts: Record<string, string> = {},
  rels: Record<string, readonly [string, string]> = {},
): Uint8Array {
  return zipOf({
    '_rels/.rels': relsOf({ r1: ['officeDocument', 'word/document.xml'] }),
    'word/document.xml': `<?xml version="1.0"?><w:document ${w}><w:body>${body}</w:body></w:document>`,
    'word/_rels/document.xml.rels': relsOf(rels),
    ...parts,
  })
}
const p = (text: string, properties = ''): string =>
  `<w:p><w:pPr>${properties}</w:pPr><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`

const styles = `<w:styles ${w}>
  <w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>
  <w:style w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="berschrift2"/></w:style>
  <w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>
</w:styles>`

const level = (n: number, format: string, text: string): string =>
  `<w:lvl w:ilvl="${n}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`
const numbering = `<w:numbering ${w}>
  <w:abstractNum w:abstractNumId="0">${level(0, 'decimal', '%1.')}${level(1, 'lowerLetter', '(%2)')}${level(2, 'decimal', '%1.%2.%3')}</w:abstractNum>
  <w:abstractNum w:abstractNumId="1">${level(0, 'bullet', '')}${level(1, 'bullet', 'o')}</w:abstractNum>
  <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
  <w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
  <w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
</w:numbering>`
const item = (numId: number, ilvl: number, text: string): string =>
  p(text, `<w:numPr><w:ilvl w:val="${ilvl}"/><w:numId w:val="${numId}"/></w:numPr>`)

describe('docx', () => {
  it('keeps headings by style name whatever the id, through basedOn and outline level', async () => {
    const { markdown, title } = await run(
      docx,
      wordOf(
        p('Big', '<w:pStyle w:val="Titel"/>') +
          p('Own', '<w:pStyle w:val="berschrift2"/>') +
          p('Based', '<w:pStyle w:val="Mine"/>') +
          p('Outline', '<w:outlineLvl w:val="2"/>') +
          p('# not a heading'),
        { 'word/styles.xml': styles },
        { s: ['styles', 'styles.xml'] },
      ),
    )
    expect(markdown).toBe('# Big\n\n## Own\n\n## Based\n\n### Outline\n\n\\# not a heading')
    expect(title).toBe('Big')
  })

  it('counts lists as Word does: nested, restarted by what is above and by an override', async () => {
    const { markdown } = await run(
      docx,
      wordOf(
        item(1, 0, 'one') +
          item(1, 1, 'a') +
          item(1, 1, 'b') +
          item(1, 2, 'deep') +
          item(1, 0, 'two') +
          item(1, 1, 'again') +
          p('between') +
          item(1, 0, 'three') +
          item(3, 0, 'restarted') +
          item(3, 0, 'next') +
          p('x') +
          item(2, 0, 'dot') +
          item(2, 1, 'in'),
        { 'word/numbering.xml': numbering },
        { n: ['numbering', 'numbering.xml'] },
      ),
    )
    expect(markdown).toBe(
      '1. one\n   - (a) a\n   - (b) b\n     - 1.b.1 deep\n2. two\n   - (a) again\n\nbetween\n\n3. three\n1. restarted\n2. next\n\nx\n\n- dot\n  - in',
    )
  })

  it('writes tables with spans, nested tables and pipes; a table of one column is layout', async () => {
    const tc = (inner: string, properties = ''): string => `<w:tc><w:tcPr>${properties}</w:tcPr>${inner}</w:tc>`
    const nested = `<w:tbl><w:tr>${tc(p('in1'))}${tc(p('in2'))}</w:tr></w:tbl>`
    const table = `<w:tbl><w:tr>${tc(p('A'), '<w:gridSpan w:val="2"/>')}${tc(p('B'))}</w:tr>
      <w:tr>${tc(p('a|b') + p('second'))}${tc(nested + p(''))}${tc(p('c'))}</w:tr></w:tbl>`
    const layout = `<w:tbl><w:tr>${tc(p('Wrapped', '<w:outlineLvl w:val="0"/>') + table)}</w:tr></w:tbl>`
    const expected = '| A |  | B |\n| --- | --- | --- |\n| a\\|b second | in1 in2 | c |'
    expect((await run(docx, wordOf(table))).markdown).toBe(expected)
    expect((await run(docx, wordOf(layout))).markdown).toBe(`# Wrapped\n\n${expected}`)
  })

  it('keeps results of fields, links, notes and comments; drops deletions, instructions and hidden text', async () => {
    const field = (type: string): string => `<w:r><w:fldChar w:fldCharType="${type}"/></w:r>`
    const body = `<w:p>
      <w:hyperlink r:id="l"><w:r><w:t>site</w:t></w:r></w:hyperlink><w:r><w:t xml:space="preserve"> and </w:t></w:r>
      ${field('begin')}<w:r><w:instrText> HYPERLINK "https://b.example/x" </w:instrText></w:r>${field('separate')}<w:r><w:t>field</w:t></w:r>${field('end')}
      ${field('begin')}<w:r><w:instrText> PAGE </w:instrText></w:r>${field('separate')}<w:r><w:t>7</w:t></w:r>${field('end')}
      <w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t> new</w:t></w:r></w:ins>
      <w:moveFrom><w:r><w:t>moved away</w:t></w:r></w:moveFrom>
      <w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>
      <w:r><w:footnoteReference w:id="2"/></w:r></w:p>`
    const { markdown } = await run(
      docx,
      wordOf(
        body,
        {
          'word/footnotes.xml': `<w:footnotes ${w}><w:footnote w:id="2">${p('The note &amp; more')}</w:footnote></w:footnotes>`,
          'word/comments.xml': `<w:comments ${w}><w:comment w:id="0" w:author="Ann">${p('Check this')}</w:comment></w:comments>`,
        },
        {
          l: ['hyperlink', 'https://a.example/(x)'],
          f: ['footnotes', 'footnotes.xml'],
          c: ['comments', 'comments.xml'],
        },
      ),
    )
    expect(markdown).toBe(
      '[site](https://a.example/%28x%29) and [field](https://b.example/x)7 new[^1]\n\n[^1]: The note & more\n\n> Comment (Ann): Check this',
    )
  })

  it('reads text boxes once, of the choice and not of its fallback', async () => {
    const box = `<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>${p('boxed')}</w:txbxContent></mc:Choice>
      <mc:Fallback><w:txbxContent>${p('boxed')}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>host</w:t></w:r></w:p>`
    expect((await run(docx, wordOf(box))).markdown).toBe('boxed\n\nhost')
  })

  it('marks emphasis on whole words only', async () => {
    const r = (text: string, look = ''): string =>
      `<w:r><w:rPr>${look}</w:rPr><w:t xml:space="preserve">${text}</w:t></w:r>`
    const body = `<w:p>${r('a ')}${r('bold', '<w:b/>')}${r(' off', '<w:b w:val="0"/>')}${r(' ')}${r('W', '<w:b/>')}${r('ord ')}${r('both ', '<w:b/><w:i/>')}${r('end')}</w:p>`
    expect((await run(docx, wordOf(body))).markdown).toBe('a **bold** off Word ***both*** end')
  })

  it('tells properties, pages and where they begin', async () => {
    const output = await run(
      docx,
      wordOf(`${p('one')}<w:p><w:r><w:lastRenderedPageBreak/><w:t>two</w:t></w:r></w:p>`, {
        'docProps/core.xml':
          '<c xmlns:dc="d"><dc:title>T</dc:title><dc:creator>A</dc:creator><dcterms:created>2020-01-02T03:04:05Z</dcterms:created><dc:language>de-DE</dc:language></c>',
        'docProps/app.xml': '<Properties><Pages>2</Pages></Properties>',
      }),
    )
    expect(output).toMatchObject({
      title: 'T',
      author: 'A',
      language: 'de-DE',
      createdAt: '2020-01-02T03:04:05.000Z',
      pages: 2,
    })
    expect(output.pageOffsets?.map((at) => output.markdown.slice(at).trim())).toEqual(['one\n\ntwo', 'two'])
  })

  it('says why a document has no text', async () => {
    expect(
      await refusal(docx, compoundOf({ EncryptedPackage: new Uint8Array(64), EncryptionInfo: new Uint8Array(64) })),
    ).toMatch(/^encrypted: .*password/)
    expect(await refusal(docx, zipOf({ 'a.txt': 'x' }))).toMatch(/^corrupt: .*no document part/)
    expect(await refusal(docx, wordOf('<w:p>').subarray(0, 60))).toMatch(/^corrupt/)
    const deep = '<w:sdt>'.repeat(5000)
    expect(await refusal(docx, wordOf(deep))).toMatch(/^too_large: .*nested deeper than 256/)
    expect(await refusal(docx, wordOf(p('word '.repeat(1000)).repeat(20)), { maxOutputChars: 50_000 })).toMatch(
      /^output_too_large/,
    )
    const cell = `<w:tc>${p('word '.repeat(1000))}</w:tc>`
    expect(
      await refusal(docx, wordOf(`<w:tbl><w:tr>${cell.repeat(60)}</w:tr></w:tbl>`), { maxOutputChars: 50_000 }),
    ).toMatch(/^output_too_large/)
  })

  it('keeps the text before the damage of a part that is cut short, and never expands entities', async () => {
    const cut = zipOf({ 'word/document.xml': `<w:document ${w}><w:body>${p('kept')}<w:p><w:r><w:t>lo` })
    expect(await run(docx, cut)).toMatchObject({
      markdown: expect.stringContaining('kept'),
      metadata: { damaged: expect.any(String) },
    })
    const lol = `<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><w:document ${w}><w:body>${p('x &b; y')}</w:body></w:document>`
    expect((await run(docx, zipOf({ 'word/document.xml': lol }))).markdown).toBe('x &b; y')
  })
})

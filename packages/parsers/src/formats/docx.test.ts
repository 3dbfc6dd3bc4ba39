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

  it('reads what stands over a word, positional tabs, symbols and old forms as a person does', async () => {
    const r = (inner: string): string => `<w:r>${inner}</w:r>`
    const mark = (type: string, data = ''): string => r(`<w:fldChar w:fldCharType="${type}">${data}</w:fldChar>`)
    const box = (on: string): string =>
      mark('begin', `<w:ffData><w:checkBox><w:default w:val="0"/>${on}</w:checkBox></w:ffData>`) +
      r('<w:instrText> FORMCHECKBOX </w:instrText>') +
      mark('end')
    const ruby =
      '<w:ruby><w:rubyPr/><w:rt><w:r><w:t>かんじ</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢字</w:t></w:r></w:rubyBase></w:ruby>'
    const paragraphs = [
      r(ruby) + r('<w:t>です</w:t>'),
      r('<w:t>left</w:t>') + r('<w:ptab w:alignment="right"/>') + r('<w:t>right</w:t>'),
      r('<w:sym w:font="Symbol" w:char="F061"/>') +
        r('<w:rPr><w:rFonts w:ascii="Symbol"/></w:rPr><w:t>\uf0a3b</w:t>') +
        r('<w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr><w:t>\uf0e0\uf0fc</w:t>'),
      `${box('<w:checked/>')}${r('<w:t> yes </w:t>')}${box('')}${r('<w:t> no</w:t>')}`,
      r('<w:t>hy\u00adphen</w:t>') + r('<w:softHyphen/>') + r('<w:t>ated</w:t>'),
    ]
    const { markdown } = await run(docx, wordOf(paragraphs.map((inner) => `<w:p>${inner}</w:p>`).join('')))
    expect(markdown).toBe('漢字です\n\nleft\tright\n\nα≤β→✓\n\n☒ yes ☐ no\n\nhyphenated')
  })

  it('writes formulas on one line', async () => {
    const r = (text: string): string => `<m:r><m:rPr><m:sty m:val="p"/></m:rPr><m:t>${text}</m:t></m:r>`
    const e = (name: string, inner: string): string => `<m:${name}>${inner}</m:${name}>`
    const sub = e('sSub', e('e', r('x')) + e('sub', r('i')))
    const root = e('rad', `<m:radPr><m:degHide m:val="1"/></m:radPr><m:deg/>${e('e', `${r('b')}${r('+1')}`)}`)
    const sum = e(
      'nary',
      `<m:naryPr><m:chr m:val="∑"/></m:naryPr>${e('sub', r('i=1'))}${e('sup', r('n'))}${e('e', sub + r('y'))}`,
    )
    const fraction = e('f', e('num', r('a') + r('−b')) + e('den', r('2')))
    const matrix = e(
      'd',
      `<m:dPr><m:begChr m:val="["/><m:endChr m:val="]"/></m:dPr>${e('e', e('m', e('mr', e('e', r('1')) + e('e', r('0'))) + e('mr', e('e', r('0')) + e('e', r('1')))))}`,
    )
    const body = `<w:p><w:r><w:t xml:space="preserve">so </w:t></w:r><m:oMath>${fraction}${r('=')}${root}</m:oMath></w:p>
      <w:p><m:oMathPara><m:oMath>${sum}</m:oMath></m:oMathPara></w:p><w:p><m:oMath>${matrix}</m:oMath></w:p>`
    expect((await run(docx, wordOf(body))).markdown).toBe('so (a−b)/2=√(b+1)\n\n∑_(i=1)^n x_i y\n\n[1, 0; 0, 1]')
  })

  it('keeps program text as code, and looks of character styles', async () => {
    const code = (text: string): string => p(text, '<w:pStyle w:val="SourceCode"/>')
    const own = `<w:styles ${w}><w:style w:styleId="SourceCode"><w:name w:val="Source Code"/></w:style>
      <w:style w:type="character" w:styleId="Strong"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>
      <w:style w:type="character" w:styleId="Off"><w:name w:val="Off"/><w:rPr><w:vanish/></w:rPr></w:style></w:styles>`
    const r = (style: string, text: string): string =>
      `<w:r><w:rPr><w:rStyle w:val="${style}"/></w:rPr><w:t xml:space="preserve">${text}</w:t></w:r>`
    const body = `${code('if x:')}${code('')}${code('  # no heading')}<w:p>${r('', 'a ')}${r('Strong', 'strong')}${r('Off', ' unseen')}${r('', ' word')}</w:p>`
    expect((await run(docx, wordOf(body, { 'word/styles.xml': own }))).markdown).toBe(
      '```\nif x:\n\n  # no heading\n```\n\na **strong** word',
    )
  })

  it('joins paragraphs whose break is deleted', async () => {
    const cut = '<w:rPr><w:del w:id="1"/></w:rPr>'
    const body = `${p('one ', cut)}${p('two ', cut)}${p('three')}<w:tbl><w:tr><w:tc>${p('last', cut)}</w:tc><w:tc>${p('x')}</w:tc></w:tr></w:tbl>`
    expect((await run(docx, wordOf(body))).markdown).toBe('one two three\n\n| last | x |\n| --- | --- |')
  })

  it('takes descriptions of pictures, or what people called their files', async () => {
    const picture = (attrs: string): string =>
      `<w:p><w:r><w:drawing><wp:docPr id="1" ${attrs}/></w:drawing></w:r></w:p>`
    const told = [
      'C:\\Users\\me\\a.png',
      'C:\\Users\\me\\Santa at sea.wmf',
      'IMG_0042.jpeg',
      'https://x.example/photos/barn.png?size=2',
      'Picture 3',
      'A chart of rain\n\nDescription automatically generated',
    ]
    const body = told.map((each) => picture(`descr="${each}"`)).join('') + picture('title="By title"')
    expect((await run(docx, wordOf(body))).markdown).toBe(
      '![Santa at sea](image)\n\n![barn](image)\n\n![A chart of rain](image)\n\n![By title](image)',
    )
  })

  it('tells the language that most of the text is in, by runs, styles and defaults', async () => {
    const languages = `<w:styles ${w}><w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="en-US" w:eastAsia="ja-JP"/></w:rPr></w:rPrDefault></w:docDefaults></w:styles>`
    const run1 = (text: string, lang = ''): string => `<w:p><w:r><w:rPr>${lang}</w:rPr><w:t>${text}</w:t></w:r></w:p>`
    const of = async (body: string) => (await run(docx, wordOf(body, { 'word/styles.xml': languages }))).language
    expect(await of(run1('Hello'))).toBe('en-US')
    expect(await of(run1('Hi') + run1('Guten Tag allerseits', '<w:lang w:val="de-DE"/>'))).toBe('de-DE')
    expect(await of(run1('募集要項'))).toBe('ja-JP')
    expect(await of(run1('x', '<w:lang w:val="x-none"/>'))).toBeUndefined()
  })

  it('puts headers and footers last, each once, without page numbers', async () => {
    const number = (instruction: string): string =>
      `<w:fldSimple w:instr=" ${instruction} "><w:r><w:t>3</w:t></w:r></w:fldSimple>`
    const hdr = (inner: string): string => `<w:hdr ${w}>${inner}</w:hdr>`
    const page = hdr(
      `<w:p><w:r><w:t xml:space="preserve">Page </w:t></w:r>${number('PAGE')}<w:r><w:t xml:space="preserve"> of </w:t></w:r>${number('NUMPAGES')}</w:p>`,
    )
    const { markdown } = await run(
      docx,
      wordOf(
        p('Body'),
        {
          'word/header1.xml': hdr(p('Annual report')),
          'word/header2.xml': hdr(p('Annual report')),
          'word/footer1.xml': page,
          'word/footer2.xml': hdr(
            `<w:p><w:r><w:t xml:space="preserve">Draft of May, page </w:t></w:r>${number('PAGE \\* MERGEFORMAT')}</w:p>`,
          ),
        },
        {
          a: ['header', 'header1.xml'],
          b: ['header', 'header2.xml'],
          c: ['footer', 'footer1.xml'],
          d: ['footer', 'footer2.xml'],
        },
      ),
    )
    expect(markdown).toBe('Body\n\nAnnual report\n\nDraft of May, page')
  })

  it('counts by levels that a list shapes otherwise, and in figures where it is told to', async () => {
    const own = `<w:numbering ${w}>
      <w:abstractNum w:abstractNumId="0">${level(0, 'upperRoman', '%1.')}${level(1, 'decimal', '%1.%2').replace('<w:start', '<w:isLgl/><w:start')}</w:abstractNum>
      <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
      <w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">${level(0, 'decimal', '%1)')}</w:lvlOverride></w:num></w:numbering>`
    const body = item(1, 0, 'a') + item(1, 1, 'b') + item(2, 0, 'c')
    expect((await run(docx, wordOf(body, { 'word/numbering.xml': own }))).markdown).toBe('- I. a\n  - 1.1 b\n2) c')
  })

  it('counts items that are empty or skipped, from zero where no start is said, in the forms of other scripts', async () => {
    const lists = `<w:numbering ${w}><w:abstractNum w:abstractNumId="0">
      <w:lvl w:ilvl="0"><w:numFmt w:val="ordinal"/><w:lvlText w:val="%1"/></w:lvl>${level(1, 'decimal', '%1.%2')}${level(2, 'bullet', '')}${level(3, 'decimal', '%1.%2.%3.%4')}</w:abstractNum>
      <w:abstractNum w:abstractNumId="1">${level(0, 'chineseCounting', '第%1章')}
      <w:lvl w:ilvl="1"><w:start w:val="7"/><mc:AlternateContent><mc:Choice><w:numFmt w:val="custom" w:format="001, 002, 003, ..."/></mc:Choice><mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent><w:lvlText w:val="%2"/></w:lvl></w:abstractNum>
      <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>`
    const body = [
      ...[item(1, 0, 'a'), item(1, 0, ''), item(1, 3, 'b'), item(1, 1, 'c')],
      ...[item(2, 0, 'd'), item(2, 1, 'e')],
    ]
    const { markdown } = await run(
      docx,
      wordOf(body.join(''), { 'word/numbering.xml': lists }, { n: ['numbering', 'numbering.xml'] }),
    )
    expect(markdown).toBe('- 0th a\n  - 1st.1..1 b\n  - 1st.2 c\n- 第一章 d\n  - 007 e')
  })

  it('writes charts and diagrams below the paragraph they stand in, and joins a large first letter to its word', async () => {
    const drawn = (inner: string): string => `<w:p><w:r><w:t>see</w:t><w:drawing>${inner}</w:drawing></w:r></w:p>`
    const chart = `<c:chartSpace><c:ser><c:tx><c:v>2024</c:v></c:tx><c:cat><c:pt idx="0"><c:v>Q1</c:v></c:pt></c:cat><c:val><c:pt idx="0"><c:v>7</c:v></c:pt></c:val></c:ser></c:chartSpace>`
    const diagram =
      '<dgm:dataModel><dgm:pt><dgm:t><a:p><a:r><a:t>box</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:dataModel>'
    const boxed = `<w:p><w:r><w:pict><w:txbxContent>${drawn('<c:chart r:id="c"/>')}</w:txbxContent></w:pict></w:r></w:p>`
    const { markdown } = await run(
      docx,
      wordOf(
        `${drawn('<c:chart r:id="c"/>')}${drawn('<dgm:relIds r:dm="d"/>')}${boxed}${p('O', '<w:framePr w:dropCap="drop" w:lines="3"/>')}${p('nce upon')}`,
        { 'word/chart1.xml': chart, 'word/data1.xml': diagram },
        { c: ['chart', 'chart1.xml'], d: ['diagramData', 'data1.xml'] },
      ),
    )
    const table = '|  | 2024 |\n| --- | --- |\n| Q1 | 7 |'
    expect(markdown).toBe(`see\n\n${table}\n\nsee\n\n- box\n\nsee\n\n${table}\n\nOnce upon`)
  })

  it('keeps formulas apart, pictures in links, places behind them, boxes of lists, and no headings in margins', async () => {
    const m = (inner: string): string => `<m:oMath><m:r><m:t>${inner}</m:t></m:r></m:oMath>`
    const picture = '<w:r><w:drawing><wp:docPr id="1" descr="Red [barn]"/></w:drawing></w:r>'
    const boxes = `<w:numbering ${w}><w:abstractNum w:abstractNumId="0">${level(0, 'bullet', '☒')}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`
    const heading = p('Report', '<w:outlineLvl w:val="0"/>')
    const { markdown } = await run(
      docx,
      wordOf(
        `<w:p>${m('a=b')}${m('c=d')}</w:p><w:p><w:hyperlink r:id="l" w:anchor="top">${picture}<w:r><w:t> [x]</w:t></w:r></w:hyperlink></w:p>${item(1, 0, 'done')}`,
        {
          'word/numbering.xml': boxes,
          'word/header1.xml': `<w:hdr ${w}>${heading}</w:hdr>`,
          'word/comments.xml': `<w:comments ${w}><w:comment w:author="Ann">${heading}${p('more')}</w:comment></w:comments>`,
        },
        {
          n: ['numbering', 'numbering.xml'],
          l: ['hyperlink', 'https://x.example/'],
          h: ['header', 'header1.xml'],
          c: ['comments', 'comments.xml'],
        },
      ),
    )
    expect(markdown).toBe(
      'a=b c=d\n\n[![Red barn](image) \\[x\\]](https://x.example/#top)\n\n- ☒ done\n\n> Comment (Ann): Report more\n\nReport',
    )
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

  it('takes no name of a template or a program for a title', async () => {
    const titled = async (title: string): Promise<string | undefined> => {
      const core = `<c xmlns:dc="d"><dc:title>${title}</dc:title></c>`
      return (await run(docx, wordOf(p('x'), { 'docProps/core.xml': core }))).title
    }
    for (const none of ['.', '---', 'Normal.dot', 'No Slide Title', '文档1', 'Document 3'])
      expect(await titled(none), none).toBeUndefined()
    for (const title of ['7', 'Normal forms', '会议文档', 'C']) expect(await titled(title)).toBe(title)
  })

  it('says why a document has no text', async () => {
    expect(
      await refusal(docx, compoundOf({ EncryptedPackage: new Uint8Array(64), EncryptionInfo: new Uint8Array(64) })),
    ).toMatch(/^encrypted: .*password/)
    expect(await refusal(docx, compoundOf({ ENCRYPTEDPACKAGE: new Uint8Array(64) }))).toMatch(/^encrypted/)
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

  it('keeps the text before the place where the file itself is cut or damaged', async () => {
    const words = Array.from({ length: 3000 }, (_, n) => p(`word${n * 7919}`)).join('')
    // The document alone, so that it is what the cut goes through.
    const whole = zipOf({ 'word/document.xml': `<w:document ${w}><w:body>${words}</w:body></w:document>` })
    const half = whole.length >> 1
    const noise = whole.slice().fill(0xff, half, half + 64)
    for (const bytes of [whole.subarray(0, half), noise]) {
      const { markdown, metadata } = await run(docx, bytes)
      expect(markdown).toContain('word0\n\nword7919\n')
      expect(markdown.length).toBeGreaterThan(5000)
      expect(metadata).toMatchObject({ damaged: expect.any(String) })
    }
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

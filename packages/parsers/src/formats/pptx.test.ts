import { describe, expect, it } from 'vitest'
import { refusal, relsOf, run, zipOf } from '../../test/make-documents.ts'
import { pptx } from './pptx.ts'

const p = (text: string, properties = ''): string => `<a:p>${properties}<a:r><a:t>${text}</a:t></a:r></a:p>`
const sp = (type: string | undefined, paragraphs: string): string =>
  `<p:sp><p:nvSpPr><p:nvPr>${type === undefined ? '' : `<p:ph type="${type}"/>`}</p:nvPr></p:nvSpPr><p:txBody>${paragraphs}</p:txBody></p:sp>`
const slide = (shapes: string): string =>
  `<p:sld xmlns:p="p" xmlns:a="a" xmlns:r="r"><p:cSld><p:spTree>${shapes}</p:spTree></p:cSld></p:sld>`

function deckOf(slides: readonly string[], parts: Record<string, string> = {}): Uint8Array {
  const files: Record<string, string> = {
    '_rels/.rels': relsOf({ r: ['officeDocument', 'ppt/presentation.xml'] }),
    // Slides are listed in the order opposite to their files'.
    'ppt/presentation.xml': `<p:presentation xmlns:r="r"><p:sldSz cx="100" cy="100"/><p:sldIdLst>${slides.map((_, n) => `<p:sldId id="${256 + n}" r:id="s${slides.length - n}"/>`).join('')}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': relsOf(
      Object.fromEntries(slides.map((_, n) => [`s${n + 1}`, ['slide', `slides/slide${n + 1}.xml`] as const])),
    ),
  }
  slides.forEach((xml, n) => {
    files[`ppt/slides/slide${n + 1}.xml`] = xml
  })
  return zipOf({ ...files, ...parts })
}

describe('pptx', () => {
  it('takes slides in the order of the presentation, titles as headings wherever they stand', async () => {
    const { markdown, pages, pageOffsets } = await run(
      pptx,
      deckOf([
        slide(sp(undefined, p('second body')) + sp('title', p('Second'))),
        slide(sp('ctrTitle', p('First')) + sp('sldNum', p('1'))),
      ]),
    )
    expect(markdown).toBe('## Slide 1: First\n\n## Slide 2: Second\n\nsecond body')
    expect(pages).toBe(2)
    expect(pageOffsets).toEqual([0, markdown.indexOf('\n\n## Slide 2')])
  })

  it('keeps lists by level and number, links, tables and descriptions of pictures', async () => {
    const table = `<p:graphicFrame><a:tbl><a:tr><a:tc><a:txBody>${p('H1')}</a:txBody></a:tc><a:tc><a:txBody>${p('H2')}</a:txBody></a:tc></a:tr>
      <a:tr><a:tc><a:txBody>${p('x')}${p('y')}</a:txBody></a:tc><a:tc><a:txBody><a:p/></a:txBody></a:tc></a:tr></a:tbl></p:graphicFrame>`
    const link = '<a:p><a:r><a:rPr><a:hlinkClick r:id="l"/></a:rPr><a:t>site</a:t></a:r></a:p>'
    const numbered = (text: string): string => p(text, '<a:pPr><a:buAutoNum type="arabicPeriod"/></a:pPr>')
    const body = slide(
      sp('body', p('one') + p('sub', '<a:pPr lvl="1"/>') + p('none', '<a:pPr><a:buNone/></a:pPr>')) +
        sp(undefined, numbered('first') + numbered('second')) +
        sp(undefined, link) +
        table +
        '<p:pic><p:nvPicPr><p:cNvPr id="1" name="x" descr="A red barn"/></p:nvPicPr></p:pic>',
    )
    const { markdown } = await run(
      pptx,
      deckOf([body], { 'ppt/slides/_rels/slide1.xml.rels': relsOf({ l: ['hyperlink', 'https://x.example'] }) }),
    )
    expect(markdown).toBe(
      '## Slide 1\n\n- one\n  - sub\n\nnone\n\n1. first\n2. second\n\n[site](https://x.example)\n\n| H1 | H2 |\n| --- | --- |\n| x y |  |\n\n![A red barn](image)',
    )
  })

  it('adds notes, comments, charts and diagrams', async () => {
    const chart = `<c:chartSpace><c:title><c:tx><a:p><a:r><a:t>Sales</a:t></a:r></a:p></c:tx></c:title><c:ser><c:tx><c:v>2024</c:v></c:tx>
      <c:cat><c:pt><c:v>Q1</c:v></c:pt><c:pt><c:v>Q2</c:v></c:pt></c:cat><c:val><c:pt><c:v>1</c:v></c:pt><c:pt><c:v>2</c:v></c:pt></c:val></c:ser></c:chartSpace>`
    const graphics =
      '<p:graphicFrame><c:chart r:id="c"/></p:graphicFrame><p:graphicFrame><dgm:relIds r:dm="d"/></p:graphicFrame>'
    const { markdown } = await run(
      pptx,
      deckOf([slide(graphics)], {
        'ppt/slides/_rels/slide1.xml.rels': relsOf({
          c: ['chart', '../charts/chart1.xml'],
          d: ['diagramData', '../diagrams/data1.xml'],
          n: ['notesSlide', '../notesSlides/notesSlide1.xml'],
          k: ['comments', '../comments/comment1.xml'],
        }),
        'ppt/charts/chart1.xml': chart,
        'ppt/diagrams/data1.xml': `<d><dgm:pt><dgm:t>${p('Plan')}</dgm:t></dgm:pt><dgm:pt><dgm:t>${p('Do')}</dgm:t></dgm:pt></d>`,
        'ppt/notesSlides/notesSlide1.xml': slide(sp('body', p('Say hello')) + sp('sldNum', p('1'))),
        'ppt/comments/comment1.xml': '<p:cmLst><p:cm><p:text>Too long</p:text></p:cm></p:cmLst>',
      }),
    )
    expect(markdown).toBe(
      '## Slide 1\n\nSales\n\n|  | 2024 |\n| --- | --- |\n| Q1 | 1 |\n| Q2 | 2 |\n\n- Plan\n- Do\n\n**Notes:** Say hello\n\n> Comment: Too long',
    )
  })

  it('shows the numbers of charts as their formats do, points by their place, levels of categories together', async () => {
    const points = (values: Record<number, string>): string =>
      Object.entries(values)
        .map(([at, value]) => `<c:pt idx="${at}"><c:v>${value}</c:v></c:pt>`)
        .join('')
    const numbers = (name: string, format: string, values: Record<number, string>): string =>
      `<c:${name}><c:numRef><c:f>A1</c:f><c:numCache><c:formatCode>${format}</c:formatCode>${points(values)}</c:numCache></c:numRef></c:${name}>`
    const named = (name: string): string =>
      `<c:tx><c:strRef><c:strCache>${points({ 0: name })}</c:strCache></c:strRef></c:tx>`
    const text = (runs: readonly string[]): string =>
      `<c:title><c:tx><c:rich><a:p>${runs.map((each) => `<a:r><a:t>${each}</a:t></a:r>`).join('')}</a:p></c:rich></c:tx></c:title>`
    const charts = [
      `<c:chartSpace>${text(['Sa', 'les'])}<c:ser>${named('a')}<c:cat><c:strRef><c:strCache>${points({ 0: 'Foo', 2: 'Baz' })}</c:strCache></c:strRef></c:cat>${numbers('val', 'General', { 0: '4.4000000000000004', 1: '2.5', 2: '3.5' })}</c:ser>
        <c:ser>${named('b')}${numbers('val', '0%', { 1: '0.25' })}</c:ser><c:catAx>${text(['Years'])}</c:catAx></c:chartSpace>`,
      `<c:chartSpace><c:ser>${named('n')}${numbers('cat', 'yyyy\\-mm\\-dd', { 0: '25204' })}${numbers('val', 'General', { 0: '1' })}</c:ser></c:chartSpace>`,
      `<c:chartSpace><c:ser>${named('n')}<c:cat><c:multiLvlStrRef><c:multiLvlStrCache><c:lvl>${points({ 0: 'SF', 1: 'LA', 2: 'NYC' })}</c:lvl><c:lvl>${points({ 0: 'CA', 2: 'NY' })}</c:lvl></c:multiLvlStrCache></c:multiLvlStrRef></c:cat>${numbers('val', 'General', { 0: '1', 1: '2', 2: '3' })}</c:ser></c:chartSpace>`,
    ]
    const frames = charts.map((_, n) => `<p:graphicFrame><c:chart r:id="c${n}"/></p:graphicFrame>`).join('')
    const parts = Object.fromEntries(charts.map((xml, n) => [`ppt/charts/chart${n}.xml`, xml]))
    const rels = Object.fromEntries(charts.map((_, n) => [`c${n}`, ['chart', `../charts/chart${n}.xml`] as const]))
    const { markdown } = await run(
      pptx,
      deckOf([slide(frames)], { ...parts, 'ppt/slides/_rels/slide1.xml.rels': relsOf(rels) }),
    )
    expect(markdown.split('\n\n').slice(1)).toEqual([
      'Sales',
      'Years',
      '|  | a | b |\n| --- | --- | --- |\n| Foo | 4.4 |  |\n|  | 2.5 | 25% |\n| Baz | 3.5 |  |',
      '|  | n |\n| --- | --- |\n| 1969-01-01 | 1 |',
      '|  | n |\n| --- | --- |\n| CA SF | 1 |\n| CA LA | 2 |\n| NY NYC | 3 |',
    ])
  })

  it('writes a footer once, no slide numbers, formulas, symbols; names who comments; takes the title of the first slide', async () => {
    const number = '<a:p><a:fld type="slidenum"><a:t>7</a:t></a:fld></a:p>'
    const math =
      '<a:p><a:r><a:rPr lang="de-DE"/><a:t>also </a:t></a:r><a14:m><m:oMath><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></a14:m></a:p>'
    const arrow =
      '<a:p><a:r><a:rPr lang="de-DE"><a:sym typeface="Wingdings"/></a:rPr><a:t>von \uf0e0 nach\vunten</a:t></a:r></a:p>'
    const output = await run(
      pptx,
      deckOf(
        [
          slide(sp('ftr', p('Confidential')) + sp(undefined, arrow)),
          slide(sp('title', p('Start')) + sp('ftr', p('Confidential')) + sp(undefined, number) + sp(undefined, math)),
        ],
        {
          'ppt/_rels/presentation.xml.rels': relsOf({
            s1: ['slide', 'slides/slide1.xml'],
            s2: ['slide', 'slides/slide2.xml'],
            a: ['commentAuthors', 'commentAuthors.xml'],
          }),
          'ppt/commentAuthors.xml': '<p:cmAuthorLst><p:cmAuthor id="3" name="Ann"/></p:cmAuthorLst>',
          'ppt/slides/_rels/slide1.xml.rels': relsOf({ k: ['comments', '../comments/comment1.xml'] }),
          'ppt/comments/comment1.xml': '<p:cmLst><p:cm authorId="3"><p:text>Too long</p:text></p:cm></p:cmLst>',
        },
      ),
    )
    expect(output.markdown).toBe(
      '## Slide 1: Start\n\nalso x^2\n\nConfidential\n\n## Slide 2\n\nvon → nach\nunten\n\n> Comment (Ann): Too long',
    )
    expect(output).toMatchObject({ title: 'Start', language: 'de-DE' })
  })

  it('numbers items from where they begin, anew behind one without a number', async () => {
    const item = (text: string, start = ''): string =>
      p(text, `<a:pPr><a:buAutoNum type="arabicPeriod"${start}/></a:pPr>`)
    const lines = [
      item('c', ' startAt="3"'),
      item('d', ' startAt="3"'),
      p('x', '<a:pPr><a:buChar char="-"/></a:pPr>'),
      item('a'),
    ]
    const { markdown } = await run(pptx, deckOf([slide(sp('body', lines.join('')))]))
    expect(markdown).toBe('## Slide 1\n\n3. c\n4. d\n- x\n1. a')
  })

  it('keeps paragraphs of an item with it', async () => {
    const at = (lvl: number, inner: string): string => `<a:pPr lvl="${lvl}">${inner}</a:pPr>`
    const number = '<a:buAutoNum type="arabicPeriod"/>'
    const lines = [
      p('a', at(0, number)),
      p('more of a', at(1, '<a:buNone/>')),
      p('in', at(1, number)),
      p('b', at(0, number)),
      p('after', at(0, '<a:buNone/>')),
    ]
    const { markdown } = await run(pptx, deckOf([slide(sp('body', lines.join('')))]))
    expect(markdown).toBe('## Slide 1\n\n1. a\n\n   more of a\n   1. in\n2. b\n\nafter')
  })

  it('shows what layouts and masters show once, not what stands in their placeholders or beside the slide', async () => {
    const at = (x: number): string =>
      `<p:spPr><a:xfrm><a:off x="${x}" y="10"/><a:ext cx="50" cy="50"/></a:xfrm></p:spPr>`
    const placed = (x: number, text: string): string => `<p:sp>${at(x)}<p:txBody>${p(text)}</p:txBody></p:sp>`
    const group = `<p:grpSp>${at(-90).replaceAll('spPr', 'grpSpPr')}${placed(10, 'Guide in a group')}</p:grpSp>`
    const layout = slide(
      sp(undefined, p('Example Ltd')) + sp('title', p('Click to edit')) + placed(100, 'Guide'),
    ).replaceAll('p:sld', 'p:sldLayout')
    const master = slide(sp(undefined, p('Example Ltd')) + placed(0, 'Strictly confidential') + group).replaceAll(
      'p:sld',
      'p:sldMaster',
    )
    const toLayout = relsOf({ l: ['slideLayout', '../slideLayouts/slideLayout1.xml'] })
    const bare = slide(sp('title', p('Bare'))).replace('<p:sld ', '<p:sld showMasterSp="0" ')
    const deck = deckOf([slide(sp('title', p('B'))), slide(sp('title', p('A'))), bare], {
      'ppt/slides/_rels/slide1.xml.rels': toLayout,
      'ppt/slides/_rels/slide2.xml.rels': toLayout,
      'ppt/slides/_rels/slide3.xml.rels': toLayout,
      'ppt/slideLayouts/slideLayout1.xml': layout,
      'ppt/slideLayouts/_rels/slideLayout1.xml.rels': relsOf({
        m: ['slideMaster', '../slideMasters/slideMaster1.xml'],
      }),
      'ppt/slideMasters/slideMaster1.xml': master,
    })
    expect((await run(pptx, deck)).markdown).toBe(
      '## Slide 1: Bare\n\n## Slide 2: A\n\nExample Ltd\n\nStrictly confidential\n\n## Slide 3: B',
    )
  })

  it('writes diagrams as the outline that they show', async () => {
    const point = (id: string, text: string, kind = ''): string =>
      `<dgm:pt modelId="${id}"${kind}><dgm:t>${p(text)}</dgm:t></dgm:pt>`
    const link = (from: string, to: string, order: number, kind = ''): string =>
      `<dgm:cxn srcId="${from}" destId="${to}" srcOrd="${order}"${kind}/>`
    const points = [point('3', 'Second'), point('2', 'below'), point('1', 'First'), point('9', 'alone')].join('')
    const links = [link('0', '3', 1), link('0', '1', 0), link('1', '2', 0), link('3', '9', 0, ' type="presOf"')].join(
      '',
    )
    const { markdown } = await run(
      pptx,
      deckOf([slide('<p:graphicFrame><dgm:relIds r:dm="d"/></p:graphicFrame>')], {
        'ppt/slides/_rels/slide1.xml.rels': relsOf({ d: ['diagramData', '../diagrams/data1.xml'] }),
        'ppt/diagrams/data1.xml': `<d><dgm:ptLst>${point('0', '', ' type="doc"')}${points}</dgm:ptLst><dgm:cxnLst>${links}</dgm:cxnLst></d>`,
      }),
    )
    expect(markdown).toBe('## Slide 1\n\n- First\n  - below\n- Second\n- alone')
  })

  it('keeps lists of notes', async () => {
    const { markdown } = await run(
      pptx,
      deckOf([slide('')], {
        'ppt/slides/_rels/slide1.xml.rels': relsOf({ n: ['notesSlide', '../notesSlides/notesSlide1.xml'] }),
        'ppt/notesSlides/notesSlide1.xml': slide(sp('body', p('one') + p('two'))),
      }),
    )
    expect(markdown).toBe('## Slide 1\n\n**Notes:**\n\n- one\n- two')
  })

  it('says which slides the show leaves out', async () => {
    const hidden = slide(sp('title', p('B'))).replace('<p:sld ', '<p:sld show="0" ')
    const { markdown, metadata } = await run(pptx, deckOf([hidden, slide(sp('title', p('A')))]))
    expect(markdown).toBe('## Slide 1: A\n\n## Slide 2: B')
    expect(metadata).toEqual({ hiddenSlides: [2] })
  })

  it('finds slides whose relationship leads nowhere', async () => {
    const deck = deckOf([slide(sp('title', p('A'))), slide(sp('title', p('B')))], {
      'ppt/_rels/presentation.xml.rels': relsOf({ s1: ['slide', 'slides/slide1.xml'], s2: ['slide', 'gone.xml'] }),
    })
    expect((await run(pptx, deck)).markdown).toBe('## Slide 1: A\n\n## Slide 2: B')
  })

  it('goes on past a damaged slide and refuses what has none', async () => {
    const output = await run(pptx, deckOf(['<broken', slide(sp('title', p('Fine')))]))
    expect(output.markdown).toContain('## Slide 1: Fine')
    expect(output.metadata).toMatchObject({ damagedSlides: [2] })
    expect(await refusal(pptx, zipOf({ x: 'y' }))).toMatch(/^corrupt: .*no presentation part/)
    const long = slide(sp('body', p('word '.repeat(3000)).repeat(5)))
    expect(await refusal(pptx, deckOf([long, long]), { maxOutputChars: 100_000 })).toMatch(/^output_too_large/)
  })
})

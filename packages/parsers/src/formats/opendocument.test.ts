import { describe, expect, it } from 'vitest'
import { refusal, run, zipOf } from '../../test/make-documents.ts'
import { odp } from './odp.ts'
import { ods } from './ods.ts'
import { odt } from './odt.ts'

function odfOf(
  body: string,
  { styles = '', meta = '', parts = {} }: { styles?: string; meta?: string; parts?: Record<string, string> } = {},
): Uint8Array {
  return zipOf({
    ...parts,
    'content.xml': `<office:document-content><office:automatic-styles>${styles}</office:automatic-styles><office:body>${body}</office:body></office:document-content>`,
    ...(meta === ''
      ? {}
      : { 'meta.xml': `<office:document-meta><office:meta>${meta}</office:meta></office:document-meta>` }),
  })
}
const text = (inner: string): string => `<office:text>${inner}</office:text>`
const styles = `<style:style style:name="P1" style:parent-style-name="Title"/>
  <style:style style:name="T1"><style:text-properties fo:font-weight="bold"/></style:style>
  <text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>
  <text:list-level-style-bullet text:level="2"/></text:list-style>
  <text:list-style style:name="L2"><text:list-level-style-number text:level="1" style:num-format="a" style:num-suffix=")" text:start-value="3"/></text:list-style>`

describe('odt', () => {
  it('keeps headings, emphasis, spaces, links, lists and their numbers', async () => {
    const item = (inner: string): string => `<text:list-item>${inner}</text:list-item>`
    const { markdown, title } = await run(
      odt,
      odfOf(
        text(
          `<text:p text:style-name="P1">The title</text:p><text:h text:outline-level="2">Part</text:h>
          <text:p>a<text:s text:c="2"/>b <text:span text:style-name="T1">bold</text:span> <text:a xlink:href="https://x.example">link</text:a>
          in one line</text:p>
          <text:list text:style-name="L1">${item('<text:p>one</text:p><text:list><text:list-item><text:p>in</text:p></text:list-item></text:list>')}${item('<text:p>two</text:p>')}</text:list>
          <text:p>between</text:p><text:list text:style-name="L2">${item('<text:p>third letter</text:p>')}</text:list>`,
        ),
        { styles },
      ),
    )
    expect(markdown).toBe(
      '# The title\n\n## Part\n\na  b **bold** [link](https://x.example) in one line\n\n1. one\n   - in\n2. two\n\nbetween\n\n- c) third letter',
    )
    expect(title).toBe('The title')
  })

  it('counts what is skipped on the way down, in the forms of other scripts', async () => {
    const forms = `<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="一, 二, 三, ..." style:num-suffix="、"/>
      <text:list-level-style-number text:level="2" style:num-format="1" style:num-suffix="."/></text:list-style>`
    const item = (inner: string): string => `<text:list-item>${inner}</text:list-item>`
    const inner = `<text:list>${item('<text:p>a</text:p>')}</text:list>`
    const list = `<text:list text:style-name="L">${item(inner)}${item('<text:p>b</text:p>')}</text:list>`
    const { markdown } = await run(odt, odfOf(text(list), { styles: forms }))
    expect(markdown).toBe('1. a\n- 二、 b')
  })

  it('shows what the controls of forms show', async () => {
    const control = (id: string): string => `<draw:control draw:control="${id}"/>`
    const forms = `<office:forms><form:form><form:text form:id="c1" form:value="old" form:current-value="Ann"><form:properties>
      <form:property form:property-name="x" office:string-value="no"/></form:properties></form:text>
      <form:fixed-text xml:id="c2" form:label="First name"/><form:password form:id="c3" form:value="secret"/>
      <form:checkbox form:id="c4" form:label="Agree" form:current-state="checked"/>
      <form:radio form:id="c5" form:label="Male" form:selected="false"/>
      <form:listbox form:id="c6"><form:option form:label="Peru"/><form:option form:label="Chad" form:current-selected="true"/></form:listbox>
      </form:form></office:forms>`
    const body = `${control('c6')}<text:p>${control('c2')}: ${control('c1')}${control('c3')}</text:p><text:p>${control('c4')} ${control('c5')}</text:p>`
    const { markdown } = await run(odt, odfOf(text(forms + body)))
    expect(markdown.replace(/ +/g, ' ')).toBe('Chad\n\nFirst name : Ann\n\n☒ Agree ☐ Male')
    const mark = (type: string, inner: string): string =>
      `<field:fieldmark field:type="vnd.oasis.opendocument.field.FORM${type}">${inner}</field:fieldmark>`
    const param = (name: string, value: string): string => `<field:param field:name="${name}" field:value="${value}"/>`
    const old = `${mark('CHECKBOX', param('Checkbox_Checked', 'true'))} a ${mark('CHECKBOX', '')} b ${mark('DROPDOWN', param('Dropdown_ListEntry', 'red') + param('Dropdown_ListEntry', 'blue') + param('Dropdown_Selected', '1'))}`
    expect((await run(odt, odfOf(text(`<text:p>${old}</text:p>`)))).markdown).toBe('☒ a ☐ b blue')
  })

  it('goes on with numbers, leaves headers of lists without, numbers headings', async () => {
    const item = (inner: string): string => `<text:list-item>${inner}</text:list-item>`
    const list = (inner: string, attrs = ''): string => `<text:list text:style-name="L1"${attrs}>${inner}</text:list>`
    const h = (level: number, inner: string, attrs = ''): string =>
      `<text:h text:outline-level="${level}"${attrs}>${inner}</text:h>`
    const outline = `<text:outline-style style:name="Outline"><text:outline-level-style text:level="1" style:num-format="I"/>
      <text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style>
      <style:style style:name="Plain" style:list-style-name=""/>`
    const { markdown } = await run(
      odt,
      odfOf(
        text(
          `${h(1, 'One')}${h(2, 'Sub')}${h(1, 'Two')}${h(2, 'Again')}${h(1, 'Preface', ' text:style-name="Plain"')}
          ${list(`<text:list-header><text:p>before</text:p></text:list-header>${item('<text:p>a</text:p><text:p>more of a</text:p>')}`, ' xml:id="x"')}
          <text:p>between</text:p>${list(item('<text:p>b</text:p>'), ' text:continue-numbering="true"')}
          <text:p>between</text:p>${list(item('<text:p>new</text:p>'), ' xml:id="y"')}
          <text:p>between</text:p>${list(item('<text:p>c</text:p>'), ' text:continue-list="x"')}`,
        ),
        { styles: styles + outline },
      ),
    )
    expect(markdown).toBe(
      '# I One\n\n## I.1 Sub\n\n# II Two\n\n## II.1 Again\n\n# Preface\n\nbefore\n\n1. a\n\n   more of a\n\nbetween\n\n2. b\n\nbetween\n\n1. new\n\nbetween\n\n2. c',
    )
  })

  it('reads shapes in a line, code, pictures and what is embedded; leaves out what is hidden', async () => {
    const body = text(
      `<text:p>left <draw:rect><text:p>in a shape</text:p></draw:rect>right<text:span text:style-name="H"> unseen</text:span> hy\u00adphen</text:p>
      <text:section text:display="none"><text:p>section</text:p></text:section>
      <text:p text:style-name="Preformatted_20_Text">if x:</text:p><text:p text:style-name="P9"><text:s text:c="2"/>go()</text:p>
      <text:p>so <draw:frame><draw:object xlink:href="./Object 1"/><draw:image/></draw:frame> holds</text:p>
      <text:p><draw:frame><draw:object xlink:href="./Object 2"/><svg:title>Rain</svg:title><svg:desc>Rain by month</svg:desc></draw:frame></text:p>
      <text:p text:style-name="T9">bold by its parent</text:p>`,
    )
    const own = `<style:style style:name="H"><style:text-properties text:display="none"/></style:style>
      <style:style style:name="P9" style:parent-style-name="Preformatted_20_Text"/>
      <style:style style:name="T9" style:parent-style-name="T1"><style:text-properties fo:color="#ff0000"/></style:style>`
    const cell = (inner: string): string => `<table:table-cell><text:p>${inner}</text:p></table:table-cell>`
    const { markdown } = await run(
      odt,
      odfOf(body, {
        styles: styles + own,
        parts: {
          'Object 1/content.xml':
            '<math xmlns="m"><semantics><mrow><mfrac><mi>a</mi><mi>b</mi></mfrac><mo>=</mo><msup><mi>c</mi><mn>2</mn></msup></mrow><annotation>{a} over {b} = c^2</annotation></semantics></math>',
          'Object 2/content.xml': `<office:document-content><office:body><office:chart><chart:chart><chart:title><text:p>Sales</text:p></chart:title>
            <table:table><table:table-row>${cell('')}${cell('2024')}</table:table-row><table:table-row>${cell('Q1')}${cell('5')}</table:table-row></table:table></chart:chart></office:chart></office:body></office:document-content>`,
        },
      }),
    )
    expect(markdown).toBe(
      'in a shape\n\nleft right hyphen\n\n```\nif x:\n  go()\n```\n\nso a/b = c^2 holds\n\nSales\n\n|  | 2024 |\n| --- | --- |\n| Q1 | 5 |\n\n![Rain](image)\n\n![Rain by month](image)\n\n**bold by its parent**',
    )
  })

  it('puts headers and footers last, tells the language and where pages begin', async () => {
    const master = `<office:document-styles><office:styles><style:default-style style:family="paragraph"><style:text-properties fo:language="de" fo:country="DE"/></style:default-style></office:styles>
      <office:master-styles><style:master-page><style:header><text:p>Annual report</text:p></style:header><style:header-left><text:p>Annual report</text:p></style:header-left>
      <style:footer><text:p>Page <text:page-number>3</text:page-number></text:p></style:footer></style:master-page></office:master-styles></office:document-styles>`
    const output = await run(
      odt,
      odfOf(
        text(
          '<text:p>eins</text:p><text:p text:style-name="Next">zwei</text:p><text:p>drei<text:soft-page-break/> noch drei</text:p><text:p>vier</text:p>',
        ),
        {
          styles: '<style:style style:name="Next"><style:paragraph-properties fo:break-before="page"/></style:style>',
          parts: { 'styles.xml': master },
        },
      ),
    )
    expect(output.markdown).toBe('eins\n\nzwei\n\ndrei noch drei\n\nvier\n\nAnnual report')
    expect(output.language).toBe('de-DE')
    expect(output.pageOffsets?.map((at) => output.markdown.slice(at).trim().split('\n')[0])).toEqual([
      'eins',
      'zwei',
      'vier',
    ])
  })

  it('puts notes and comments at the end, text boxes before their paragraph, and drops what was deleted', async () => {
    const { markdown } = await run(
      odt,
      odfOf(
        text(`<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>
          <text:p>Body<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Note</text:p></text:note-body></text:note>
          more<office:annotation><dc:creator>Ann</dc:creator><dc:date>2024-01-01</dc:date><text:p>Look</text:p></office:annotation><draw:frame><draw:text-box><text:p>boxed</text:p></draw:text-box></draw:frame> end</text:p>`),
      ),
    )
    expect(markdown).toBe('boxed\n\nBody[^1] more end\n\n[^1]: Note\n\n> Comment (Ann): Look')
  })

  it('writes tables', async () => {
    const cell = (inner: string): string => `<table:table-cell><text:p>${inner}</text:p></table:table-cell>`
    const { markdown } = await run(
      odt,
      odfOf(
        text(
          `<table:table><table:table-row>${cell('a')}<table:covered-table-cell/>${cell('b')}</table:table-row><table:table-row>${cell('1')}${cell('2')}${cell('3')}</table:table-row></table:table>`,
        ),
      ),
    )
    expect(markdown).toBe('| a |  | b |\n| --- | --- | --- |\n| 1 | 2 | 3 |')
  })

  it('reads flat files, properties, and refuses what is locked or has no content', async () => {
    const flat = `<?xml version="1.0"?><office:document><office:meta><dc:title>Flat</dc:title><meta:creation-date>2021-02-03T04:05:06</meta:creation-date></office:meta>
      <office:body>${text('<text:p>words</text:p>')}</office:body></office:document>`
    expect(await run(odt, flat)).toMatchObject({
      markdown: 'words',
      title: 'Flat',
      createdAt: '2021-02-03T04:05:06.000Z',
    })
    const meta =
      '<dc:title>T</dc:title><meta:initial-creator>A</meta:initial-creator><dc:language>fr</dc:language><meta:document-statistic meta:page-count="4"/>'
    expect(await run(odt, odfOf(text('<text:p>x</text:p>'), { meta }))).toMatchObject({
      title: 'T',
      author: 'A',
      language: 'fr',
      pages: 4,
    })
    const locked = zipOf({
      'content.xml': 'noise',
      'META-INF/manifest.xml': '<m:manifest><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>',
    })
    expect(await refusal(odt, locked)).toMatch(/^encrypted/)
    expect(await refusal(odt, zipOf({ mimetype: 'x' }))).toMatch(/^corrupt: .*content.xml/)
  })
})

describe('ods', () => {
  const cell = (value: string, attrs = ''): string =>
    `<table:table-cell ${attrs}><text:p>${value}</text:p></table:table-cell>`
  const sheet = (rows: string): Uint8Array =>
    odfOf(`<office:spreadsheet><table:table table:name="Data">${rows}</table:table></office:spreadsheet>`)

  it('reads rows, dates, repeated cells and comments', async () => {
    const { markdown, pages } = await run(
      ods,
      sheet(`<table:table-row>${cell('name')}<table:table-cell table:number-columns-repeated="2"/>${cell('last')}</table:table-row>
        <table:table-row>${cell('x', 'table:number-columns-repeated="2"')}${cell('1/2/24', 'office:value-type="date" office:date-value="2024-02-01"')}
        <table:table-cell><office:annotation><dc:date>d</dc:date><text:p>Why?</text:p></office:annotation><text:p>two</text:p><text:p>lines</text:p></table:table-cell></table:table-row>`),
    )
    expect(markdown).toBe(
      '## Data\n\n| name |  |  | last |\n| --- | --- | --- | --- |\n| x | x | 2024-02-01 | two lines |\n\n> Comment (D2): Why?',
    )
    expect(pages).toBe(1)
  })

  it('shows dates in digits as ISO 8601 with the time that is shown, those with words as they are but for the year', async () => {
    const date = (shown: string, value = '2024-01-15T18:30:20'): string =>
      cell(shown, `office:value-type="date" office:date-value="${value}"`)
    const { markdown } = await run(
      ods,
      sheet(
        `<table:table-row>${date('01/15/24')}${date('15.1.24 18:30')}${date('1/15/24 6:30 PM')}${date('01/15/24 00:00', '2024-01-15')}${date('15-Jan-24')}${date('Jan 24')}${date('24-Jan-24', '2024-01-24')}${date('24-Jan', '2024-01-24')}${date('Montag, 15. Januar 2024')}${date('2024')}${date('01/2024')}${date('2024年1月15日')}</table:table-row>`,
      ),
    )
    expect(markdown.split('\n')[2]).toBe(
      '| 2024-01-15 | 2024-01-15 18:30 | 2024-01-15 6:30 PM | 2024-01-15 | 15-Jan-2024 | Jan 2024 | 24-Jan-2024 | 24-Jan | Montag, 15. Januar 2024 | 2024 | 2024-01 | 2024-01-15 |',
    )
  })

  it('lists links with their cells', async () => {
    const link = (target: string): string =>
      `<table:table-cell><text:p><text:a xlink:href="${target}">see</text:a></text:p></table:table-cell>`
    const { markdown } = await run(
      ods,
      sheet(
        `<table:table-row>${cell('a')}${link('https://x.example/?a=1&amp;b')}${link('#Data.A1')}${cell('go', 'table:formula="of:=HYPERLINK(&quot;https://y.example&quot;;&quot;go&quot;)"')}</table:table-row>`,
      ),
    )
    expect(markdown).toBe(
      '## Data\n\n| a | see | see | go |\n| --- | --- | --- | --- |\n\n- B1: <https://x.example/?a=1&b>\n- D1: <https://y.example>',
    )
  })

  it('bounds cells and rows that say they repeat a million times', async () => {
    const { markdown } = await run(
      ods,
      sheet(`<table:table-row table:number-rows-repeated="1048576">${cell('fill', 'table:number-columns-repeated="16384"')}</table:table-row>
        <table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`),
    )
    expect(markdown.match(/fill/g)).toHaveLength(100 * 100)
  })
})

describe('odp', () => {
  it('writes once what a master page shows on every slide, and drawings by their pages', async () => {
    const shape = (inner: string, attrs = ''): string =>
      `<draw:frame${attrs}><draw:text-box><text:p>${inner}</text:p></draw:text-box></draw:frame>`
    const master = `<office:master-styles><style:master-page style:name="M">${shape('Click to add', ' presentation:class="title" presentation:placeholder="true"')}
      ${shape('Acme Corp<text:page-number>&lt;number></text:page-number>')}<draw:custom-shape><text:p>Confidential</text:p></draw:custom-shape>
      <presentation:notes>${shape('of notes')}</presentation:notes></style:master-page></office:master-styles>`
    const page = (inner: string): string => `<draw:page draw:master-page-name="M">${shape(inner)}</draw:page>`
    const parts = { 'styles.xml': `<office:document-styles>${master}</office:document-styles>` }
    const slides = await run(
      odp,
      odfOf(`<office:presentation>${page('one')}${page('two')}</office:presentation>`, { parts }),
    )
    expect(slides.markdown).toBe('## Slide 1\n\none\n\nAcme Corp Confidential\n\n## Slide 2\n\ntwo')
    const drawing = await run(odp, odfOf(`<office:drawing>${page('box')}</office:drawing>`))
    expect(drawing.markdown).toBe('## Page 1\n\nbox')
  })

  it('takes titles, text in order and notes of each slide', async () => {
    const frame = (kind: string, inner: string): string =>
      `<draw:frame presentation:class="${kind}"><draw:text-box>${inner}</draw:text-box></draw:frame>`
    const { markdown, pages, pageOffsets } = await run(
      odp,
      odfOf(`<office:presentation>
        <draw:page>${frame('outline', '<text:list><text:list-item><text:p>point</text:p></text:list-item></text:list>')}${frame('title', '<text:p>One</text:p>')}
        ${frame('page-number', '<text:p>1</text:p>')}<presentation:notes>${frame('notes', '<text:p>Remember</text:p>')}</presentation:notes></draw:page>
        <draw:page><draw:custom-shape><text:p>shape</text:p></draw:custom-shape></draw:page></office:presentation>`),
    )
    expect(markdown).toBe('## Slide 1: One\n\n- point\n\n**Notes:** Remember\n\n## Slide 2\n\nshape')
    expect(pages).toBe(2)
    expect(pageOffsets?.length).toBe(2)
  })

  it('writes what footers say once, comments by themselves, and is called by its first title', async () => {
    const frame = (kind: string, inner: string): string =>
      `<draw:frame presentation:class="${kind}"><draw:text-box>${inner}</draw:text-box></draw:frame>`
    const page = (inner: string): string =>
      `<draw:page draw:master-page-name="M" presentation:use-footer-name="f">${inner}</draw:page>`
    const output = await run(
      odp,
      odfOf(
        `<office:presentation><presentation:footer-decl presentation:name="f">Confidential</presentation:footer-decl>
        ${page(`${frame('title', '<text:p>Start</text:p>')}<office:annotation><dc:creator>Ann</dc:creator><dc:date>d</dc:date><text:p>Why?</text:p></office:annotation>`)}
        ${page('<draw:ellipse><text:p>round</text:p></draw:ellipse>')}</office:presentation>`,
        {
          parts: {
            'styles.xml': `<office:document-styles><office:master-styles><style:master-page style:name="M">${frame('footer', '<text:p>A company</text:p>')}${frame('page-number', '<text:p>7</text:p>')}</style:master-page></office:master-styles></office:document-styles>`,
          },
        },
      ),
    )
    expect(output.markdown).toBe(
      '## Slide 1: Start\n\nConfidential\n\nA company\n\n> Comment (Ann): Why?\n\n## Slide 2\n\nround',
    )
    expect(output.title).toBe('Start')
  })
})

import { describe, expect, it } from 'vitest'
import { refusal, run } from '../../test/make-documents.ts'
import { rtf } from './rtf.ts'

const markdownOf = async (body: string): Promise<string> =>
  (await run(rtf, `{\\rtf1\\ansi\\ansicpg1252\\deff0 ${body}}`)).markdown

describe('rtf', () => {
  it('decodes code pages by font, Unicode with its fallback, and special characters', async () => {
    const fonts = '{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset204 Arial;}{\\f2\\fcharset128 Mincho;}}'
    expect(await markdownOf(`${fonts}caf\\'e9 {\\f1 \\'cf\\'f0\\'e8} {\\f2 \\'82\\'b1\\'82\\'f1}`)).toBe(
      'café При こん',
    )
    expect(await markdownOf("\\uc1 \\u8364? \\u-10179?\\u-8704? {\\uc2 \\u233\\'c3\\'a9x}")).toBe('€ 😀 éx')
    expect(await markdownOf('a\\emdash b\\~c\\_d \\{e\\} \\\\f\\tab g\\line h')).toBe('a—b\u00a0c-d {e} \\f\tg\nh')
  })

  it('keeps headings by style, emphasis, links, notes, and drops what is hidden or defined', async () => {
    const sheet = '{\\stylesheet{\\s0 Normal;}{\\s1 heading 1;}{\\*\\cs10 Default;}{\\s7\\outlinelevel2 Own;}}'
    const body = `${sheet}\\pard\\s1 Top\\par\\pard\\s7 Own\\par\\pard plain {\\b bold} {\\v hidden}{\\*\\unknown dropped}{\\pict 0123abcd}
{\\field{\\*\\fldinst HYPERLINK "https://x.example"}{\\fldrslt link}}\\chftn{\\footnote \\pard note}\\par`
    expect(await markdownOf(body)).toBe(
      '# Top\n\n### Own\n\nplain **bold** [link](https://x.example)[^1]\n\n[^1]: note',
    )
  })

  it('names who commented, shows what symbol fonts show, and follows links without quotes', async () => {
    const fonts = '{\\fonttbl{\\f0 Arial;}{\\f3\\fcharset2{\\*\\panose 05}Symbol;}{\\f4\\fcharset2 Wingdings;}}'
    const comment = '{\\*\\atnid AB}{\\*\\atnauthor Ann B}\\chatn{\\*\\annotation \\pard why}'
    expect(
      await markdownOf(
        `${fonts}{\\f3 a\\'b3}b {\\f4\\'fc}${comment} {\\field{\\*\\fldinst HYPERLINK https://x.example \\\\l "top"}{\\fldrslt link}}`,
      ),
    ).toBe('α≥b ✓ [link](https://x.example#top)\n\n> Comment (Ann B): why')
    const item = '\\pard\\ls1{\\listtext\\f4 n\\tab}one\\par\\pard\\ls1{\\listtext\\f0 o\\tab}two\\par'
    expect(await markdownOf(fonts + item)).toBe('- one\n- two')
    expect((await run(rtf, '{\\rtf1\\deflang1031 x}')).language).toBe('de')
    expect((await run(rtf, '{\\rtf1\\deflang1031 {\\lang1029 x}{\\lang1024 y}}')).language).toBe('cs')
  })

  it('keeps tables apart that an empty paragraph parts', async () => {
    const row = (text: string): string => `\\trowd\\cellx1\\cellx2\\pard\\intbl ${text}\\cell x\\cell\\row`
    expect(await markdownOf(`${row('a')}\\pard\\par${row('b')}`)).toBe(
      '| a | x |\n| --- | --- |\n\n| b | x |\n| --- | --- |',
    )
  })

  it('writes lists by the labels their writer put in front, and tables', async () => {
    const item = (label: string, text: string): string => `\\pard\\ls1{\\listtext\\tab ${label}\\tab}${text}\\par`
    expect(await markdownOf(item('1.', 'one') + item('2.', 'two') + item("\\'b7", 'dot'))).toBe('1. one\n2. two\n- dot')
    const row = (...cells: string[]): string =>
      `\\trowd\\cellx1\\cellx2 ${cells.map((cell) => `\\pard\\intbl ${cell}\\cell`).join('')}\\row`
    expect(await markdownOf(`before\\par${row('A', 'B')}${row('1', 'x\\par y')}\\pard after\\par`)).toBe(
      'before\n\n| A | B |\n| --- | --- |\n| 1 | x y |\n\nafter',
    )
  })

  it('keeps tables within cells, and how many columns cells cover', async () => {
    const inner = (text: string): string =>
      `\\pard\\intbl\\itap2 ${text}1\\nestcell ${text}2\\nestcell{\\*\\nesttableprops\\trowd\\cellx1\\cellx2\\nestrow}{\\nonesttables\\par}`
    const outer = `\\trowd\\cellx5000\\cellx9000 \\pard\\intbl before\\par ${inner('a')}${inner('b')}\\pard\\intbl after\\cell `
    expect(await markdownOf(`${outer}\\pard\\intbl right\\cell\\row\\pard out\\par`)).toBe(
      '| before a1 a2 b1 b2 after | right |\n| --- | --- |\n\nout',
    )
    // One cell only lays out the page.
    expect(await markdownOf(`\\trowd\\cellx9000 ${inner('a')}\\pard\\intbl end\\cell\\row\\pard out\\par`)).toBe(
      '| a1 | a2 |\n| --- | --- |\n\nend\n\nout',
    )
    const skipped =
      '\\trowd\\cellx5000\\pard\\intbl\\itap4 deep\\nestcell{\\*\\nesttableprops\\nestrow}\\pard\\intbl x\\cell'
    expect(await markdownOf(`${skipped}\\row`)).toBe('deep\n\nx')
    const wide = '\\trowd\\trleft-100\\cellx2000\\cellx4000\\cellx6000 a\\cell b\\cell c\\cell\\row '
    expect(await markdownOf(`${wide}\\trowd\\trleft-100\\cellx4000\\cellx6000 long\\cell d\\cell\\row`)).toBe(
      '| a | b | c |\n| --- | --- | --- |\n| long |  | d |',
    )
  })

  it('counts the items of lists whose numbers are not written', async () => {
    const level = (format: number, text: string): string =>
      `{\\listlevel\\levelnfc${format}\\levelstartat1{\\leveltext ${text};}{\\levelnumbers;}}`
    const tables = `{\\*\\listtable{\\list\\listtemplateid1${level(0, "\\'02\\'00.")}${level(4, "\\'04\\'00.\\'01)")}{\\listname n;}\\listid7}
{\\list${level(23, "\\'01\\u8226 ?")}\\listid8}}
{\\*\\listoverridetable{\\listoverride\\listid7\\listoverridecount0\\ls1}{\\listoverride\\listid8\\ls2}
{\\listoverride\\listid7\\listoverridecount1{\\lfolevel\\listoverridestartat\\levelstartat5}\\ls3}}`
    const body = `\\pard\\ls1 one\\par two\\par{\\pard\\ls1\\ilvl1 below\\par}\\pard\\ls1\\par three\\par\\pard\\ls2 dot\\par
\\pard plain\\par\\pard\\ls3 again\\par\\pard\\ls1{\\listtext\\pard\\plain 9.\\tab}given\\par`
    expect(await markdownOf(tables + body)).toBe(
      '1. one\n2. two\n   - 2.a) below\n4. three\n- dot\n\nplain\n\n5. again\n9. given',
    )
    const old = '{\\*\\pn\\pnlvlbody\\pnstart3\\pndec{\\pntxtb (}{\\pntxta )}}'
    expect(await markdownOf(`\\pard{\\pntext (3)\\tab}${old}a\\par b\\par\\pard c\\par`)).toBe('- (3) a\n- (4) b\n\nc')
    expect(await markdownOf('\\pard\\fi-360\\li360 \\bullet\\tab a\\par 2.\\tab b\\par\\pard 3.\\tab c\\par')).toBe(
      '- a\n2. b\n\n3.\tc',
    )
  })

  it('ends properties with the group they stand in', async () => {
    const sheet = '{\\stylesheet{\\s0 Normal;}{\\s1 heading 1;}}'
    expect(await markdownOf(`${sheet}{\\pard\\s1 Top\\par}plain\\par{\\pard\\s1 Next}\\par plain\\par`)).toBe(
      '# Top\n\nplain\n\n# Next\n\nplain',
    )
    expect(
      await markdownOf(
        '\\pard\\ls1\\ilvl0{\\listtext a\\tab}x\\par\\pard\\ls1\\ilvl1{\\listtext\\pard\\plain b\\tab}y\\par',
      ),
    ).toBe('- a x\n  - b y')
  })

  it('takes the Unicode half of what is written twice, symbols of fields, and what mail says for readers of RTF', async () => {
    const twice =
      '{\\info{\\upr{\\title ???}{\\*\\ud{\\title \\u12478?\\u12523?}}}{\\author Ann {\\b B}}{\\author Ann B}{\\author  }}'
    const output = await run(
      rtf,
      `{\\rtf1\\ansi ${twice}{\\upr{?}{\\*\\ud \\u945?}} {\\field{\\*\\fldinst SYMBOL 98 \\\\f "Symbol" \\\\s 10}{\\fldrslt}}}`,
    )
    expect(output).toMatchObject({ title: 'ゾル', author: 'Ann B', markdown: 'α β' })
    expect(
      await markdownOf(
        '\\fromhtml1{\\*\\htmltag <P>}one\\htmlrtf\\par\\htmlrtf0{\\*\\htmltag </P>}two{\\field{\\*\\fldinst HYPERLINK "#top"}{\\fldrslt  up}}',
      ),
    ).toBe('one\n\ntwo up')
  })

  it('reads what has no header, and no list that stands outside its table', async () => {
    expect((await run(rtf, '{\\pard \\f0 Caption:\\par}\n{\\pard \\b x\\par}')).markdown).toBe('Caption:\n\n**x**')
    expect(await markdownOf('{\\list{\\listlevel{\\leveltext x;}}{\\listname Own;}}text')).toBe('text')
  })

  it('shows what people wrote about pictures, and words that are drawn', async () => {
    const described = (text: string): string =>
      `{\\*\\picprop{\\sp{\\sn wzDescription}{\\sv ${text}}}{\\sp{\\sn wzName}{\\sv }}}`
    const picture = `{\\*\\shppict{\\pict${described('A barn')}\\pngblip 89504e47}}{\\nonshppict{\\pict${described('A barn')}\\wmetafile8 0100}}`
    const word =
      '{\\shp{\\*\\shpinst{\\sp{\\sn gtextUNICODE}{\\sv Big sale}}{\\sp{\\sn pib}{\\sv {\\pict\\pngblip 8950}}}}}'
    expect(await markdownOf(`see ${picture} and ${word}{\\pict${described('Picture 3')} 0102}.`)).toBe(
      'see ![A barn](image) and Big sale.',
    )
  })

  it('shows boxes and lists of forms, program text as such, and no numbers of pages in margins', async () => {
    const field = (kind: string, form: string): string =>
      `{\\field{\\*\\fldinst {${kind} {\\*\\formfield{\\fftype1${form}{\\*\\ffname Own}}}}}{\\fldrslt }}`
    const list = '\\ffres1\\ffdefres0{\\*\\ffl red}{\\*\\ffl blue}'
    expect(
      await markdownOf(
        `${field('FORMCHECKBOX', '\\ffres25\\ffdefres1')} a ${field('FORMCHECKBOX', '\\ffres0\\ffdefres1')} b ${field('FORMDROPDOWN', list)}`,
      ),
    ).toBe('☒ a ☐ b blue')
    const sheet = '{\\stylesheet{\\s0 Normal;}{\\s9 Source Code;}}'
    expect(await markdownOf(`${sheet}\\pard\\s9 if x:\\par   y()\\par\\par z\\par\\pard\\s0 end\\par`)).toBe(
      '```\nif x:\n  y()\n\nz\n```\n\nend',
    )
    const page = '{\\field{\\*\\fldinst PAGE}{\\fldrslt 17}}'
    expect(await markdownOf(`{\\header \\pard Report, ${page}\\par}{\\footer Page ${page}}text ${page}`)).toBe(
      'text 17\n\nReport,',
    )
  })

  it('writes formulas on one line', async () => {
    const r = (text: string): string => `{\\mr\\mscr0\\msty2 {\\rtlch\\f34\\i ${text}}}`
    const root = `{\\mrad{\\mradPr{\\mdegHide on}{\\mctrlPr\\f34 }}{\\mdeg}{\\me{\\msSup{\\me${r('b')}}{\\msup${r('2')}}}}}`
    const sum = `{\\mnary{\\mnaryPr{\\mchr \\u8721?}}{\\msub${r('i')}}{\\msup${r('n')}}{\\me${r('x')}}}`
    const boxed = `{\\md{\\mdPr{\\mbegChr [}{\\mendChr ]}}{\\me${r('y')}}}`
    const formula = `{\\mmath{\\*\\moMathPara{\\moMathParaPr\\mjcGroup0}{\\*\\moMath{\\mf{\\mfPr}{\\mnum${root}}{\\mden${r('2a')}}}${r('=')}${sum}${boxed}{\\mm{\\mmPr{\\mmcs{\\mmc{\\mmcPr{\\mcount 2}{\\mmcJc center}}}}}{\\mmr{\\me${r('1')}}{\\me${r('2')}}}}}}}{\\mmathPict{\\pict 0102}}`
    expect(await markdownOf(`so ${formula} ends\\par next`)).toBe('so (√b^2)/2a=∑_i^n x[y]1, 2 ends\n\nnext')
  })

  it('skips binary data, reads properties and survives what is cut short', async () => {
    const output = await run(
      rtf,
      "{\\rtf1{\\info{\\title T\\'e9st}{\\author Ann}{\\creatim\\yr2020\\mo2\\dy3\\hr4\\min5}{\\nofpages3}}{\\pict\\bin5 }{{}}}shown\\par and more",
    )
    expect(output).toMatchObject({
      title: 'Tést',
      author: 'Ann',
      createdAt: '2020-02-03T04:05:00.000Z',
      pages: 3,
      metadata: { damaged: expect.any(String) },
    })
    expect(output.markdown).toBe('shown\n\nand more')
  })

  it('refuses what is no RTF, nested without end or too long', async () => {
    expect(await refusal(rtf, 'plain text')).toMatch(/^corrupt: .*begin as RTF/)
    expect(await refusal(rtf, `{\\rtf1 ${'{'.repeat(100_000)}`)).toMatch(/^too_large: .*nested deeper/)
    expect(await refusal(rtf, `{\\rtf1 ${'word\\par '.repeat(10_000)}}`, { maxOutputChars: 10_000 })).toMatch(
      /^output_too_large/,
    )
  })
})

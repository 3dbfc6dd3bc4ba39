import { describe, expect, it } from 'vitest'
import { defaultLimits, type Format, type FormatOutput } from '../format.ts'
import { xml } from './xml.ts'

async function read(format: Format, source: string): Promise<FormatOutput> {
  return await format.parse({
    bytes: new TextEncoder().encode(source),
    mimeType: 'application/xml',
    limits: defaultLimits,
  })
}

const markdown = async (source: string): Promise<string> => (await read(xml, source)).markdown

describe('documents in XML', () => {
  it('reads an article of a journal with its authors, sections, tables, lists and notes', async () => {
    const output = await read(
      xml,
      `<article xml:lang="EN"><front><article-meta><title-group><article-title>On <italic>Tea</italic></article-title></title-group>
        <contrib-group><contrib contrib-type="author"><name><surname>Lovelace</surname><given-names>Ada</given-names></name><role>Writing</role><xref>1</xref></contrib>
        <contrib contrib-type="author"><collab>Tea Group</collab></contrib></contrib-group>
        <pub-date><day>7</day><month>3</month><year>2021</year></pub-date></article-meta></front>
      <body><sec><label>1.</label><title>Leaves</title><p>See <xref rid="t">Table 1</xref> and <ext-link xlink:href="https://x.org/a">this</ext-link><fn><p>A note.</p></fn>.</p>
        <table-wrap><label>Table 1</label><caption><title>Kinds</title></caption><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2 &amp; <bold>3</bold></td></tr></tbody></table></table-wrap>
        <list list-type="order"><list-item><p>one</p></list-item><list-item><label>•</label><p>two</p></list-item></list>
        <sec><title>Deep</title><disp-quote><p>said</p></disp-quote><preformat>x  &lt; 1</preformat></sec></sec></body></article>`,
    )
    expect(output).toMatchObject({
      title: 'On Tea',
      author: 'Ada Lovelace, Tea Group',
      language: 'en',
      createdAt: '2021-03-07T00:00:00.000Z',
    })
    expect(output.markdown).toBe(
      [
        '# On Tea',
        'Ada Lovelace, Writing  \nTea Group',
        'pub-date: 2021-03-07',
        '## 1. Leaves',
        'See Table 1 and [this](https://x.org/a) (A note.).',
        '**Table 1 Kinds**',
        '| a | b |\n| --- | --- |\n| 1 | 2 & **3** |',
        '1. one\n2. two',
        '### Deep',
        '> said',
        '```\nx  < 1\n```',
      ].join('\n\n'),
    )
  })

  it.each([
    [
      'tables of CALS with cells over several columns and rows',
      '<section><informaltable><tgroup cols="3"><thead><row><entry namest="c1" nameend="c2">ab</entry><entry>c</entry></row></thead><tbody><row><entry morerows="1">1</entry><entry>2</entry><entry>3</entry></row><row><entry>4</entry><entry>5</entry></row></tbody></tgroup></informaltable></section>',
      '| ab |  | c |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n| 1 | 4 | 5 |',
    ],
    [
      'lists of terms and steps, and code in its language',
      '<chapter><variablelist><varlistentry><term>Tea</term><listitem><para>hot</para></listitem></varlistentry></variablelist><para>Then:</para><procedure><step><para>pour</para></step></procedure><programlisting language="sh">ls -l</programlisting></chapter>',
      'Tea\n\n: hot\n\nThen:\n\n1. pour\n\n```sh\nls -l\n```',
    ],
    [
      'headings of patents by their level, and their inventors',
      '<us-patent-grant lang="EN"><inventors><inventor><addressbook><last-name>Bell</last-name><first-name>Al</first-name><address><city>Rome</city></address></addressbook></inventor></inventors><invention-title>Cup</invention-title><description><heading level="1">FIELD</heading><p>Of cups.</p></description></us-patent-grant>',
      'Al Bell, Rome\n\n# Cup\n\n## FIELD\n\nOf cups.',
    ],
    [
      'what is known by no name as fields, a record a block',
      '<topic><title>T</title><prolog><prodinfo><prodname>X</prodname><vrm>1</vrm></prodinfo><category>c</category></prolog></topic>',
      '# T\n\nprodname: X  \nvrm: 1\n\ncategory: c',
    ],
    [
      'formulas on one line',
      '<article><body><p>So <mml:math><mml:msqrt><mml:mi>x</mml:mi></mml:msqrt></mml:math> is.</p><disp-formula><math><mi>y</mi><mo>=</mo><mn>2</mn></math></disp-formula></body></article>',
      'So √x is.\n\ny = 2',
    ],
    [
      'titles of figures and notes as no headings',
      '<section><title>S</title><figure><title>Map</title></figure><note><para>Mind.</para></note></section>',
      '# S\n\n**Map**\n\nMind.',
    ],
  ])('gives %s', async (_, source, expected) => {
    expect(await markdown(source)).toBe(expected)
  })

  it('knows the names that HTML has, and short ones that the document declares as text', async () => {
    const source =
      '<!DOCTYPE book [<!ENTITY us "Tea &#38; Co"><!ENTITY two "&us;&us;"><!ENTITY tag "<b>">]><book><para>&us; &eacute;&nbsp;&ndash; &two; &none;</para></book>'
    expect(await markdown(source)).toBe('Tea & Co é – &two; &none;')
  })

  it('reads pages in feeds whatever the case of their tags', async () => {
    const source =
      '<rss><channel><item><title>One</title><description><![CDATA[a<BR>b]]></description></item></channel></rss>'
    expect(await markdown(source)).toContain('a  \nb')
  })
})

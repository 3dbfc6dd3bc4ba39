import iconv from 'iconv-lite'
import { describe, expect, it } from 'vitest'
import { defaultLimits, type Format, type FormatOutput } from '../format.ts'
import { decodeCharset } from '../text.ts'
import { html } from './html.ts'
import { markdown } from './markdown.ts'
import { rst } from './rst.ts'
import { text } from './text.ts'

async function read(format: Format, source: string | Uint8Array): Promise<FormatOutput> {
  const bytes = typeof source === 'string' ? new TextEncoder().encode(source) : source
  return await format.parse({ bytes, mimeType: format.mimeTypes[0]!, limits: defaultLimits })
}

const samples: readonly [encoding: string, sample: string][] = [
  ['utf8', 'Grüße aus Köln, naïve café — 東京'],
  ['windows-1252', 'Die Straße führt über die Brücke. Wir hören schöne Geräusche, größer als üblich. '],
  ['windows-1252', 'Price: £5.00 per unit, delivery included. Contact us for further details about the offer. '],
  ['windows-1251', 'Это обычный русский текст, который достаточно длинный для распознавания кодировки. '],
  ['koi8-r', 'Это обычный русский текст, который достаточно длинный для распознавания кодировки. '],
  ['shift_jis', 'これは日本語の文章です。文字コードを判定するために十分な長さがあります。'],
  ['euc-jp', 'これは日本語の文章です。文字コードを判定するために十分な長さがあります。'],
  ['gb18030', '这是一段足够长的中文文本，用来检测字符编码是否被正确识别出来。'],
  ['big5', '這是一段足夠長的中文文字，用來檢測字元編碼是否被正確識別出來。'],
  ['euc-kr', '이것은 문자 인코딩을 올바르게 감지하기에 충분히 긴 한국어 문장입니다.'],
]

function bytesOf(...parts: readonly (string | readonly number[])[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)))
}

/** Syllables by the table of KS X 1001, annex 3: five bits for each letter. */
function johab(sample: string): Buffer {
  const vowels = [3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 18, 19, 20, 21, 22, 23, 26, 27, 28, 29]
  return Buffer.from(
    [...sample].flatMap((char) => {
      const syllable = char.charCodeAt(0) - 0xac00
      if (syllable < 0) return [char.charCodeAt(0)]
      const final = (syllable % 28) + 1
      const code =
        0x8000 |
        ((Math.floor(syllable / 588) + 2) << 10) |
        (vowels[Math.floor((syllable % 588) / 28)]! << 5) |
        (final > 17 ? final + 1 : final)
      return [code >> 8, code & 0xff]
    }),
  )
}

describe('text', () => {
  it.each(samples)('in %s is read', async (encoding, sample) => {
    const long = sample.repeat(8)
    expect((await read(text, iconv.encode(long, encoding))).markdown).toBe(long)
  })

  it.each(['utf-16le', 'utf-16be'])('in %s is read with a mark and without', async (encoding) => {
    const sample = 'Plain words, and Grüße too.\n'.repeat(5)
    expect((await read(text, iconv.encode(sample, encoding, { addBOM: true }))).markdown).toBe(sample)
    expect((await read(text, iconv.encode(sample, encoding, { addBOM: false }))).markdown).toBe(sample)
  })

  it.each(['utf-32le', 'utf-32be'])('in %s is read with a mark and without', async (encoding) => {
    const sample = 'Plain words, and Grüße too 😀.\n'.repeat(5)
    expect((await read(text, iconv.encode(sample, encoding, { addBOM: true }))).markdown).toBe(sample)
    expect((await read(text, iconv.encode(sample, encoding, { addBOM: false }))).markdown).toBe(sample)
  })

  it.each([
    ['a stray byte', bytesOf('Grüße aus Köln, größer, ', [0xe9], ' '), 'Grüße aus Köln, größer, é '],
    ['its last character cut', bytesOf('naïve caf', [0xc3]), 'naïve caf'],
    ['surrogates in it', bytesOf('Grüße ', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], '!'), 'Grüße 😀!'],
  ])('in UTF-8 with %s is UTF-8', async (_, source, expected) => {
    expect((await read(text, source)).markdown).toBe(expected)
  })

  it.each([
    ['windows-1252', 'The models — “small” and ‘large’ — don’t differ…'],
    ['windows-1252', 'Das Wort für heute ist Übermut.'],
    ['windows-1252', '- [Español](https://example.com) and more'],
    ['macintosh', 'The models — “small” and ‘large’ — don’t differ…'],
    ['shift_jis', 'あいうえお\nかきくけこ'],
    ['big5', '這是一段足夠長的中文文字，用來檢測。'],
  ])('of a line in %s is read', async (encoding, sample) => {
    expect((await read(text, iconv.encode(sample, encoding))).markdown).toBe(sample)
  })

  it.each([
    ['euc-kr', 'cp949', '알려달라고 녿허내루 똠방'],
    ['big5', 'big5-hkscs', '香港嘅細佬哥䏰'],
  ])('declared to be %s has the characters that others added', (declared, encoding, sample) => {
    expect(decodeCharset(iconv.encode(sample, encoding), declared)).toBe(sample)
  })

  it.each([
    ['ISO-2022-KR', '\u001b$)C\u000e>H3g\u000f hello\n', '안녕 hello\n'],
    ['HZ', 'Ask ~{<:Ky2;S{~} ~~ now ~', 'Ask 己所不欲 ~ now ~'],
    ['neither, though it has such signs', 'cd ~{a} and ~} too', 'cd ~{a} and ~} too'],
  ])('of seven bits in %s is read', async (_, source, expected) => {
    expect((await read(text, source)).markdown).toBe(expected)
  })

  it('in Johab is read', async () => {
    const sample = '한글은 한국어의 고유 문자이다. '
    const bytes = johab(sample.repeat(8))
    expect((await read(text, bytes)).markdown).toBe(sample.repeat(8))
  })

  it('keeps letters that come after much ASCII', async () => {
    const sample = `${'plain ASCII words. '.repeat(40_000)} Die Straße führt über die Brücke, größer als üblich.`
    expect((await read(text, iconv.encode(sample, 'windows-1252'))).markdown).toContain('Straße führt über die Brücke')
  })

  it('drops a UTF-8 mark', async () => {
    expect((await read(text, '\uFEFFhello')).markdown).toBe('hello')
  })
})

describe('markdown', () => {
  it('passes through, with title and author from its front matter or first heading', async () => {
    const source = '---\ntitle: "A: title"\nauthor: Ada\nlang: en\n---\n\n# Other\n\ntext\n'
    expect(await read(markdown, source)).toEqual({ markdown: source, title: 'A: title', author: 'Ada', language: 'en' })
    expect((await read(markdown, 'intro\n\n# The heading\n')).title).toBe('The heading')
    expect((await read(markdown, '#hashtag\n')).title).toBeUndefined()
    expect((await read(markdown, 'The guide\n=========\n\ntext\n')).title).toBe('The guide')
    expect((await read(markdown, '<h1 align="center">\n  <img src="a.png"> The guide\n</h1>\n\n## Use\n')).title).toBe(
      'The guide',
    )
    expect((await read(markdown, '% The guide\n% Ada\n\ntext\n')).title).toBe('The guide')
  })

  it('takes no comment in code for a heading, and no marks into the title', async () => {
    const source = '```sh\n# install\n```\n\n# The **big** [guide](x.md) ![badge](b.svg)\n'
    expect((await read(markdown, source)).title).toBe('The big guide')
    expect((await read(markdown, '---\n# comment\nslug: x\n---\n# Real\n')).title).toBe('Real')
  })

  it('reads dates, description and tags of its front matter', async () => {
    const source =
      '---\ntitle: T\ndate: 2024-05-06\ntags: [a, "b c"]\nauthors:\n  - Ada\n  - Bob\ndescription: Short\n---\ntext\n'
    expect(await read(markdown, source)).toEqual({
      markdown: source,
      title: 'T',
      author: 'Ada, Bob',
      createdAt: '2024-05-06T00:00:00.000Z',
      metadata: { description: 'Short', keywords: 'a, b c' },
    })
  })
})

describe('html', () => {
  it('keeps headings, tables, lists, links and code, and drops scripts and styles', async () => {
    const output = await read(
      html,
      '<!doctype html><html lang="de"><head><title>Tea &amp;\n cake</title><meta name="author" content="Ada"><style>p{}</style></head>' +
        '<body><h1>Tea</h1><p>With <a href="/milk">milk</a>.<script>alert(1)</script><ul><li>one<li>two</ul>' +
        '<table><tr><th>a<th>b<tr><td>1<td>2</table><pre><code class="language-js">let x</code></pre><img alt="cup" src="data:image/png;base64,AAAA"></body></html>',
    )
    expect(output).toMatchObject({ title: 'Tea & cake', author: 'Ada', language: 'de' })
    for (const part of ['# Tea', '[milk](/milk)', '- one\n- two', '| a | b |', '```js\nlet x\n```', '![cup]']) {
      expect(output.markdown).toContain(part)
    }
    for (const part of ['alert', 'p{}', 'AAAA']) expect(output.markdown).not.toContain(part)
  })

  const body = async (source: string): Promise<string> => (await read(html, source)).markdown

  it.each([
    [
      'a value that spans rows in each of them',
      '<table><tr><th>a<th>b<tr><td rowspan=2>1<td>2<tr><td>3</table>',
      '| a | b |\n| --- | --- |\n| 1 | 2 |\n| 1 | 3 |',
    ],
    [
      'a list in a cell on its line',
      '<table><tr><th>a<th>b<tr><td>1<td><ul><li>x<li>y</ul></table>',
      '| a | b |\n| --- | --- |\n| 1 | x y |',
    ],
    [
      'a table that only lays out the page as its content',
      '<table><tr><td><h1>T</h1><p>one<td><table><tr><td>x<td>y<tr><td>1<td>2</table></table>',
      '# T\n\none\n\n| x | y |\n| --- | --- |\n| 1 | 2 |',
    ],
    [
      'a label beside its field on one line',
      '<table><tr><td>Name:<td>Ada<tr><td><h2>Next</h2></table>',
      'Name: Ada\n\n## Next',
    ],
    ['definitions', '<dl><dt>Tea<dd>hot<dd>wet</dl>after', 'Tea\n\n: hot\n: wet\n\nafter'],
    [
      'details, buttons and marks without tags',
      '<details><summary>More</summary>x<sub>2</sub> <mark>m</mark></details><button>a</button><button>b</button>',
      'More\n\nx2 m\n\na b',
    ],
    ['footnote marks apart from their word', 'word<sup>1</sup> 4<sup>th</sup>', 'word^1 4th'],
    ['lists that continue, and lists within lists', '<ol start=3><li>a<ul><li>b</ul><li>c</ol>', '3. a\n   - b\n4. c'],
    ['a list that its section ends', '<div><ul><li>a</div><p>b', '- a\n\nb'],
    ['headings on one line, without links', '<h2>Big<br>news <a href="#big">¶</a></h2>', '## Big news'],
    ['whole words where a word may break', 'Wort&shy;teil some<wbr>thing <b>ha</b>lf', 'Wortteil something half'],
    [
      'links by their base, and none that lead nowhere',
      '<base href="https://x.org/a/"><a href="b">b</a> <a href="javascript:x()">c</a><a href="d"></a>',
      '[b](https://x.org/a/b) c',
    ],
    [
      'code in its language',
      '<div class="highlight-python"><pre><span>def</span> f():\n  1</pre></div>',
      '```python\ndef f():\n  1\n```',
    ],
    [
      'formulas as they were written',
      '<math><mi>x</mi><annotation encoding="application/x-tex">\\frac12</annotation></math>',
      '$\\frac12$',
    ],
    [
      'what looks like Markdown as text',
      '<p># 1 *a* snake_case &lt;b&gt;</p><p>1. b',
      '\\# 1 \\*a\\* snake_case \\<b>\n\n1\\. b',
    ],
    ['a page that shows nothing without scripts', '<noscript><p>Please <b>read</b></p></noscript>', 'Please **read**'],
    ['a title without text', '<title>Only this</title><img src=x>', 'Only this'],
  ])('gives %s', async (_, source, expected) => {
    expect(await body(source)).toBe(expected)
  })

  it('reads what a page says of itself', async () => {
    const source =
      '<html><head><meta property="og:title" content="Tea"><meta name="description" content="Hot &amp; wet"><meta property="article:published_time" content="2024-05-06T07:08:09Z"><meta name="keywords" content="a, b">' +
      '<meta property="og:locale" content="en_GB"><script type="application/ld+json">{"@graph":[{"@type":"WebSite"},{"@type":"NewsArticle","author":[{"name":"Ada"}],"dateModified":"2024-06-01T00:00:00Z"}]}</script></head>x'
    expect(await read(html, source)).toEqual({
      markdown: 'x',
      title: 'Tea',
      author: 'Ada',
      language: 'en-GB',
      createdAt: '2024-05-06T07:08:09.000Z',
      updatedAt: '2024-06-01T00:00:00.000Z',
      metadata: { description: 'Hot & wet', keywords: 'a, b' },
    })
  })

  it('reads the declared encoding', async () => {
    const source = '<html><head><meta charset="iso-8859-2"></head><body><p>Zażółć gęślą jaźń</p></body></html>'
    expect((await read(html, iconv.encode(source, 'iso-8859-2'))).markdown).toContain('Zażółć gęślą jaźń')
  })

  it.each(['<div>', '<b>', '<ul><li>', '<table><tr><td>', '<blockquote>', '<!--', '<a href="'])(
    'survives 200,000 %s',
    async (tag) => {
      const began = performance.now()
      const output = await read(html, `<p>before</p>${tag.repeat(200_000)}`)
      expect(output.markdown).toContain('before')
      expect(performance.now() - began).toBeLessThan(5_000)
    },
  )
})

describe('rst', () => {
  const body = async (source: string): Promise<string> => (await read(rst, source)).markdown

  it('gives headings by the order of their adornments, and code', async () => {
    const source =
      '=====\nTitle\n=====\n\n:Author: Ada\n:Author: Bob\n:Date: 2024-05-06\n\nIntro text.\n\nPart\n----\n\n.. code-block:: python\n   :linenos:\n\n   x = 1\n\n   y = 2\n\nAfter.\n\nOther ``x``\n-----------\n'
    expect(await read(rst, source)).toMatchObject({
      markdown:
        '# Title\n\n**Author:** Ada\n**Author:** Bob\n**Date:** 2024-05-06\n\nIntro text.\n\n## Part\n\n```python\nx = 1\n\ny = 2\n```\n\nAfter.\n\n## Other `x`\n',
      title: 'Title',
      author: 'Ada, Bob',
      createdAt: '2024-05-06T00:00:00.000Z',
    })
  })

  it.each([
    ['literals', 'Use ``a_b``:\nnow', 'Use `a_b`:\nnow'],
    [
      'roles',
      'See :ref:`the guide <guide>`, :class:`~cx.core.Sync` and :py:func:`run`.',
      'See the guide, `Sync` and `run`.',
    ],
    ['numbers of standards and formulas', ':pep:`8` :math:`x^2` `two`:sub:', 'PEP 8 $x^2$ two'],
    [
      'links',
      '`Site <https://x.org/a_b>`_ and\n`named one`_, py_.\n\n.. _named one: https://y.org\n.. _py: https://p.org',
      '[Site](https://x.org/a_b) and\n[named one](https://y.org), [py](https://p.org).',
    ],
    ['names that are no links', 'a_b snake_ and __init__ `not known`_', 'a_b snake_ and __init__ not known'],
    ['substitutions', 'By |who| and |what|.\n\n.. |who| replace:: Ada', 'By Ada and what.'],
    ['footnotes', 'Text [1]_.\n\n.. [1] The note.\n   More.', 'Text [1].\n\n[1] The note.\nMore.'],
    ['remarks', '.. note:: Take care\n   of it.\n\n   And this.', '**Note:** Take care of it.\n\nAnd this.'],
    ['pictures', '.. figure:: a.png\n   :alt: A cup\n\n   A caption.', '![A cup](a.png)\n\nA caption.'],
    ['contents', '.. toctree::\n   :maxdepth: 2\n\n   one\n   Two <b>', '- one\n- [Two](b)'],
    [
      'interfaces',
      '.. py:function:: run(a)\n   :noindex:\n\n   Runs.\n\n   :param a: what',
      '`run(a)`\n\nRuns.\n\n**param a:** what',
    ],
    [
      'literal blocks',
      'Run this::\n\n    # no heading\n    a\n\n::\n\n  b\n\nAfter',
      'Run this:\n\n```\n# no heading\na\n```\n\n```\nb\n```\n\nAfter',
    ],
    ['no comments', 'a\n\n.. a comment\n   of two lines\n\n..\n\n   a quotation', 'a\n\n   a quotation'],
    ['no raw code of others, but words of HTML', '.. raw:: latex\n\n   \\x\n\n.. raw:: html\n\n   <b>bold</b>', 'bold'],
    ['lines of verse and lists', '| one\n| two\n\n#. first\n#. second', 'one  \ntwo  \n\n1. first\n1. second'],
    [
      'simple tables',
      '===== =====\nA     B\n===== =====\n1     ``x``\n      more\n2     y\n===== =====',
      '| A | B |\n| --- | --- |\n| 1 | `x` more |\n| 2 | y |',
    ],
    [
      'grid tables',
      '+---+------+\n| A | B    |\n+===+======+\n| 1 | two  |\n|   | rows |\n+---+------+\n| spans    |\n+---+------+',
      '| A | B |\n| --- | --- |\n| 1 | two rows |\n| spans |  |',
    ],
    [
      'tables of lists',
      '.. list-table:: Tea\n   :header-rows: 1\n\n   * - A\n     - B\n   * - 1\n     - 2\n       more',
      '**Tea**\n\n| A | B |\n| --- | --- |\n| 1 | 2 more |',
    ],
    [
      'tables of values',
      '.. csv-table::\n   :header: "A", B\n\n   "1, 2", 3',
      '| A | B |\n| --- | --- |\n| 1, 2 | 3 |',
    ],
  ])('gives %s', async (_, source, expected) => {
    expect(await body(source)).toBe(`${expected}\n`)
  })

  it.each(['`', '|a', '[1', '.. note::\n   ', '+-', '+--+\n|a|\n', '=====  ', ':a:`', '\\', 'a::\n\n  '])(
    'survives 50,000 of %j',
    async (part) => {
      const began = performance.now()
      expect(await body(`before\n\n${part.repeat(50_000)}`)).toContain('before')
      expect(performance.now() - began).toBeLessThan(3_000)
    },
  )
})

import { describe, expect, it } from 'vitest'
import { defaultLimits, type Format, type FormatOutput, type Limits } from '../format.ts'
import { parseBytes } from '../parse.ts'
import { code } from './code.ts'
import { ipynb } from './ipynb.ts'
import { json } from './json.ts'
import { toml } from './toml.ts'
import { xml } from './xml.ts'
import { yaml } from './yaml.ts'

async function read(
  format: Format,
  text: string,
  options: { filename?: string; limits?: Partial<Limits> } = {},
): Promise<FormatOutput> {
  const limits = { ...defaultLimits, ...options.limits }
  const { filename } = options
  return await format.parse({
    bytes: new TextEncoder().encode(text),
    mimeType: format.mimeTypes[0]!,
    limits,
    ...(filename !== undefined && { filename }),
  })
}

describe('json', () => {
  it('keeps the text, and its title', async () => {
    const output = await read(json, '{"name": "cx", "version": "1"}\n')
    expect(output).toEqual({ markdown: '```json\n{"name": "cx", "version": "1"}\n```\n', title: 'cx' })
  })

  it('breaks one long line at values without changing them', async () => {
    const value = {
      title: 'Long',
      items: Array.from({ length: 2000 }, (_, id) => ({ id, text: 'comma, "quote", [x' })),
    }
    const { markdown } = await read(json, JSON.stringify(value))
    const lines = markdown.split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(200)
    expect(JSON.parse(lines.slice(1, -2).join('\n'))).toEqual(value)
  })

  it('shows strings as they are read, but for what is syntax', async () => {
    const { markdown } = await read(
      json,
      '{"a": "caf\\u00e9 \\ud83d\\ude00\\nnext\\r\\n\\tin\\/out \\"q\\" c:\\\\new \\u0022"}',
    )
    expect(markdown).toBe('```json\n{"a": "café 😀\nnext\n\tin/out \\"q\\" c:\\\\new \\u0022"}\n```\n')
    expect((await read(json, '{path: "c:\\new"}')).markdown).toContain('c:\\new')
  })

  it('gives each line of JSON Lines a chunk, and short ones one together', async () => {
    const long = (id: number): string => `{"id": ${id}, "text": "${'words and more '.repeat(60)}"}`
    const short = '{"id": 9, "text": "few\\nwords"}'
    const outcome = await parseBytes({
      bytes: new TextEncoder().encode([long(1), long(2), '', short, short, long(3)].join('\r\n')),
      filename: 'records.jsonl',
    })
    const document = outcome.ok ? outcome.document : undefined
    expect(document).toMatchObject({ mimeType: 'application/x-ndjson', metadata: { records: 5 } })
    const starts = document?.chunks.map(({ text }) => [...text.matchAll(/"id": (\d)/g)].map(([, id]) => id))
    expect(starts).toEqual([['1'], ['2'], ['9', '9', '3']])
    expect(document?.chunks.every(({ overlap }) => overlap === 0)).toBe(true)
  })

  it.each([
    ['deep', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
    ['broken', '{"a": [1, 2, {"b": '],
    ['an open string', `{"a": "${'x'.repeat(10_000)}`],
    ['of lines', '{"a":1}\n{"a":2}\n'],
  ])('keeps JSON that is %s', async (_, text) => {
    const { markdown } = await read(json, text)
    expect(markdown.replaceAll('\n', '')).toContain(text.slice(0, 50).replaceAll('\n', ''))
  })
})

describe('xml', () => {
  it('says what each value is, a record a block', async () => {
    const output = await read(
      xml,
      '<?xml version="1.0"?><books><book id="7" lang="en"><title>Sea</title><year>1999</year><tag>a</tag><tag>b</tag></book><book><title>Sky</title></book></books>',
    )
    expect(output.title).toBe('Sea')
    expect(output.markdown).toBe('book id: 7, lang: en\ntitle: Sea\nyear: 1999\ntag: a\nb\n\ntitle: Sky')
  })

  it.each([
    [
      'documents as headings and paragraphs, with what is in a sentence in it',
      '<book id="7"><title>Sea</title><chapter><title>Deep\n water</title><para>It is <emphasis role="b">dee</emphasis>p &amp; <xref linkend="x"/><literal>blue</literal>.</para><![CDATA[raw]]></chapter></book>',
      '# Sea\n\n## Deep water\n\nIt is deep & `blue`.\n\nraw',
    ],
    [
      'feeds with the pages inside',
      '<rss><channel><title>News</title><link>http://x.org</link><item><title>One</title><description>&lt;p&gt;A &lt;b&gt;b&lt;/b&gt;&lt;/p&gt;</description></item></channel></rss>',
      '# News\n\nlink: http://x.org\n\n## One\n\ndescription: A **b**',
    ],
    [
      'entries of feeds',
      '<feed><title>News</title><entry><title>One</title><link rel="self" href="/a"/><link href="/b"/><summary>S</summary></entry></feed>',
      '# News\n\n## One\n\nlink href: /b\nsummary: S',
    ],
    [
      'flat office documents as their words',
      '<w:wordDocument><w:fonts w:name="Arial"/><w:p><w:r><w:t>Wo</w:t></w:r><w:r><w:t>rd</w:t><w:tab/><w:t>2</w:t></w:r><w:pict><w:binData>AAAA</w:binData></w:pict></w:p></w:wordDocument>',
      'Word 2',
    ],
    [
      'drawings as their words',
      '<svg width="1"><title>Map</title><path d="M0 0"/><text x="1">Here</text></svg>',
      'Map\n\ntext: Here',
    ],
    [
      'property lists',
      '<plist version="1"><dict><key>Name</key><string>Ada</string><key>Age</key><integer>3</integer></dict></plist>',
      'plist version: 1\nName: Ada\nAge: 3',
    ],
  ])('gives %s', async (_, source, expected) => {
    expect((await read(xml, source)).markdown).toBe(expected)
  })

  it('expands no declared entities', async () => {
    const laughs = Array.from(
      { length: 10 },
      (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`,
    ).join('')
    const output = await read(xml, `<!DOCTYPE x [<!ENTITY l0 "lol">${laughs}]><x><y>before</y>&l10;</x>`)
    expect(output.markdown.length).toBeLessThan(200)
    expect(output.markdown).toContain('before')
  })

  it('refuses nesting without end, and says that what is no XML is none', async () => {
    await expect(read(xml, '<a>'.repeat(100_000))).rejects.toMatchObject({ code: 'corrupt' })
    await expect(read(xml, '<<<<')).rejects.toMatchObject({ code: 'corrupt' })
  })

  it('keeps what stands before an error', async () => {
    const output = await read(xml, '<a><b>kept</b><c></a>')
    expect(output.markdown).toContain('kept')
    expect(output.metadata).toMatchObject({ warning: expect.stringContaining('not well-formed') })
  })
})

describe('ipynb', () => {
  it('gives text, code in its language and what was printed', async () => {
    const notebook = {
      metadata: { language_info: { name: 'python' } },
      cells: [
        { cell_type: 'markdown', source: ['# Study\n', 'Some text'] },
        {
          cell_type: 'code',
          source: 'print(1)',
          outputs: [{ text: ['1\n'] }, { ename: 'ValueError', evalue: 'bad' }, { data: { 'text/plain': 'x' } }],
        },
        { cell_type: 'code', source: [], outputs: 'none' },
      ],
    }
    const output = await read(ipynb, JSON.stringify(notebook))
    expect(output.title).toBe('Study')
    expect(output.markdown).toBe('# Study\nSome text\n\n```python\nprint(1)\n```\n\n```\n1\nValueError: bad\nx\n```\n')
  })

  it('shows output as a person sees it, authors, and no pictures as letters', async () => {
    const picture = `![moon](data:image/png;base64,${'iVBORw0KGgo'.repeat(20)})`
    const notebook = {
      metadata: { authors: [{ name: 'Ada' }, { name: 'Bob' }] },
      cells: [
        { cell_type: 'markdown', source: ['Study\n', '=====\n', picture] },
        {
          cell_type: 'code',
          source: 'f()',
          outputs: [
            { text: ['10%\r50%\r100%\n', '\u001b[31mred\u001b[0m\n'] },
            {
              data: {
                'text/plain': '<IPython.core.display.HTML object>',
                'text/html': ['<table><tr><th>a<th>b', '<tr><td>1<td>2</table>'],
              },
            },
          ],
        },
      ],
    }
    expect(await read(ipynb, JSON.stringify(notebook))).toEqual({
      markdown:
        'Study\n=====\n![moon](data:image/png)\n\n```\nf()\n```\n\n```\n100%\nred\n```\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n',
      title: 'Study',
      author: 'Ada, Bob',
    })
  })

  it('reads version 3 and refuses what is no notebook', async () => {
    const old = { worksheets: [{ cells: [{ cell_type: 'code', input: ['a = 1'] }] }] }
    expect((await read(ipynb, JSON.stringify(old))).markdown).toContain('a = 1')
    await expect(read(ipynb, '{"cells": [')).rejects.toMatchObject({ code: 'corrupt' })
  })
})

describe('configuration and code', () => {
  it('are fenced, with title and language', async () => {
    expect(await read(yaml, 'name: "cx"\nother: 1\n')).toEqual({
      markdown: '```yaml\nname: "cx"\nother: 1\n```\n',
      title: 'cx',
    })
    expect(await read(toml, 'title = "cx"\n')).toEqual({ markdown: '```toml\ntitle = "cx"\n```\n', title: 'cx' })
    expect((await read(code, 'let a = `x`\n', { filename: 'src/a.test.ts' })).markdown).toBe(
      '```typescript\nlet a = `x`\n```\n',
    )
    expect((await read(code, 'FROM node\n', { filename: 'Dockerfile' })).markdown).toBe(
      '```dockerfile\nFROM node\n```\n',
    )
  })

  it('have a fence longer than any inside', async () => {
    expect((await read(code, 'a ````` b', { filename: 'a.js' })).markdown).toBe('``````javascript\na ````` b\n``````\n')
  })

  it.each([
    [
      'a.org',
      '#+title: Tea\n#+author: Ada\n* One\n:PROPERTIES:\n:END:\ntext\n** Two\n#+begin_src sh\n* no\n#+end_src\n',
      {
        title: 'Tea',
        author: 'Ada',
        markdown: '#+title: Tea\n#+author: Ada\n\n# One\n\ntext\n\n## Two\n\n```sh\n* no\n```',
      },
    ],
    [
      'a.tex',
      '\\title{Tea \\emph{hot}}\n% hidden\n\\section*{One}\n100\\% text\n\\subsection{Two}\\label{x}\n',
      { title: 'Tea hot', markdown: '\\title{Tea \\emph{hot}}\n\n## One\n\n100\\% text\n\n### Two' },
    ],
    ['a.adoc', '= Tea\n\n== One\n----\n= no\n----\n', { title: 'Tea', markdown: '# Tea\n\n## One\n\n```\n= no\n```' }],
    ['a.wiki', '== Tea ==\ntext\n', { title: 'Tea', markdown: '## Tea\n\ntext' }],
  ])('have the headings of %s as their own', async (filename, source, expected) => {
    expect(await read(code, source, { filename })).toEqual(expected)
  })

  it.each([
    [
      'a.srt',
      '1\r\n00:00:06,500 --> 00:00:09,000\r\n<i>About</i> two\r\nmonths\r\n\r\n2\r\n00:01:11,000 --> 00:01:17,000\r\n{\\an8}Bye\r\n',
      '[00:00:06] About two\nmonths\n\n[00:01:11] Bye',
    ],
    [
      'a.vtt',
      'WEBVTT - A talk\n\nSTYLE\n::cue { color: red }\n\nNOTE by Ada\n\nfirst\n00:03.500 --> 00:05.000 align:start\n<v.loud Fred>Who <c.big>is</c> there? 1 &lt; 2\n',
      'A talk\n\nby Ada\n\n[00:00:03] Fred: Who is there? 1 < 2',
    ],
    ['none.srt', 'no cue at all', 'no cue at all'],
  ])('that are the subtitles %s are what is said', async (filename, source, expected) => {
    expect((await read(code, source, { filename })).markdown).toBe(expected)
  })

  it('are told by the interpreter they name', async () => {
    const bytes = new TextEncoder().encode('#!/usr/bin/env python3\nprint(1)\n')
    const outcome = await parseBytes({ bytes, filename: 'run' })
    expect(outcome.ok && outcome.document.metadata).toEqual({ codeLanguage: 'python' })
  })
})

import { describe, expect, test } from 'vitest'
import { close, open } from './small-index.ts'
import { snippet } from './snippet.ts'

/** `{` and `}` for what FTS5 marks with. */
const of = (text: string) => snippet(text.replaceAll('{', open).replaceAll('}', close))
const plain = (html: string) => html.replaceAll(/<\/?mark>/g, '')
const filler = (word: string, count: number) => `${word} `.repeat(count).trim()

describe('what is shown', () => {
  test('a short text whole, escaped, on one line', () => {
    expect(of('a < b & "c"\n\n{d}   e')).toBe('a &lt; b &amp; &quot;c&quot; <mark>d</mark> e')
  })

  test('no Markdown for machines', () => {
    const text = [
      '## The {title}',
      '<!-- ignore -->',
      '[![Build](https://ci.example/b.svg)](https://ci.example) <a href="https://example.org/x">**bold** [{link}](page.md "Title")',
      '![\\[feed\\]](/feed.png) 2 \\* 3',
      '| a | b |',
      '|---|:-:|',
      '\u001b[1;32m────────── code[i](x) 2**3 __init__',
    ].join('\n')
    expect(of(text)).toBe(
      'The <mark>title</mark> Build bold <mark>link</mark> [feed] 2 * 3 | a | b | ─── code[i](x) 2**3 __init__',
    )
  })

  test('a match stays, even in the address of a link', () => {
    expect(of('see [the site](https://{example.org}/x) <!-- {hidden} -->')).toBe(
      'see [the site](https://<mark>example.org</mark>/x) &lt;!-- <mark>hidden</mark> --&gt;',
    )
  })

  test('a match in an address goes where the text has the same', () => {
    expect(of('{Lynx}: see [the {lynx}](https://{lynx}.example/{lynx}) ![a {lynx}](img/{lynx}.png) of {Ohio}')).toBe(
      '<mark>Lynx</mark>: see the <mark>lynx</mark> a <mark>lynx</mark> of <mark>Ohio</mark>',
    )
    expect(of('the {lynx} of [Ohio](https://{lynx}.example/{ohio})')).toBe(
      'the <mark>lynx</mark> of [Ohio](https://<mark>lynx</mark>.example/<mark>ohio</mark>)',
    )
  })

  test('pictures as they are described', () => {
    expect(of('<img alt="A {lynx} at night" src="/{lynx}.png" width="9"> here <img src="/x.png">')).toBe(
      'A <mark>lynx</mark> at night here',
    )
  })
})

describe('where it is cut', () => {
  test('around the place where most different words stand together, between words', () => {
    const text = `${filler('lorem', 100)} {alpha} ${filler('ipsum', 100)} {alpha} {beta} ${filler('dolor', 100)} {beta}`
    const html = of(text)
    expect(html).toContain('<mark>alpha</mark> <mark>beta</mark>')
    expect(html).toMatch(/^…ipsum .* dolor…$/)
    expect(plain(html).length).toBeGreaterThan(200)
    expect(plain(html).length).toBeLessThan(305)
  })

  test('a sentence is shown from its beginning', () => {
    const text = `${filler('lorem', 100)}. Here stands the {word} that was looked for. ${filler('dolor', 100)}`
    expect(of(text)).toMatch(/^…Here stands the <mark>word<\/mark>/)
  })

  test('never through a character, where there are no spaces', () => {
    const family = '👨‍👩‍👧'
    const text = `${family.repeat(60)}{家}${'語\u0301'.repeat(200)}`
    const html = plain(of(text)).replaceAll('…', '')
    expect(html.replaceAll(family, '').replaceAll('語\u0301', '')).toBe('家')
  })

  test('half as much of Chinese', () => {
    const html = plain(of(`${'前'.repeat(500)}{中国}${'后'.repeat(500)}`))
    expect(html).toContain('中国')
    expect(html.length).toBeLessThan(160)
  })

  test('nothing marked: its beginning', () => {
    expect(of(filler('word', 200))).toMatch(/^word .* word…$/)
  })

  test('a match longer than a snippet is begun', () => {
    const html = of(`${filler('lorem', 50)} {${filler('phrase', 200)}} end`)
    expect(html).toMatch(/<mark>phrase .*phrase<\/mark>…$/)
  })
})

test('whatever a text holds, marks are balanced and nothing else is HTML', () => {
  let state = 1
  const random = (n: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
  const parts = [
    'word ',
    '[',
    '](a.b)',
    '![',
    '<!--',
    '-->',
    '**',
    '\n# ',
    '<a ',
    '>',
    '👩‍🚀',
    '"',
    '|---|\n',
    'ล้า',
    '天',
  ]
  for (let i = 0; i < 500; i++) {
    let text = ''
    for (let j = random(200); j > 0; j--) {
      const part = parts[random(parts.length)]!
      text += random(8) === 0 ? `{${part}}` : part
    }
    const html = of(text)
    expect(html.replaceAll(/<mark>[^<>]*<\/mark>/g, '')).not.toMatch(/[<>]/)
    expect(html.isWellFormed()).toBe(true)
  }
})

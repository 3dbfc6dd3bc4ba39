import { describe, expect, it } from 'vitest'
import { defaultLimits } from '../format.ts'
import { html } from './html.ts'

async function read(source: string) {
  return await html.parse({ bytes: new TextEncoder().encode(source), mimeType: 'text/html', limits: defaultLimits })
}

describe('pages', () => {
  it.each([
    ['the links of headings', '<h2><a href="/a">Big <b>news</b></a></h2>', '## [Big news](/a)'],
    ['the words around them', '<h3>On <a href="https://x.org">X</a><br>and Y</h3>', '### On [X](https://x.org) and Y'],
    ['no marks that lead to a heading itself', '<h2>A<a href="#a">#</a> <a href="#b">b</a></h2>', '## A b'],
    ['a heading without a very long address', `<h2><a href="/${'a'.repeat(900)}">A</a></h2>`, '## A'],
  ])('keeps %s', async (_, source, expected) => {
    expect((await read(source)).markdown).toBe(expected)
  })

  it.each([
    ['on one line', '<math><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mi>b</mi></mfrac></math>', '(a + 1)/b'],
    [
      'and not as what says that there is one',
      '<math alttext="Text not available"><msup><mi>x</mi><mn>2</mn></msup></math>',
      'x^2',
    ],
    [
      'as they are written',
      '<math alttext="\\frac{a}{b}"><mfrac><mi>a</mi><mi>b</mi></mfrac></math>',
      '$\\frac{a}{b}$',
    ],
    [
      'without cells that align others',
      '<math><mtable><mtr><mtd><mi>x</mi></mtd><mtd></mtd></mtr><mtr><mtd><mi>y</mi></mtd></mtr></mtable></math>',
      'x; y',
    ],
  ])('gives formulas %s', async (_, source, expected) => {
    expect((await read(`<p>${source}</p>`)).markdown).toBe(expected)
  })

  it('takes the words of a heading alone for the title, and into the cells of a table', async () => {
    const output = await read('<h1><a href="/a">News</a></h1><table><tr><th><h2><a href="/b">B</a></h2><th>c</table>')
    expect(output.title).toBe('News')
    expect(output.markdown).toContain('| B | c |')
  })

  it('reads the text of a page in UTF-8 wherever it is not ASCII', async () => {
    const source =
      '<html lang="ja"><head><title>猫 &amp; 犬</title></head><body><p>Zażółć\u00a0 gęślą</p><a href="/猫" title="x">犬</a> <img alt="鳥 ü" src="/b"><pre>ż\n  é</pre><p>so\u00adft ‑ naïve_é_</p></body></html>'
    const output = await read(source)
    expect(output).toMatchObject({ title: '猫 & 犬', language: 'ja' })
    expect(output.markdown).toBe('Zażółć gęślą\n\n[犬](/猫) ![鳥 ü](/b)\n\n```\nż\n  é\n```\n\nsoft ‑ naïve_é\\_')
  })
})

import { describe, expect, it } from 'vitest'
import { attr, XmlScanner } from './xml.ts'

/** Everything heard, one entry an event, with pieces of text joined. */
function hear(source: string, pieceChars = source.length, skip?: string): { heard: string[]; complete: boolean } {
  const heard: string[] = []
  const scanner = new XmlScanner(
    {
      open(name, attrs) {
        heard.push(`<${name}${attrs}>`)
        return name === skip
      },
      close: (name) => heard.push(`</${name}>`),
      text(text) {
        if (heard.at(-1)?.startsWith('=')) heard[heard.length - 1] += text
        else heard.push(`=${text}`)
      },
    },
    { maxDepth: 10 },
  )
  for (let at = 0; at < source.length; at += Math.max(1, pieceChars)) scanner.write(source.slice(at, at + pieceChars))
  return { heard, complete: scanner.close() }
}

const sample = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y>">]><w:a k="1>2" j='"'><!-- <no> --><b/>t &amp; &#65;&#x42;&x;<![CDATA[<raw>]]></w:a>`
const expected = [`<a k="1>2" j='"'>`, '<b>', '</b>', '=t & AB&x;<raw>', '</a>']

describe('the XML scanner', () => {
  it('hears elements, text, entities and CDATA, and nothing of comments and declarations', () => {
    expect(hear(sample)).toEqual({ heard: expected, complete: true })
  })

  it('hears the same in pieces of any size', () => {
    for (let size = 1; size < 40; size++) expect(hear(sample, size)).toEqual({ heard: expected, complete: true })
  })

  it('skips an element with all in it', () => {
    expect(hear('<a><b>x<b>y</b></b><c/></a>', 5, 'b').heard).toEqual(['<a>', '<b>', '<c>', '</c>', '</a>'])
  })

  it('tells when elements stay open or nothing is XML', () => {
    expect(hear('<a><b>text').complete).toBe(false)
    expect(hear('no xml at all').complete).toBe(false)
    expect(() => hear('<a>'.repeat(11))).toThrow(/nested deeper than 10/)
  })

  it('gives up a tag that never ends at four million characters', () => {
    const scanner = new XmlScanner({}, { maxDepth: 10 })
    const piece = ' a="b"'.repeat(10_000)
    scanner.write('<a')
    expect(() => {
      for (let n = 0; n < 100; n++) scanner.write(piece)
    }).toThrow(/4 million/)
  })

  it('takes time in proportion to hostile input', () => {
    const started = performance.now()
    for (const unit of ['<!a>', '<a b="', "<a b='>", '&', '<', '</', '<!--', '<?', '<![CDATA[']) {
      const scanner = new XmlScanner({ open: (_, attrs) => attr(attrs, 'b') === 'c' }, { maxDepth: 1e9 })
      try {
        for (let n = 0; n < 4; n++) scanner.write(unit.repeat(500_000 / unit.length))
      } catch (error) {
        expect((error as Error).message).toMatch(/4 million/)
      }
      scanner.close()
    }
    // Quadratic work over these two megabytes each takes minutes.
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('finds attributes by name without prefix, whatever the quotes', () => {
    expect(attr(' w:val="a &lt; b" val2="c"', 'val')).toBe('a < b')
    expect(attr(' oval="x" val="y"', 'val')).toBe('y')
    expect(attr(" w:val='single'", 'val')).toBe('single')
    expect(attr(' val = "spaced"', 'val')).toBe('spaced')
    expect(attr(' other="1"', 'val')).toBeUndefined()
  })
})

import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type Drawing, drawPdf, line, lines, prose, rows, strong, typed } from '../../test/draw-pdf.ts'
import { makeMappedPdf, makePdfOf } from '../../test/make-pdf.ts'
import { left, markdown, readPdf as read, right } from '../../test/read-pdf.ts'
import { readPlain } from '../../test/read-plain.ts'
import type { FormatOutput } from '../format.ts'

const corpus = join(
  process.env.CX_CORPUS ?? fileURLToPath(new URL('../../../../../shared/corpus', import.meta.url)),
  'pdf',
)

describe('paragraphs', () => {
  it('are whole again where lines were full, and stay lines where they were not', async () => {
    const text = await markdown((page) => {
      lines(page, left, 72, 100)
      lines(page, ['Ada Lovelace', '12 St James Square', 'London'], 72, 300)
    })
    expect(text).toBe(`${left.join(' ')}\n\nAda Lovelace\n12 St James Square\nLondon`)
  })

  it('part where a line is set in', async () => {
    const text = await markdown((page) => {
      lines(page, [...left.slice(0, 4), 'came back.'], 72, 100)
      line(page, 'The second one is set in a little', 90, 160)
      lines(page, ['and goes on at the margin of the first to', 'its end.'], 72, 172)
    })
    const [first, second] = text.split('\n\n')
    expect(first).toBe(`${left.slice(0, 4).join(' ')} came back.`)
    expect(second).toMatch(/^The second one is set in/)
  })

  it('have the words whole that a line break parted', async () => {
    const text = await markdown((page) => {
      lines(
        page,
        [
          'Every self-made man of this long para-',
          'graph is counted, among them all the self-',
          'made women of the north and every Stress-',
          'Engineered robot that was sold to them here.',
        ],
        72,
        100,
      )
    })
    expect(text).toContain('long paragraph is counted')
    expect(text).toContain('the self-made women')
    expect(text).toContain('Stress-Engineered robot')
  })
})

describe('headings', () => {
  const body = (page: Drawing): void => lines(page, left, 72, 300)

  it('are large lines, bold lines by themselves, and what the bookmarks name', async () => {
    const text = await markdown((page) => {
      line(page, 'The winter book', 72, 60, prose, 24)
      line(page, 'Named in the bookmarks', 72, 120)
      line(page, 'Ships of the north', 72, 160, strong)
      body(page)
      page.outline.addItem('1. Named in the Bookmarks').addItem('Not on this page')
    })
    expect(text.split('\n').filter((each) => each.startsWith('#'))).toEqual([
      '# The winter book',
      '# Named in the bookmarks',
      '#### Ships of the north',
    ])
  })

  it('go on in small letters, but not as a whole paragraph of large letters', async () => {
    const text = await markdown((page) => {
      line(page, 'The ships of the north, and what', 72, 60, prose, 16)
      line(page, 'became of them', 72, 80, prose, 16)
      left.forEach((each, index) => void line(page, each, 72, 120 + index * 20, prose, 16))
      lines(page, [...left, ...right, ...left, ...right], 72, 300)
    })
    expect(text.split('\n')[0]).toBe('## The ships of the north, and what became of them')
    expect(text.match(/#/g)).toHaveLength(2)
  })

  it.each([
    ['an address', 'ada@example.com', prose, 16],
    ['numbers', '12 345 678 - 90', prose, 16],
    ['the rest of a sentence', 'and so on, to the end.', prose, 16],
    ['a bold sentence', 'This one is bold, but a sentence.', strong, 10],
  ])('are not %s', async (_, title, font, size) => {
    const text = await markdown((page) => {
      line(page, title, 72, 100, font, size)
      body(page)
    })
    expect(text.startsWith(title)).toBe(true)
  })

  it('are not what is printed on every page, which goes to the edges', async () => {
    const bodies = [left, right, left.toReversed(), right.toReversed()]
    const text = await markdown((page) => {
      for (let count = 1; count <= 4; count++) {
        if (count > 1) page.addPage()
        line(page, `Page ${count}`, 500, 760)
        line(page, 'THE WINTER BOOK', 72, 30, strong, 10)
        lines(page, bodies[count - 1]!, 72, 300)
      }
    })
    const pages = bodies.map((body, index) => `THE WINTER BOOK\n\n${body.join(' ')}\n\nPage ${index + 1}`)
    expect(text.replace(/(?<!\n)\n(?!\n)/g, ' ')).toBe(pages.join('\n\n'))
  })
})

describe('the title of a document', () => {
  const titled = async (title: string): Promise<string | undefined> => {
    const bytes = await drawPdf((page) => {
      page.info.Title = title
      line(page, 'The winter', 72, 60, prose, 24)
      line(page, 'book', 72, 90, prose, 24)
      lines(page, left, 72, 300)
    })
    return (await read(bytes)).title
  }

  it.each([
    ['Ships of the north', 'Ships of the north'],
    ['Microsoft Word - ships.doc', 'The winter book'],
    ['(anonymous)', 'The winter book'],
    ['PowerPoint Presentation', 'The winter book'],
    ['L', 'The winter book'],
    ['', 'The winter book'],
  ])('that calls itself %j is %s', async (given, expected) => {
    expect(await titled(given)).toBe(expected)
  })
})

describe('the author of a document', () => {
  it.each([
    ['Ada Lovelace', 'Ada Lovelace'],
    ['Bertrand DelacrÃ©taz', 'Bertrand Delacrétaz'],
    ['Ã la carte', 'Ã la carte'],
    ['(anonymous)', undefined],
    ['ARRAY(0x2c7cf020)', undefined],
  ])('that calls itself %j is %s', async (given, expected) => {
    const bytes = await drawPdf((page) => {
      page.info.Author = given
      lines(page, left, 72, 300)
    })
    expect((await read(bytes)).author).toBe(expected)
  })
})

describe('lists and code', () => {
  it('keep their levels', async () => {
    const text = await markdown((page) => {
      lines(page, ['What to bring:', '\u2022 bread', '\u2022 water'], 72, 100)
      line(page, '\u2022 from the well', 90, 136)
      line(page, '\u2022 fire', 72, 148)
      lines(page, ['1. Go', '2. Come back'], 72, 200)
    })
    expect(text).toBe('What to bring:\n- bread\n- water\n   - from the well\n- fire\n\n1. Go\n2. Come back')
  })

  it('is fenced with its margins, and not where all is typed', async () => {
    const code = ['function add(a, b) {', '  return a + b', '}']
    const draw = (page: Drawing): void => {
      line(page, code[0]!, 72, 200, typed)
      line(page, 'return a + b', 84, 212, typed)
      line(page, code[2]!, 72, 224, typed)
    }
    const text = await markdown((page) => {
      lines(page, left, 72, 100)
      draw(page)
    })
    expect(text).toContain(`\n\n\`\`\`\n${code.join('\n')}\n\`\`\``)
    expect(await markdown(draw)).not.toContain('```')
  })
})

describe('what lies beside the text', () => {
  it('links to the web, but not addresses that are written out', async () => {
    const text = await markdown((page) => {
      page.font(prose).fontSize(10)
      page.text('Read ', 72, 100, { continued: true, lineBreak: false })
      page.text('the manual', { link: 'https://example.com/a (b)', continued: true, lineBreak: false })
      page.text(' first.', { link: null, lineBreak: false })
      page.text('example.com/more', 72, 130, { link: 'https://example.com/more', lineBreak: false })
    })
    expect(text).toContain('Read [the manual](https://example.com/a%20%28b%29) first.')
    expect(text).toContain('\nexample.com/more')
  })

  it('notes, filled fields and attached files', async () => {
    const { markdown: text, children } = await read(
      await drawPdf((page) => {
        lines(page, ['Name:', 'Town:', 'Signed by hand'], 72, 100, 30)
        page.initForm()
        page.formText('name', 120, 96, 200, 20, { value: 'Ada Lovelace' })
        page.formText('town', 120, 126, 200, 20, { value: 'London' })
        page.note(400, 400, 20, 20, 'Ask her again.')
        page.file(Buffer.from('a,b\n1,2\n'), { name: 'data.csv' })
      }),
    )
    expect(text.split(/\n+/).slice(0, 3)).toEqual(['Name: Ada Lovelace', 'Town: London', 'Signed by hand'])
    expect(text).toContain('> Ask her again.')
    expect(children?.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)])).toEqual([
      ['data.csv', 'a,b\n1,2\n'],
    ])
  })
})

describe('a page of pictures', () => {
  it('has no text, whatever was noted on it; attached files are read all the same', async () => {
    const noted = await drawPdf((page) => void page.note(400, 400, 20, 20, 'Ask her again.'))
    await expect(read(noted)).rejects.toMatchObject({ code: 'no_text_layer' })
    const carrying = await drawPdf((page) => void page.file(Buffer.from('a,b\n1,2\n'), { name: 'data.csv' }))
    expect(await read(carrying)).toMatchObject({
      markdown: '',
      metadata: { pagesWithoutText: 1 },
      children: [{ path: 'data.csv' }],
    })
  })
})

describe('letters', () => {
  const page = (content: string): Promise<FormatOutput> => read(makePdfOf([content]))

  it.each([
    ['90 degrees', '0 1 -1 0'],
    ['180 degrees', '-1 0 0 -1'],
    ['270 degrees', '0 -1 1 0'],
  ])('turned by %s are lines of text like others', async (_, matrix) => {
    const [a = 0, b = 0, c = 0, d = 0] = matrix.split(' ').map(Number)
    const content = left.map(
      (text, index) =>
        `BT /F1 10 Tf ${matrix} ${300 + 12 * index * -c} ${400 - 12 * index * d} Tm (${text.replace('.', '')}) Tj ET`,
    )
    expect([a, b].every(Number.isFinite)).toBe(true)
    expect((await page(content.join('\n'))).markdown.trim()).toBe(left.join(' ').replace('.', ''))
  })

  it('have the accents that old documents draw apart', async () => {
    // An accent of its own, and the letter moved back under it.
    const text = (await page('BT /F1 12 Tf 72 700 Td [(na) (\\250) 360 (ive)] TJ ET')).markdown
    expect(text.trim()).toBe('naïve')
  })

  it('of right-to-left scripts run from the right, cells too', async () => {
    // Each small letter stands for the Hebrew one of its place in the alphabet.
    const text = (await read(makeMappedPdf(0x5d0))).markdown.trim()
    const hebrew = (word: string): string =>
      [...word].map((one) => String.fromCharCode(one.charCodeAt(0) + 0x56f)).join('')
    expect(text).toBe(`${hebrew('abcd')} ${hebrew('efgh')}`)
  })

  it('are never lost: all that PDFium finds is in the Markdown', { timeout: 60_000 }, async () => {
    const made = await drawPdf((page) => {
      lines(page, left, 72, 100)
      lines(page, right, 320, 100)
      rows(page, [left, right, left.toReversed()], [20, 140, 260, 380, 500], 400)
    })
    const files = existsSync(corpus) ? (await readdir(corpus)).map((name) => join(corpus, name)) : []
    let checked = 0
    for (const bytes of [made, ...(await Promise.all(files.map((file) => readFile(file))))]) {
      const output = await read(new Uint8Array(bytes)).catch(() => undefined)
      if (output === undefined) continue
      const found = lettersOf(output.markdown)
      for (const [letter, count] of lettersOf(await readPlain(bytes)))
        expect(found.get(letter) ?? 0, letter).toBeGreaterThanOrEqual(count)
      checked++
    }
    expect(checked).toBeGreaterThan(files.length / 2)
  })
})

/** Base letters and digits, each as often as it stands there: accents are put onto their letters. */
function lettersOf(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [letter] of text
    .normalize('NFKD')
    .replaceAll('\u0131', 'i')
    .matchAll(/[\p{L}\p{N}]/gu))
    counts.set(letter, (counts.get(letter) ?? 0) + 1)
  return counts
}

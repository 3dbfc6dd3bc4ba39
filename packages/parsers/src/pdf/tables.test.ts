import { describe, expect, it } from 'vitest'
import { type Drawing, line, lines, prose, rows } from '../../test/draw-pdf.ts'
import { left, markdown, right } from '../../test/read-pdf.ts'

describe('columns', () => {
  const across = (page: Drawing): void =>
    left.forEach((text, index) => {
      line(page, text, 72, 100 + index * 12)
      line(page, right[index]!, 320, 100 + index * 12)
    })

  it.each<[string, (page: Drawing) => void]>([
    [
      'one after the other',
      (page) => {
        lines(page, left, 72, 100)
        lines(page, right, 320, 100)
      },
    ],
    ['line by line across', across],
  ])('written %s are read one after the other, and a sentence goes on in the next', async (_, draw) => {
    expect(await markdown(draw)).toBe([...left, ...right].join(' '))
  })

  it('go on behind the notes at the foot of the first', async () => {
    const text = await markdown((page) => {
      lines(page, left, 72, 100)
      line(page, '1 A note at the foot.', 72, 300, prose, 7)
      lines(page, right, 320, 100)
    })
    expect(text).toBe(`${[...left, ...right].join(' ')}\n\n1 A note at the foot.`)
  })

  it('are found where the page was written in no order at all', async () => {
    const text = await markdown((page) => {
      const places = Array.from({ length: 40 }, (_, index) => (index * 17) % 40)
      for (const place of places) line(page, `Line number ${place} of the list.`, 72, 60 + place * 14)
    })
    expect(text.match(/\d+/g)).toEqual(Array.from({ length: 40 }, (_, index) => String(index)))
  })
})

describe('tables', () => {
  const cells = [
    ['Year', 'Ships', 'Lost | found'],
    ['1901', '12', '1'],
    ['1902', '', '0'],
    ['1903', '154', '3'],
  ]
  const table =
    '| Year | Ships | Lost \\| found |\n| --- | --- | --- |\n| 1901 | 12 | 1 |\n| 1902 |  | 0 |\n| 1903 | 154 | 3 |'

  it('are what stands in columns', async () => {
    const text = await markdown((page) => {
      lines(page, left, 72, 60)
      rows(page, cells, [72, 200, 300], 200)
      lines(page, right, 72, 300)
    })
    expect(text).toBe(`${left.join(' ')}\n\n${table}\n\n${right.join(' ')}`)
  })

  it('have cells of several lines, and amounts with their signs', async () => {
    const text = await markdown((page) => {
      const amounts = ['12.00', '7.50', '1,300.00']
      amounts.forEach((amount, index) => {
        const y = 100 + index * 40
        lines(page, [`Item ${index + 1}, which is`, 'told in two lines'], 72, y)
        line(page, '$', 250, y)
        line(page, amount, 275, y)
        line(page, 'paid', 400, y)
      })
    })
    expect(text.split('\n')).toEqual([
      '| Item 1, which is told in two lines | $ 12.00 | paid |',
      '| --- | --- | --- |',
      '| Item 2, which is told in two lines | $ 7.50 | paid |',
      '| Item 3, which is told in two lines | $ 1,300.00 | paid |',
    ])
  })

  it('have heads of several lines, and one column where a title stands left of its numbers', async () => {
    const text = await markdown((page) => {
      lines(page, ['Number', 'of ships'], 200, 100)
      lines(page, ['Number', 'of people'], 320, 100)
      line(page, 'Town', 72, 112)
      const towns = ['Bergen', 'Oslo', 'Tromsø', 'Bodø']
      towns.forEach((town, index) => {
        line(page, town, 72, 140 + index * 20)
        line(page, String(11 + index), 260, 140 + index * 20)
        line(page, String(1100 + index), 320, 140 + index * 20)
      })
    })
    expect(text.split('\n').slice(0, 3)).toEqual([
      '| Town | Number of ships | Number of people |',
      '| --- | --- | --- |',
      '| Bergen | 11 | 1100 |',
    ])
  })

  it('are cut where a cell comes too near to the next', async () => {
    const text = await markdown((page) => {
      rows(page, [...cells.slice(0, 3), ['A long name', '154', '3']], [72, 131, 300], 100)
    })
    expect(text).toContain('| A long name | 154 | 3 |')
  })

  it('are not the lines of a table of contents, whose dots go', async () => {
    const text = await markdown((page) => {
      const titles = ['Ships', 'People of the north', 'Winters']
      titles.forEach(
        (title, index) =>
          void line(page, `${title} ${'. '.repeat(40 - title.length)}  ${index + 7}`, 72, 100 + index * 14),
      )
    })
    expect(text).toBe('Ships … 7\nPeople of the north … 8\nWinters … 9')
  })

  it.each<[string, readonly (readonly string[])[]]>([
    ['two rows', cells.slice(0, 2)],
    [
      'a numbered list',
      ['Bring the boat', 'Row to the ship', 'Wait for the ice', 'Go home'].map((item, n) => [`${n + 1}.`, item]),
    ],
  ])('are not %s', async (_, some) => {
    const text = await markdown((page) => rows(page, some, [72, 110, 300], 100))
    expect(text).not.toContain('|\n')
    for (const word of some.flat().join(' ').split(' ')) expect(text).toContain(word)
  })
})

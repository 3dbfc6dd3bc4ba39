import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import { defaultLimits, type Format, type FormatOutput, type Limits } from '../format.ts'
import { csv } from './csv.ts'
import { writeTable } from './csv-table.ts'

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

describe('csv', () => {
  it.each([',', ';', '\t', '|'])('finds the delimiter %j', async (delimiter) => {
    const rows = [
      ['name', 'note'],
      ['Ada', 'first'],
      ['Grace', 'second'],
    ]
    const output = await read(csv, rows.map((row) => row.join(delimiter)).join('\r\n'))
    expect(output.markdown).toBe('| name | note |\n| --- | --- |\n| Ada | first |\n| Grace | second |\n')
    expect(output.metadata).toEqual({ rows: 3, columns: 2 })
  })

  it('keeps quoted cells on one line and their bars escaped, and rows longer than the first', async () => {
    const output = await read(csv, 'a,b\n"x\ny","1|2"\n1,2,3\n')
    expect(output.markdown).toBe('| a | b |\n| --- | --- |\n| x y | 1\\|2 |\n| 1 | 2 | 3 |\n')
  })

  it('stops at the output limit and survives a quote that never closes', async () => {
    await expect(read(csv, 'a,b\n'.repeat(1000), { limits: { maxOutputChars: 500 } })).rejects.toMatchObject({
      code: 'output_too_large',
    })
    expect((await read(csv, `a,b\n"${'x\n'.repeat(10_000)}`)).markdown).toContain('x x x')
  })

  it.each([
    ['quotes within, and behind a closing one', 'a,b\n"say ""hi""","x"y\n', '| say "hi" | xy |'],
    ['quotes behind spaces', 'a, b, c\n1, "x, y" , "z"\n', '| 1 |  x, y  |  z |'],
    ['a quote behind a space that closes no cell', 'a,b\n5, "in" d\n', '| 5 |  "in" d |'],
    ['a quote that begins no cell', 'a,b\n5" disk,6\n', '| 5" disk | 6 |'],
    ['delimiters and line ends in quotes', 'a;b\r\n"x;\r\ny";z\r\n', '| x; y | z |'],
    ['line ends of old Macs', 'a,b\r1,2\r', '| 1 | 2 |'],
    ['empty cells at the end', 'a,b,c\n"1",,\n', '| 1 |  |  |'],
    ['short rows and blank lines', '\n\na,b,c\n\n\n1,2\n', '| 1 | 2 |'],
    ['the delimiter in a line of its own', 'sep=|\na|b\n1|2', '| 1 | 2 |'],
    ['commas in cells of another delimiter', 'a;b\n1,5;2,5\n3,5;4\n', '| 1,5 | 2,5 |'],
  ])('reads %s', async (_, text, line) => {
    expect((await read(csv, text)).markdown.split('\n')[2]).toBe(line)
  })

  it('reads what papaparse writes as papaparse does', () => {
    const piece = fc.constantFrom('a', 'b c', '"', '""', ',', '\n', '\r\n', '\r', '1', '|', 'é', '日本', '😀', '')
    fc.assert(
      fc.property(
        fc.array(fc.array(piece, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        fc.constantFrom('\n', '\r\n'),
        // Some reach over more than one page of the writer.
        fc.constantFrom('é', '日', ',x', '|'),
        fc.constantFrom(0, 1, 9_000, 90_001),
        (rows, quotes, newline, filler, times) => {
          const text =
            filler.repeat(times) +
            newline +
            Papa.unparse(rows, { quotes: false, newline }) +
            newline +
            Papa.unparse(rows, { quotes, newline })
          const { data } = Papa.parse<string[]>(text, { delimiter: ',', newline })
          const lines = data
            .filter((cells) => cells.some((cell) => cell !== ''))
            .map(
              (cells) =>
                `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/\r\n|[\r\n]/g, ' ')).join(' | ')} |`,
            )
          const head = data.find((cells) => cells.some((cell) => cell !== ''))
          if (head) lines.splice(1, 0, `|${' --- |'.repeat(head.length)}`)
          const table = writeTable(new TextEncoder().encode(text), 44, Number.POSITIVE_INFINITY)
          expect(table.markdown).toBe(lines.map((line) => `${line}\n`).join(''))
        },
      ),
    )
  })

  it.each([
    ['rows without text', 'a,b\n,\n"",""\n1,2\n,,,\n', '| a | b |\n| --- | --- |\n| 1 | 2 |\n'],
    ['carriage returns with line feeds in quotes', 'a,b\r"x\ny",2\r', '| a | b |\n| --- | --- |\n| x y | 2 |\n'],
    ['zeros', 'a\0,b\n\0"1",2\0\n', '| a | b |\n| --- | --- |\n| "1" | 2 |\n'],
    ['a quoted delimiter line', '"sep=;"\na;b\n1;2\n', '| a | b |\n| --- | --- |\n| 1 | 2 |\n'],
    ['a byte order mark', '\ufeffa,b\n1,2\n', '| a | b |\n| --- | --- |\n| 1 | 2 |\n'],
    ['one row without an end', 'a,"b', '| a | b |\n| --- | --- |\n'],
  ])('writes %s', async (_, text, markdown) => {
    expect((await read(csv, text)).markdown).toBe(markdown)
  })

  it.each([
    ['comments', '# by Ann, and Bob\n#\n# in 2024\na;b\n1;2\n3;4\n', 'by Ann, and Bob\nin 2024\n\n| a | b |'],
    ['comments, with others within', '# by Ann\n1,2\n# x\n# y\n3,4\n', 'by Ann\n\n| 1 | 2 |'],
    ['titles', '"Our ""cups""",,\n\nall,,\nteam,place,cups\nx,y,1\n', 'Our "cups"\nall\n\n| team | place | cups |'],
    ['a comment that looks like code', '# ```\na,b\n1,2\n', '\\```\n\n| a | b |'],
  ])('puts %s before the table', async (_, text, beginning) => {
    expect((await read(csv, text)).markdown.startsWith(beginning)).toBe(true)
  })

  it('loses no cell, whatever stands before the table', async () => {
    const cell = fc.constantFrom('', '', ' ', '#', 'w', '# w', '"w, w"', '"w ""w"" w"', ' "w,w"', 'w"w')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
        fc.integer({ min: 0, max: 5 }),
        async (rows, more) => {
          const text = `${rows.map((cells) => cells.join(',')).join('\n')}\n${'w,w,w\n'.repeat(more)}`
          const { markdown } = await read(csv, text)
          expect(markdown.split('w')).toHaveLength(text.split('w').length)
        },
      ),
      { numRuns: 500 },
    )
  })

  it.each([
    ['names of columns behind a number sign', '#id,name\n1,Ann\n2,Bob\n', '| #id | name |'],
    ['one column with commas in some cells', 'Industry\nAccounting, Finance\nCars\nHealth\n', '| Industry |'],
    ['many rows of one cell', `${'x\n'.repeat(20)}1,2\n3,4\n`, '| x |'],
    ['a cell over other columns', 'x\n,Values,\na,b,c\n1,2,3\n', 'x\n\n|  | Values |  |'],
    ['nothing but comments', '# a, b\n# c\n', '| # a |  b |'],
  ])('takes for no titles %s', async (_, text, beginning) => {
    expect((await read(csv, text)).markdown.startsWith(beginning)).toBe(true)
  })

  it('reads encodings other than UTF-8', async () => {
    const limits = defaultLimits
    const parse = async (bytes: Uint8Array) => (await csv.parse({ bytes, mimeType: 'text/csv', limits })).markdown
    const table = '| Städte | n |\n| --- | --- |\n| Köln | 1 |\n'
    expect(await parse(Buffer.from('Städte;n\nKöln;1\n', 'latin1'))).toBe(table)
    expect(await parse(Buffer.from('a,b\n\x1b$B%F%9%H\x1b(B,1\n'))).toContain('| テスト | 1 |')
    expect(await parse(Buffer.from('\ufeffStädte\tn\nKöln\t1\n', 'utf16le'))).toBe(table)
  })

  it('keeps each of ten thousand columns', async () => {
    const { markdown, metadata } = await read(csv, `${'x,'.repeat(9_999)}y\n${'1,'.repeat(9_999)}2\n`)
    expect(metadata).toEqual({ rows: 2, columns: 10_000 })
    expect(markdown).toMatch(/ 1 \| 2 \|\n$/)
  })

  it('is empty without rows', async () => {
    expect((await read(csv, '\n\n')).markdown).toBe('')
  })
})

import { describe, expect, it } from 'vitest'
import { BlockWriter } from './blocks.ts'
import { GridWriter } from './grid.ts'

/** Rows by their number, cells by their column. */
function written(rows: Readonly<Record<number, Readonly<Record<number, string>>>>): string {
  const out = new BlockWriter(1e6)
  const grid = new GridWriter(out)
  for (const [row, cells] of Object.entries(rows)) grid.row(Number(row), Object.assign([], cells))
  grid.flush()
  return out.finish()
}

describe('a grid', () => {
  it('makes a table of each run of rows and a paragraph of a lone cell', () => {
    expect(written({ 1: { 2: 'alone' }, 4: { 0: 'a', 1: 'b' }, 5: { 1: 'c' } })).toBe(
      'alone\n\n| a | b |\n| --- | --- |\n|  | c |',
    )
  })

  it('leaves out columns and ends of rows with nothing in them', () => {
    expect(written({ 0: { 1: 'name', 5: 'sum', 9000: 'far' }, 1: { 1: 'Ann', 3: ' ' }, 2: { 5: '7' } })).toBe(
      '| name | sum | far |\n| --- | --- | --- |\n| Ann |\n|  | 7 |',
    )
  })

  it('takes lone cells in the first column above a table for its title', () => {
    expect(
      written({ 0: { 0: 'Sales' }, 1: { 0: 'in euros' }, 2: { 0: 'town', 1: 'sum' }, 3: { 0: 'Ulm', 1: '1' } }),
    ).toBe('Sales\n\nin euros\n\n| town | sum |\n| --- | --- |\n| Ulm | 1 |')
    expect(written({ 0: { 1: 'sum' }, 1: { 0: 'Ulm', 1: '1' } })).toBe('|  | sum |\n| --- | --- |\n| Ulm | 1 |')
    expect(written({ 0: { 0: 'one' }, 1: { 0: 'two' } })).toBe('| one |\n| --- |\n| two |')
  })

  it('keeps to the columns of a long table, with what is new behind them', () => {
    const rows: Record<number, Record<number, string>> = {}
    for (let n = 0; n < 600; n++) rows[n] = { 0: `a${n}`, 4: `b${n}` }
    rows[598] = { 0: 'x', 2: 'new', 4: 'y' }
    rows[599] = { 0: 'last' }
    const lines = written(rows).split('\n')
    expect(lines.slice(0, 3)).toEqual(['| a0 | b0 |', '| --- | --- |', '| a1 | b1 |'])
    expect(lines.slice(-3)).toEqual(['| a597 | b597 |', '| x | y | new |', '| last |'])
  })

  it('writes a cell behind the last column once', () => {
    const rows: Record<number, Record<number, string>> = {}
    for (let n = 0; n < 502; n++) rows[n] = { 0: `a${n}`, 1: `b${n}` }
    rows[501] = { 0: 'x', 1: 'y', 2: 'z' }
    expect(written(rows).split('\n').slice(-2)).toEqual(['| a500 | b500 |', '| x | y | z |'])
  })

  it('writes only the cells that are filled where few of many columns are', () => {
    const rows: Record<number, Record<number, string>> = {}
    for (let n = 0; n < 800; n++) rows[n] = { 0: `row ${n}`, [n * 20 + 1]: `cell ${n}` }
    const text = written(rows)
    expect(text.split('\n')).toHaveLength(800)
    expect(text).toContain('\n| row 300 | cell 300 |\n')
    expect(text.endsWith('\n| row 799 | cell 799 |')).toBe(true)
  })

  it('keeps a cell on its line and in its column', () => {
    expect(written({ 0: { 0: 'a|b', 1: ' two\nlines ' }, 1: { 0: 'x', 1: '\u00a0y' } })).toBe(
      '| a\\|b | two lines |\n| --- | --- |\n| x | y |',
    )
  })
})

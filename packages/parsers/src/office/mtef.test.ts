import { describe, expect, it } from 'vitest'
import { equationText } from './mtef.ts'

const head = [...new Array<number>(28).fill(0), 3, 1, 1, 3, 1]
const chars = (text: string): number[] =>
  [...text].flatMap((char) => [2, 0x83, char.charCodeAt(0) & 0xff, char.charCodeAt(0) >> 8])
const line = (...parts: readonly number[][]): number[] => [1, ...parts.flat(), 0]
const empty = [0x11]
const template = (selector: number, variation: number, ...parts: readonly number[][]): number[] => [
  ...[3, selector, variation, 0],
  ...parts.flat(),
  0,
]
const read = (...parts: readonly number[][]): string => equationText(new Uint8Array([...head, ...parts.flat(), 0]))

describe('equations of the equation editor', () => {
  it('are written on one line', () => {
    const square = template(15, 0, [0x0b], empty, line(chars('2')))
    const root = template(13, 0, line(chars('b'), square, chars('−4ac')))
    expect(read([0x0a], line(template(14, 0, line(chars('−b±'), root), line(chars('2a')))))).toBe(
      '(−b±√(b^2−4ac))/(2a)',
    )
    expect(read(line(chars('x'), template(15, 2, line(chars('i')), line(chars('n+1')))))).toBe('x_i^(n+1)')
    expect(read(line(template(1, 0, line(chars('a')), chars('('), chars(')')), chars('′')))).toBe('(a)′')
    expect(read(line(template(43, 2, empty, line(chars('y=1')), line(chars('34')), chars('Σ')), chars('t')))).toBe(
      'Σ_(y=1)^34 t',
    )
  })

  it('keep rows of piles and matrices, and skip sizes, fonts, moves and spaces', () => {
    expect(read([4, 1, 1], line(chars('a')), line(chars('b')), [0])).toBe('a; b')
    const cells = ['1', '2', '3', '4'].map((cell) => line(chars(cell)))
    expect(read(line([5, 1, 1, 1, 2, 2, 0, 0], ...cells, [0]))).toBe('1, 2; 3, 4')
    const settings = [8, 0x81, 0, 65, 0, 9, 101, 12, 0, 7, 1, 0, 9, 9]
    expect(read(settings, line([0x82, 130, 126, 0x83, 120, 0], [2, 0x98, 0x02, 0xef], chars('y')))).toBe('x y')
  })

  it('end where they are damaged, and are nothing in another version', () => {
    expect(equationText(new Uint8Array([...head, 1, ...chars('x'), 15, 15, 15]))).toBe('x')
    expect(equationText(new Uint8Array([...head.slice(0, 28), 5, 1, ...chars('x')]))).toBe('')
    expect(equationText(new Uint8Array([...head, ...new Array<number>(5000).fill(1)]))).toBe('')
    expect(equationText(new Uint8Array(3))).toBe('')
  })
})

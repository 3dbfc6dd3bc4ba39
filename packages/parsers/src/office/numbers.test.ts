import { describe, expect, it } from 'vitest'
import { listLabel } from './numbers.ts'

const row = (format: string, ...counts: number[]): string[] => counts.map((count) => listLabel(count, format))

describe('labels of lists', () => {
  it('counts in letters, Roman figures and with zeros', () => {
    expect(row('lowerLetter', 1, 26, 27, 53)).toEqual(['a', 'z', 'aa', 'aaa'])
    expect(row('upperRoman', 4, 1990, 4000)).toEqual(['IV', 'MCMXC', '4000'])
    expect(row('decimalZero', 0, 9, 10)).toEqual(['00', '09', '10'])
    expect(row('decimalZero3', 7, 1000)).toEqual(['007', '1000'])
  })

  it('counts as other scripts do, and in figures where they have no more signs', () => {
    expect(row('ordinal', 0, 1, 2, 3, 4, 11, 12, 21, 113)).toEqual([
      '0th',
      '1st',
      '2nd',
      '3rd',
      '4th',
      '11th',
      '12th',
      '21st',
      '113th',
    ])
    expect(row('chineseCountingThousand', 1, 10, 12, 20, 105, 123, 1010, 10_000)).toEqual([
      '一',
      '十',
      '十二',
      '二十',
      '一百零五',
      '一百二十三',
      '一千零一十',
      '10000',
    ])
    expect(row('ideographDigital', 10, 25)).toEqual(['一〇', '二五'])
    expect(row('ideographTraditional', 1, 10, 11)).toEqual(['甲', '癸', '甲'])
    expect(row('decimalEnclosedCircle', 1, 20, 21)).toEqual(['①', '⑳', '21'])
    expect(row('iroha', 1, 2)).toEqual(['イ', 'ロ'])
    expect(row('russianUpper', 1, 29, 30)).toEqual(['А', 'Я', 'А'])
    expect(row('constructor', 3)).toEqual(['3'])
  })
})

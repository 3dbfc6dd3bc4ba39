import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtInKind, numberKind, showNumber, showNumberText } from './number-format.ts'

function show(code: string, value: number): string {
  return showNumber(value, numberKind(code), false)
}

describe('number formats', () => {
  it.each([
    ['0', 2.5, '3'],
    ['0.00', 1.005, '1.01'],
    ['0.00', -0.001, '0.00'],
    ['#,##0', 1234567.5, '1,234,568'],
    ['#,##0', 12, '12'],
    ['#,##0.###', 1234.5, '1,234.5'],
    ['00000', 42, '00042'],
    ['.00', 12.5, '12.50'],
    ['0%', 0.256, '26%'],
    ['0.0%', -0.256, '-25.6%'],
    ['0.00E+00', 12_345, '1.23E+04'],
    ['##0.0E+0', 12_345, '12.3E+3'],
    ['0.00E+00', 0.000_999_999, '1.00E-03'],
    ['#,##0,,"M"', 12_345_678, '12M'],
    ['0.0 "kg"', 2, '2.0 kg'],
    ['[$€-407] #,##0.00', 1234.5, '€ 1,234.50'],
    ['#,##0_);[Red]\\(#,##0\\)', -1234, '(1,234)'],
    ['"yes";"yes";"no"', 0, 'no'],
    ['+0;-0;"±"0', -7, '-7'],
    ['[>=1000]#,##0," k";0', 4200, '4 k'],
    ['[>=1000]#,##0," k";0', 420, '420'],
    ['000-00-0000', 123_456_789, '123-45-6789'],
    ['General" pcs"', 0.5, '0.5 pcs'],
    ['"a;b"0', 1, 'a;b1'],
  ])('%s shows %d as %s', (code, value, text) => {
    expect(show(code, value)).toBe(text)
  })

  it.each([
    ['# ?/?', 0.5, '1/2'],
    ['# ?/?', 2.25, '2 1/4'],
    ['# ??/??', Math.PI, '3 1/7'],
    ['# ??/??', -0.97, '-32/33'],
    ['# ?/?', 0.73, '3/4'],
    ['# ?/?', 0.94, '1'],
    ['# ???????/???????', 4051 / 8_750_153, '4051/8750153'],
    ['# ???/???', Math.PI, '3 16/113'],
    ['?/?', 1.5, '3/2'],
    ['# ?/8', 1.25, '1 2/8'],
    ['# ?/?', 0.999, '1'],
    ['# ?/?', 0, '0'],
    ['# ?/?" in"', -1.5, '-1 1/2 in'],
  ])('%s shows %d as the fraction %s', (code, value, text) => {
    expect(show(code, value)).toBe(text)
  })

  it.each([
    // In digits, a date is the same whatever its order.
    ['yyyy-mm-dd', '2024-01-15'],
    ['m/d/yy', '2024-01-15'],
    ['dd.mm.', '2024-01-15'],
    ['d/m/yy h:mm', '2024-01-15 18:30'],
    ['d/m/yyyy h:mm:ss AM/PM', '2024-01-15 6:30:00 PM'],
    ['mm/yyyy', '2024-01'],
    ['yyyy"年"m"月"d"日"', '2024-01-15'],
    // With words, as shown, but for the year.
    ['d-mmm-yy', '15-Jan-2024'],
    ['mmm yy', 'Jan 2024'],
    ['mmmm d, yyyy', 'January 15, 2024'],
    ['dddd', 'Monday'],
    ['ddd d.m.', 'Mon 15.1.'],
    ['[$-407]d. mmmm yyyy', '15. Januar 2024'],
    ['[$-FC19]d mmmm yyyy', '15 января 2024'],
    ['[$-de-DE]dddd', 'Montag'],
    ['mmmmm', 'J'],
    ['yy', '2024'],
    ['h:mm AM/PM', '6:30 PM'],
    ['hh:mm;@', '18:30'],
    ['[h]:mm', '1087362:30'],
  ])('%s shows a date as %s', (code, text) => {
    expect(show(code, 45_306.770_833_333)).toBe(text)
  })

  it('shows the parts of a time that the format has', () => {
    expect(show('mm:ss', 30 / 86_400)).toBe('00:30')
    expect(show('mm:ss.0', 30.26 / 86_400)).toBe('00:30.3')
    expect(show('hh:mm:ss', 0.5)).toBe('12:00:00')
    expect(show('hh:mm', 0.5)).toBe('12:00')
    expect(show('[mm]:ss', -0.5)).toBe('-720:00')
    expect(show('d/m/yyyy h:mm', 45_306)).toBe('2024-01-15')
  })

  it('keeps the number where the format shows nothing of any or cannot be read', () => {
    expect(show(';;;', 5)).toBe('5')
    expect(show('0;-0;;@', 0)).toBe('')
    expect(show('yyyy', -1)).toBe('-1')
    expect(show('[5', 5)).toBe('5')
    expect(showNumberText('0.30000000000000004', undefined, false)).toBe('0.3')
    expect(showNumberText('1E-3', undefined, false)).toBe('0.001')
    expect(showNumberText('-5891.99999999919', undefined, false)).toBe('-5892')
    expect(showNumberText('99.99000000001', undefined, false)).toBe('99.99')
    expect(showNumberText('0.785398163397448', undefined, false)).toBe('0.785398163397448')
    expect(showNumberText('123456789012345', undefined, false)).toBe('123456789012345')
    expect(showNumberText('1e-7', undefined, false)).toBe('1E-07')
    expect(showNumberText('-3.0000000000001E-104', undefined, false)).toBe('-3E-104')
    expect(showNumberText('1e+21', undefined, false)).toBe('1E+21')
    expect(showNumberText('0.000001', undefined, false)).toBe('0.000001')
    expect(showNumberText('1.0', undefined, false)).toBe('1')
    expect(showNumberText('0.50', undefined, false)).toBe('0.5')
    expect(showNumberText('100', undefined, false)).toBe('100')
    expect(showNumberText('0', undefined, false)).toBe('0')
    expect(showNumberText('x', builtInKind(2), false)).toBe('x')
  })

  it('shows any number by any code, and ends', () => {
    const pieces = [
      '0',
      '#',
      '?',
      '.',
      ',',
      '%',
      '/',
      'E+',
      'e',
      ';',
      '"',
      '\\',
      '_',
      '*',
      '[',
      ']',
      '[h]',
      '[$-407]',
      '@',
    ]
    const words = ['General', 'yyyy', 'mmm', 'mm', 'd', 'ddd', 'h', 'ss', '.000', 'AM/PM', ' ', 'x', '[>5]', '12']
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces, ...words), { maxLength: 40 }),
        fc.oneof(fc.double(), fc.integer({ min: -5, max: 60_000 })),
        fc.boolean(),
        (code, value, date1904) => {
          const shown = showNumber(value, numberKind(code.join('')), date1904)
          expect(shown.length).toBeLessThan(1200)
          expect(shown).not.toMatch(/undefined|NaN/)
        },
      ),
      { numRuns: 3000 },
    )
  })
})

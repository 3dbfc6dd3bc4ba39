import { expect, test } from 'vitest'
import { shadow, unshadow } from './shadow.ts'

test.each([
  'plain text, C and 100 % of it',
  '東京都の天気 ล้า 😀☀️👩‍🚀🇩🇪 © ™ 👍🏽',
  'C++ or C#, i++; but not a+++b, foo#bar, #tag, x+ y',
  'icons: \u{f0001}\u{f1aff} \ue000',
])('is undone: %s', (text) => expect(unshadow(shadow(text))).toBe(text))

test('leaves alone what the tokenizer reads as it is', () => {
  const text = 'Ein Wort, ein zweites: foo_bar(x+1) #tag c.d# a#b © ®'
  expect(shadow(text)).toBe(text.replace('d#', 'd\u{fee23}'))
})

test('characters of writing without spaces, emoji and the signs of languages are words', () => {
  expect(shadow('a天b')).toBe('a\u200b天\u200bb')
  expect(shadow('😀☀')).toBe('\u200b\u{ff600}\u200b\u200b\u{f2600}\u200b')
  expect(shadow('C++, F#')).toBe('C\u{fee2b}, F\u{fee23}')
})

import { expect, it } from 'vitest'
import { difference, isMarks, marksOf } from './marks.ts'

const many = Array.from({ length: 5_000 }, (_, i) => `id${i}`)

it('tells what came and what left while there are few', () => {
  const marks = marksOf(['b', 'a', 'a'])
  expect(difference(marks, ['b', 'c'])).toEqual({ fresh: ['c'], left: ['a'], lost: false, blurred: false })
  expect(difference(marksOf([]), [])).toEqual({ fresh: [], left: [], lost: false, blurred: false })
})

it('stays small with many, and still tells what came', () => {
  const marks = JSON.parse(JSON.stringify(marksOf(many))) as ReturnType<typeof marksOf>
  expect(JSON.stringify(marks).length).toBeLessThan(1_500)
  expect(difference(marks, many.toReversed())).toEqual({ fresh: [], left: [], lost: false, blurred: false })
  expect(difference(marks, [...many, 'new'])).toEqual({ fresh: ['new'], left: [], lost: false, blurred: true })
  const { fresh, lost } = difference(marks, [...many, ...Array.from({ length: 300 }, (_, i) => `new${i}`)])
  expect(fresh).toEqual(expect.arrayContaining(['new0', 'new299']))
  expect(lost).toBe(false)
  expect(difference(marks, many.slice(1))).toMatchObject({ lost: true, blurred: true })
  // As many as before, and not the same.
  expect(difference(marks, [...many.slice(1), 'new'])).toMatchObject({ lost: true })
})

it('knows its own', () => {
  expect([marksOf(['a']), marksOf(many)].map(isMarks)).toEqual([true, true])
  expect([null, 'x', [1], {}, { parts: ['a'] }].map(isMarks)).toEqual([false, false, false, false, false])
})

import { expect, it } from 'vitest'
import { Gate } from './gate.ts'

it('lets two through at once, the rest in order, and forgets who gives up', async () => {
  const gate = new Gate(2)
  const { signal } = new AbortController()
  const doors = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const inside: number[] = []
  const leave = new AbortController()
  const passes = doors.map(({ promise }, i) =>
    gate.pass(i === 2 ? leave.signal : signal, async () => {
      inside.push(i)
      await promise
    }),
  )
  await Promise.resolve()
  expect(inside).toEqual([0, 1])
  leave.abort(new Error('gone'))
  await expect(passes[2]).rejects.toThrow('gone')
  doors[0]!.resolve()
  await passes[0]
  await Promise.resolve()
  expect(inside).toEqual([0, 1, 3])
  for (const door of doors) door.resolve()
  await Promise.all([passes[1], passes[3], passes[4]])
  expect(inside).toEqual([0, 1, 3, 4])
  await expect(gate.pass(AbortSignal.abort(new Error('before')), async () => {})).rejects.toThrow('before')
})

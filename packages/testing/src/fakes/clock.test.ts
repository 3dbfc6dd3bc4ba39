import { expect, test } from 'vitest'
import { createFakeClock } from './clock.ts'

test('sleepers wake in order, at their own time, also those who sleep again', async () => {
  const clock = createFakeClock(1000)
  const woke: string[] = []
  const sleep = async (name: string, ...naps: number[]) => {
    for (const ms of naps) {
      await clock.sleep(ms)
      woke.push(`${name} ${clock.now()}`)
    }
  }
  const all = [sleep('a', 30, 30), sleep('b', 50)]
  expect([clock.sleeping, clock.next]).toEqual([2, 1030])
  await clock.advance(29)
  expect(woke).toEqual([])
  await clock.advance(100)
  await Promise.all(all)
  expect(woke).toEqual(['a 1030', 'b 1050', 'a 1060'])
  expect(clock.now()).toBe(1129)
})

test('an aborted sleep rejects with the reason and leaves nothing behind', async () => {
  const clock = createFakeClock()
  const controller = new AbortController()
  const nap = clock.sleep(10, controller.signal)
  controller.abort(new Error('enough'))
  await expect(nap).rejects.toThrow('enough')
  await expect(clock.sleep(10, controller.signal)).rejects.toThrow('enough')
  expect(clock.sleeping).toBe(0)
})

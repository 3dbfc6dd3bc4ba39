import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { releaseMemory } from './memory.ts'

const megabyte = 2 ** 20

it('gives back what is no longer used', () => {
  const heap = () => process.memoryUsage().heapTotal / megabyte
  let garbage: object[] = Array.from({ length: 1_000_000 }, (_, i) => ({ i }))
  expect(garbage.length).toBe(1_000_000)
  const before = heap()
  garbage = []
  releaseMemory()
  expect(before - heap()).toBeGreaterThan(20)
})

it('works in many threads at once', async () => {
  const code = `import(${JSON.stringify(new URL('./memory.ts', import.meta.url).href)}).then(({ releaseMemory }) => releaseMemory())`
  const ends = Array.from({ length: 12 }, () => {
    const worker = new Worker(code, { eval: true, execArgv: ['--disable-warning=ExperimentalWarning'] })
    return new Promise((resolve, reject) => worker.once('error', reject).once('exit', resolve))
  })
  expect(new Set(await Promise.all(ends))).toEqual(new Set([0]))
})

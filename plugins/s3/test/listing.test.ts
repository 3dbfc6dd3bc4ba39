import type { Entry } from '@cx/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compareKeys, guessBoundaries } from '../src/boundaries.ts'
import s3 from '../src/index.ts'
import { connect } from './harness.ts'
import { type S3Server, startS3 } from './s3-server.ts'

let server: S3Server
const restart = async (latencyMs = 0): Promise<void> => {
  await server?.close()
  server = await startS3({ latencyMs })
}
beforeEach(() => restart())
afterEach(() => server.close())

const hash = (index: number): string =>
  Math.imul(index + 1, 2654435761)
    .toString(16)
    .replace('-', '')
    .padStart(8, '0')
const layouts: [string, (index: number) => string][] = [
  ['hashes', (index) => `${hash(index)}-${index}`],
  ['numbers', (index) => `scan-${String(index).padStart(7, '0')}.pdf`],
  ['dates', (index) => `logs/${2000 + (index % 27)}/${String((index % 12) + 1).padStart(2, '0')}/${hash(index)}.json`],
  ['a folder each', (index) => `${hash(index)}/${index}/document.txt`],
  [
    'words',
    (index) =>
      `${['Annual', 'budget', 'Übersicht', '\u{1f600}', '\uffee', 'zeta'][index % 6]} ${index} ${'abcdefg'[index % 7]}/x`,
  ],
  ['one deep folder', (index) => `a/very/deep/folder/with/${index % 2 ? 'odd' : 'even'} names/${index}`],
]

describe('a large bucket', () => {
  test.for(layouts)('%s: every key once, in order, at a bounded number of calls', async ([, layout]) => {
    const keys = Array.from({ length: 20_000 }, (_, index) => layout(index))
    server.seed(keys)
    const { paths } = await connect(server)
    const listed = await paths()
    expect(new Set(listed).size).toBe(listed.length)
    expect(listed).toEqual(keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    expect(server.count('ListObjectsV2')).toBeLessThan(50)
  })

  test('is listed in parts at once, as many as told; with one, page after page', async () => {
    const keys = Array.from({ length: 24_000 }, (_, index) => layouts[0]![1](index))
    for (const [concurrency, least, most] of [
      [8, 5, 9],
      [3, 3, 4],
      [1, 1, 2],
    ] as const) {
      await restart(60)
      server.seed(keys)
      const { paths } = await connect(server, { config: { concurrency } })
      expect(await paths()).toHaveLength(keys.length)
      expect(server.peak).toBeGreaterThanOrEqual(least)
      expect(server.peak).toBeLessThanOrEqual(most)
    }
  })

  test('resumes from any checkpoint: nothing lost, nothing before it repeated', async () => {
    server.seed(Array.from({ length: 12_000 }, (_, index) => layouts[0]![1](index)))
    const { list } = await connect(server)
    const { entries, checkpoints } = await list()
    const ids = entries.map(({ id }) => id)
    for (const at of [0, 3, 7, checkpoints.length - 1]) {
      const { after } = checkpoints[at]!.cursor as { after: string }
      const rest = (await list({ resume: checkpoints[at]!.cursor })).entries.map(({ id }) => id)
      expect(rest).toEqual(ids.slice(ids.indexOf(`s3://docs/${after}`) + 1))
    }
  })

  test('a place that the store has forgotten is cursor_expired', async () => {
    const { list } = await connect(server)
    await expect(list({ resume: { token: 'old' } })).rejects.toMatchObject({ code: 'cursor_expired' })
  })

  test('a fault on any page ends the listing with an error, never early', async () => {
    server.seed(Array.from({ length: 12_000 }, (_, index) => layouts[0]![1](index)))
    const { list } = await connect(server)
    for (const after of [0, 2, 5, 9]) {
      server.calls.length = 0
      server.fault({ operation: 'ListObjectsV2', status: 403, code: 'AccessDenied', after })
      await expect(list(), `page ${after + 1}`).rejects.toMatchObject({ code: 'forbidden' })
    }
    expect((await list()).entries).toHaveLength(12_000)
  })

  test('keys that come and go meanwhile: those that stay are listed once', async () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => layouts[0]![1](index))
    server.seed(keys)
    const { bucket, run } = await connect(server)
    const seen: Entry[] = []
    for await (const item of s3.list(bucket, { ...run, unreadable: () => {} })) {
      if ('kind' in item) {
        for (const key of keys.splice(0, 100)) server.remove(key)
        server.seed([`${hash(seen.length * 7)}-new`])
      } else seen.push(item)
    }
    const listed = seen.map(({ path }) => path)
    expect(new Set(listed).size).toBe(listed.length)
    expect(keys.filter((key) => !listed.includes(key))).toEqual([])
  })

  test('stops asking when the consumer stops', async () => {
    server.seed(Array.from({ length: 30_000 }, (_, index) => layouts[0]![1](index)))
    const { bucket, run } = await connect(server)
    for await (const _ of s3.list(bucket, { ...run, unreadable: () => {} })) break
    expect(server.calls.length).toBeLessThanOrEqual(3)
  })
})

describe('boundaries', () => {
  test('keys compare by their UTF-8 bytes', () => {
    const keys = [
      'a',
      'a/',
      'b',
      '\u00e9',
      '\ud7ff',
      '\ue000',
      '\uffee',
      '\u{10000}',
      '\u{1f600}',
      '\u{1f600}a',
      '',
      'A',
      '~',
    ]
    for (const a of keys)
      for (const b of keys)
        expect(Math.sign(compareKeys(a, b)), `${a} ${b}`).toBe(
          Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))),
        )
  })

  test('a guess goes on from where it stands, in order', () => {
    const sample = Array.from({ length: 1000 }, (_, index) => `x-${String(index).padStart(6, '0')}`)
    const found = guessBoundaries(sample, sample.at(-1)!, { count: 4, distance: 3000 })
    expect(found).toHaveLength(4)
    expect(found[0]! > 'x-003000' && found[0]! < 'x-005000').toBe(true)
    expect([...found].sort()).toEqual(found)
    expect(guessBoundaries([], '', { count: 4, distance: 10 })).toEqual([])
    expect(guessBoundaries(['a'], 'a', { count: 4, distance: 10 })).toEqual([])
  })
})

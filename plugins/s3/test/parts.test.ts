import type { Json } from '@cx/core'
import { describe, expect, test } from 'vitest'
import type { OpenBucket, Page, PageQuery } from '../src/client.ts'
import { findObject, listObjects } from '../src/listing.ts'

/** A bucket without HTTP: pages of `pageSize` in the order of bytes, or in its own, which knows no StartAfter. */
function bucketOf(keys: readonly string[], pageSize: number, isDirectory = false): OpenBucket {
  const sorted = isDirectory ? [...keys] : [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const page = async ({ prefix = '', after, token, limit = pageSize }: PageQuery): Promise<Page> => {
    if (isDirectory && (after || (prefix !== '' && !prefix.endsWith('/')))) throw new Error('InvalidRequest')
    const own = sorted.filter((key) => key.startsWith(prefix))
    const behind = (key: string): boolean => !after || Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0
    const from = token === undefined ? own.findIndex(behind) : Number(token)
    const until = from < 0 ? own.length : Math.min(from + Math.min(limit, pageSize), own.length)
    const found = from < 0 ? [] : own.slice(from, until)
    return {
      objects: found.map((key) => ({ key, size: 1, etag: '', modified: 0, storageClass: undefined, restored: false })),
      prefixes: [],
      token: until < own.length ? String(until) : undefined,
    }
  }
  return { config: { bucket: 'docs' }, isDirectory, page } as unknown as OpenBucket
}

async function listed(bucket: OpenBucket, options: { prefix?: string; resume?: Json; concurrency: number }) {
  const keys: string[] = []
  const cursors: { cursor: Json; after: number }[] = []
  const { signal } = new AbortController()
  for await (const { objects, cursor } of listObjects(bucket, { prefix: '', ...options, signal })) {
    keys.push(...objects.map(({ key }) => key))
    cursors.push({ cursor, after: keys.length })
  }
  return { keys, cursors }
}

/** The same numbers every time. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const alphabets = [
  '01',
  '0123456789',
  'abcdef/',
  'aA/_-. ',
  '\u0001 ~',
  'é\ud7ff\uffee\u{1f600}z',
  '\u{1f600}\u{10ffff}',
  '/',
]

function keysOf(roll: (sides: number) => number, count: number): string[] {
  const letters = [...alphabets[roll(alphabets.length)]!]
  const stems = Array.from({ length: 1 + roll(4) }, () =>
    Array.from({ length: roll(6) }, () => letters[roll(letters.length)]).join(''),
  )
  const keys = new Set<string>()
  for (let number = 0; number < count * 2 && keys.size < count; number++) {
    const length = roll(3) === 0 ? 1 + roll(3) : 4 + roll(12)
    const tail = Array.from({ length }, () => letters[Math.min(roll(letters.length), roll(letters.length))]).join('')
    keys.add(`${stems[roll(stems.length)]}${tail}`)
  }
  return [...keys]
}

describe('parts', () => {
  test.for(Array.from({ length: 60 }, (_, index) => index))(
    'odd keys, round %i: each once, in order',
    async (round) => {
      const roll = dice(round * 7919 + 1)
      const keys = keysOf(roll, 50 + roll(1_500))
      const bucket = bucketOf(keys, 1 + roll(40))
      const concurrency = 2 + roll(15)
      const prefix = roll(3) === 0 ? keys[roll(keys.length)]!.slice(0, 1).toWellFormed().replaceAll('\ufffd', '') : ''
      const expected = keys
        .filter((key) => key.startsWith(prefix))
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      const { keys: found, cursors } = await listed(bucket, { prefix, concurrency })
      expect(found).toEqual(expected)
      const { cursor, after } = cursors[roll(cursors.length)]!
      expect((await listed(bucket, { prefix, concurrency, resume: cursor })).keys).toEqual(expected.slice(after))
    },
  )

  test('a bucket without order is listed page after page, and looked into folder by folder', async () => {
    const keys = Array.from({ length: 500 }, (_, index) => `f${index % 7}/${(index * 7919) % 500}.txt`)
    const bucket = bucketOf(keys, 30, true)
    expect((await listed(bucket, { concurrency: 8 })).keys).toEqual(keys)
    const { signal } = new AbortController()
    for (const key of [keys[0]!, keys[333]!, keys[499]!]) expect((await findObject(bucket, key, signal))?.key).toBe(key)
    expect(await findObject(bucket, 'f1/none', signal)).toBeUndefined()
  })
})

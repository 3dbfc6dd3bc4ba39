import { ConnectorError, type Json } from '@cx/core'
import { compareKeys, guessBoundaries } from './boundaries.ts'
import type { OpenBucket, Page, StoredObject } from './client.ts'

/** Pages that one request after the other fetches before it is worth while to guess. */
const patience = 4
/** What a part of a parallel listing is meant to hold. */
const pagesPerPart = 3
/** What a part may hold in memory before it is its turn. */
const pagesAhead = 4

export interface Batch {
  readonly objects: readonly StoredObject[]
  /** Where to go on after these. */
  readonly cursor: Json
}

export interface ListingOptions {
  readonly prefix: string
  readonly resume?: Json | undefined
  readonly concurrency: number
  readonly signal: AbortSignal
}

/**
 * All objects in the order of their keys. A large bucket is listed in several parts at once, at boundaries guessed from
 * the keys seen so far; parts come out one after the other, and wait with at most a few pages each.
 */
export async function* listObjects(bucket: OpenBucket, options: ListingOptions): AsyncGenerator<Batch> {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  try {
    yield* parts(bucket, { ...options, signal })
  } finally {
    stop.abort()
  }
}

async function* parts(bucket: OpenBucket, options: ListingOptions): AsyncGenerator<Batch> {
  let { after = '', token } = (options.resume ?? {}) as Partial<Position>
  let ordered = !bucket.isDirectory && token === undefined
  let wait = options.concurrency > 1 ? patience : Number.POSITIVE_INFINITY
  // Of a full page: a store may give less than the 1,000 that are asked for.
  let pageSize = 1
  while (true) {
    let sample: readonly StoredObject[] = []
    let seen = 0
    for await (const page of ahead(pagesOf(bucket, { after, token }, options), 2)) {
      ordered &&= page.ordered
      if (page.objects.length > 0) after = page.objects.at(-1)!.key
      token = ordered ? undefined : page.token
      if (page.objects.length > 0) yield { objects: page.objects, cursor: ordered ? { after } : { token: token ?? '' } }
      if (page.last) return
      sample = page.objects
      pageSize = Math.max(pageSize, sample.length)
      if (ordered && ++seen >= wait && boundaries(sample, after, { ...options, pageSize }).length > 1) break
    }
    // In parts for as long as the guesses are good.
    for (let good = true; good; ) {
      const bounds = boundaries(sample, after, { ...options, pageSize })
      const readers = bounds.map((to, index) =>
        ahead(pagesOf(bucket, { after: bounds[index - 1] ?? after }, options, to), pagesAhead),
      )
      let [pages, objects] = [0, 0]
      for (const reader of readers) {
        for await (const page of reader) {
          if (!page.ordered) throw disorder(bucket)
          pages++
          objects += page.objects.length
          if (page.objects.length > 0) yield { objects: page.objects, cursor: { after: page.objects.at(-1)!.key } }
          if (page.last) return
          if (page.objects.length > 1) sample = page.objects
        }
      }
      after = bounds.at(-1) ?? after
      good = bounds.length > 1 && objects > 0.4 * pages * pageSize
    }
    wait = Math.min(wait * 2, 64)
  }
}

/** One object as a listing tells of it. The key itself sorts before all that it begins. */
export async function findObject(
  bucket: OpenBucket,
  key: string,
  signal: AbortSignal,
): Promise<StoredObject | undefined> {
  if (!bucket.isDirectory)
    return (await bucket.page({ prefix: key, limit: 1 }, signal)).objects.find((object) => object.key === key)
  const prefix = key.slice(0, key.lastIndexOf('/') + 1)
  for await (const { objects } of listObjects(bucket, { prefix, concurrency: 1, signal })) {
    const found = objects.find((object) => object.key === key)
    if (found !== undefined) return found
  }
  return
}

interface Position {
  readonly after: string
  readonly token: string
}

interface PartPage extends Page {
  /** Nothing comes after it in the bucket. */
  readonly last: boolean
  readonly ordered: boolean
}

/** The pages after a position, up to and with the key `to`. */
async function* pagesOf(
  bucket: OpenBucket,
  from: { readonly after?: string; readonly token?: string | undefined },
  { prefix, signal }: ListingOptions,
  to?: string,
): AsyncGenerator<PartPage> {
  let { token } = from
  let before = from.after ?? ''
  while (true) {
    const page = await bucket.page({ prefix, after: from.after, token }, signal)
    const all = page.objects
    const ordered = all.every(({ key }, index) => compareKeys(all[index - 1]?.key ?? before, key) < 0)
    const objects = to === undefined ? all : all.filter(({ key }) => compareKeys(key, to) <= 0)
    const over = objects.length < all.length
    yield { ...page, objects, ordered, last: page.token === undefined && !over }
    if (page.token === undefined || over) return
    if (page.token === token)
      throw new ConnectorError('unavailable', 'The store answers every page of the listing with the same next page.')
    token = page.token
    before = all.at(-1)?.key ?? before
  }
}

function boundaries(
  sample: readonly StoredObject[],
  after: string,
  { concurrency, pageSize }: ListingOptions & { readonly pageSize: number },
): readonly string[] {
  const keys = sample.map(({ key }) => key)
  return guessBoundaries(keys, after, { count: concurrency, distance: pagesPerPart * pageSize })
}

/** A store whose order changes in the middle could have hidden keys from us: this listing must not count as whole. */
function disorder({ config }: OpenBucket): ConnectorError {
  return new ConnectorError(
    'misconfigured',
    `The store does not list ${JSON.stringify(config.bucket)} in the order of keys, as S3 does. Set \`concurrency\` to 1.`,
  )
}

/** Starts at once and stays `limit` items ahead: a generator answers the calls of `next` one after the other. */
function ahead<T>(source: AsyncGenerator<T>, limit: number): AsyncIterable<T> {
  const pull = (): Promise<IteratorResult<T>> => {
    const item = source.next()
    // Reported when it is its turn.
    item.catch(() => {})
    return item
  }
  const waiting = Array.from({ length: limit }, pull)
  return {
    [Symbol.asyncIterator]: () => ({
      next() {
        waiting.push(pull())
        return waiting.shift()!
      },
    }),
  }
}

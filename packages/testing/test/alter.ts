import {
  type Checkpoint,
  type Content,
  type Entry,
  isConnectorError,
  type Json,
  type Removed,
  type SourceConnector,
} from '@cx/core'
import type { Fixture, World } from '../src/fixture.ts'

/** A way to break a good connector so that it fails one law. */
export interface Breakage {
  readonly breaks: (good: SourceConnector) => SourceConnector
  /** Laws that cannot but fail along with it, each with the reason. */
  readonly also?: Readonly<Record<string, string>>
  readonly world?: (world: World) => World
  readonly fixture?: Partial<Fixture>
  /** The world keeps its large amounts, which the others do without to be quick. */
  readonly big?: boolean
}

type List = SourceConnector['list']
type Listed = Entry | Checkpoint
type Fed = Entry | Removed | Checkpoint

/** The connector with some of its declaration replaced. */
export function alter(good: SourceConnector, change: Partial<SourceConnector>): SourceConnector {
  return { ...good, ...change }
}

/** With a listing that does `visit` to the items of the good one; what it yields is listed. */
export function alterList(
  good: SourceConnector,
  visit: (items: AsyncIterable<Listed>, run: Parameters<List>[1], session: unknown) => AsyncIterable<Listed>,
): SourceConnector {
  return alter(good, { list: (session, run) => visit(good.list(session, run), run, session) })
}

/** With a change feed that does `visit` to the items of the good one. */
export function alterFeed(
  good: SourceConnector,
  visit: (items: AsyncIterable<Fed>, cursor: Json, session: unknown, run: never) => AsyncIterable<Fed>,
): SourceConnector {
  const changes = good.changes!
  return alter(good, {
    changes: {
      ...changes,
      since: (session, cursor, run) => visit(changes.since(session, cursor, run), cursor, session, run as never),
    },
  })
}

/** With every entry, listed or in the feed, replaced; undefined leaves it out. */
export function alterEntries(good: SourceConnector, change: (entry: Entry) => Entry | undefined): SourceConnector {
  async function* map<T extends Entry | Removed | Checkpoint>(items: AsyncIterable<T>): AsyncIterable<T> {
    for await (const item of items) {
      if ('kind' in item) yield item
      else {
        const changed = change(item as Entry)
        if (changed !== undefined) yield changed as T
      }
    }
  }
  return alterFeed(alterList(good, map), map)
}

/** With another `fetch`. */
export function alterFetch(
  good: SourceConnector,
  wrap: (next: typeof globalThis.fetch, url: URL, init: RequestInit) => Promise<Response>,
): SourceConnector {
  return alter(good, {
    connect: (connection) =>
      good.connect({
        ...connection,
        fetch: (input, init = {}) => wrap(connection.fetch, new URL(String(input)), init),
      }),
  })
}

/** Runs it, and replaces a ConnectorError of this code by another error. */
export async function instead<T>(code: string, work: () => Promise<T>, error: (was: Error) => Error): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw isConnectorError(thrown) && thrown.code === code ? error(thrown) : thrown
  }
}

export const whole = async (body: Content['body']) => new TextDecoder().decode(await bytesOf(body))
export async function bytesOf(body: Content['body']): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer())
}

export const runOf = <T>(run: T, change: object): T => ({ ...run, ...change })

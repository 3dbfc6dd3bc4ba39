import { type Operations, operations } from './generated/api.ts'
import type { Ask, CallOptions, OperationName, Transport } from './transport.ts'

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly limit: number
  /** Undefined when a cursor was used. */
  readonly page: number | undefined
  /** Null where counting would mean listing a whole source. */
  readonly total: number | null
  /** Null on the last page. */
  readonly nextCursor: string | null
}

/** Nothing is asked before it is used: iterate over all items, over pages, or take one page. */
export interface Listing<T> extends AsyncIterable<T> {
  /** The page that was asked for; the first unless `page` or `cursor` was given. */
  page(): Promise<Page<T>>
  /** This page and all that follow. */
  pages(): AsyncIterable<Page<T>>
}

/** What an operation can be asked. */
export type QueryOf<N extends OperationName> = Operations[N]['query']

/** A list that is an operation of the document. */
export function createListing<N extends OperationName>(
  transport: Transport,
  name: N,
  query: QueryOf<N> | undefined,
  params: Readonly<Record<string, string>>,
  options: CallOptions | undefined,
): Listing<Operations[N]['data']> {
  return createListingOf(transport, operations[name][1], { query, params, options })
}

export function createListingOf<T>({ envelope }: Transport, path: string, given: Ask): Listing<T> {
  const ask = async (more: Readonly<Record<string, unknown>> = {}): Promise<Page<T>> => {
    const { data, meta } = await envelope<readonly T[]>('GET', path, { ...given, query: { ...given.query, ...more } })
    const { limit, page, total, nextCursor } = meta as unknown as Page<T>
    return { items: data, limit, page, total, nextCursor }
  }
  async function* pages(): AsyncGenerator<Page<T>> {
    let page = await ask()
    yield page
    while (page.nextCursor !== null) {
      page = await ask({ cursor: page.nextCursor, page: undefined })
      yield page
    }
  }
  return {
    page: () => ask(),
    pages,
    async *[Symbol.asyncIterator]() {
      for await (const { items } of pages()) yield* items
    },
  }
}

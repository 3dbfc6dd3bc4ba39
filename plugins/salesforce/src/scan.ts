import type { Client, QueryOptions, Row } from './client.ts'
import { encodeSoql } from './client.ts'
import { isTooMuch, salesforceCode } from './errors.ts'
import { inIds, isRecordId, quote, select, toIso } from './soql.ts'

export interface Scan {
  readonly object: string
  readonly fields: readonly string[]
  readonly where?: string | undefined
  /** The order: by id, or by this time and then by id. */
  readonly stamp?: string
  /** Only what comes after this row. */
  readonly after?: Row | undefined
}

const smallestSlice = 50

/**
 * Every record of a query in the order of its key, whatever becomes of the server's locators: when one is lost or a query
 * takes too long, the next query goes on behind the last row, in smaller slices where needed.
 */
export async function* scan(
  client: Client,
  query: Scan,
  options: QueryOptions,
): AsyncGenerator<readonly Row[], void, void> {
  let { after } = query
  let slice: number | undefined
  while (true) {
    let count = 0
    try {
      const soql = `${select(query.fields, query.object, query.where, after && behind(after, query.stamp))} ORDER BY ${query.stamp ? `${query.stamp}, ` : ''}Id${slice ? ` LIMIT ${slice}` : ''}`
      for await (const page of client.query(soql, options)) {
        after = page.at(-1) ?? after
        count += page.length
        yield page
      }
      if (slice === undefined || count < slice) return
    } catch (error) {
      const lost = salesforceCode(error) === 'INVALID_QUERY_LOCATOR' && count > 0
      const slow = isTooMuch(error) && (slice ?? Number.POSITIVE_INFINITY) > smallestSlice
      if (slow) slice = slice === undefined ? 2_000 : Math.max(smallestSlice, slice >> 2)
      if (!lost && !slow) throw error
    }
  }
}

/** A plain `>=` on the time would turn in circles when a mass update gave more rows one time than a page holds. */
function behind(row: Row, stamp: string | undefined): string {
  const id = quote(String(row.Id))
  if (!stamp) return `Id > ${id}`
  const time = toIso(row[stamp])
  return `${stamp} > ${time} OR (${stamp} = ${time} AND Id > ${id})`
}

/** Ids in chunks that fit into the address of a query besides the rest of it. */
export function chunksOf(client: Client, ids: readonly string[], soql: string, most = 400): string[][] {
  const room = client.addressRoom - encodeSoql(soql).length
  const size = Math.max(10, Math.min(most, Math.floor(room / 25)))
  return Array.from({ length: Math.ceil(ids.length / size) }, (_, index) => ids.slice(index * size, (index + 1) * size))
}

/** The rows that name one of these ids in `field`: of so many ids at once as Salesforce can answer for, all of them or an error. */
export async function* among(
  client: Client,
  query: Scan & { readonly field: string; readonly ids: readonly string[] },
  options: QueryOptions,
): AsyncGenerator<readonly Row[], void, void> {
  let rest = query.ids.filter(isRecordId)
  let most: number | undefined
  const begin = select(query.fields, query.object, query.where)
  for (let lost = 0; rest.length > 0; ) {
    const chunk = chunksOf(client, rest, begin)[0]!.slice(0, most)
    try {
      // Given when they are complete: what comes before an error comes again after it.
      const pages = await Array.fromAsync(
        client.query(select(query.fields, query.object, inIds(query.field, chunk), query.where), options),
      )
      yield* pages
      rest = rest.slice(chunk.length)
    } catch (error) {
      const tooMuch = isTooMuch(error) && chunk.length > 1
      if (tooMuch) most = Math.ceil(chunk.length / 4)
      const again = salesforceCode(error) === 'INVALID_QUERY_LOCATOR' && ++lost < 3
      if (!tooMuch && !again && !client.shorten(error)) throw error
    }
  }
}

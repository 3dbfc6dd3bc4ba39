import type { Database } from './client.ts'
import { type Page, packedStatement, toPage, unpack } from './packed.ts'
import type { KeyPart } from './path.ts'
import type { Plan } from './plan.ts'
import { listStatement } from './statements.ts'
import type { Transaction } from './transaction.ts'

export interface ScanOptions {
  readonly after?: readonly KeyPart[] | undefined
  readonly limit?: number | undefined
  readonly maxRowBytes: number
  readonly signal: AbortSignal
  /** How long one snapshot may be held, in milliseconds; 30 s unless told. */
  readonly snapshotMs?: number
}

/**
 * Pages of listed rows from one server-side cursor, the next page being fetched while this one is used. A listing that
 * its consumer takes slowly goes on after the last key in a new transaction: an old snapshot keeps VACUUM from working
 * and gets a standby's queries cancelled. Rows without a usable key have no place to go on from and keep theirs.
 */
export async function* scan(database: Database, plan: Plan, options: ScanOptions): AsyncGenerator<Page> {
  const { maxRowBytes, signal, snapshotMs = 30_000 } = options
  const size = pageRows(plan)
  let after = options.after
  let limit = options.limit
  for (let done = false; !done; ) {
    const transaction = await database.begin(signal)
    let expired = false
    const expire = () => {
      expired = true
      transaction.commit().catch(() => {})
    }
    let timer: NodeJS.Timeout | undefined
    try {
      const packed = plan.resumable && limit === undefined && (await isOrdered(transaction, plan))
      await transaction.declare(
        packed ? packedStatement(plan, size, after) : listStatement(plan, { after, limit, maxRowBytes }),
      )
      const fetch = async () =>
        packed ? unpack((await transaction.fetch(1))[0]) : toPage(await transaction.fetch(size))
      let next: Promise<Page> | undefined = fetch()
      while (next) {
        // It may fail while the consumer is busy, before anyone waits for it.
        next.catch(() => {})
        const rows: Page = await next
        // From the first page on: a slow sort must not start over for ever.
        if (plan.resumable) timer ??= setTimeout(expire, snapshotMs).unref()
        done = rows.length < size
        next = done || expired ? undefined : fetch()
        if (done) await transaction.commit()
        if (rows.length === 0) break
        after = rows.row(rows.length - 1).slice(0, plan.key.length)
        if (limit !== undefined) limit -= rows.length
        yield rows
      }
    } finally {
      clearTimeout(timer)
      await transaction.close()
    }
  }
}

/** Few rows where they are wide: two pages are in memory at once. */
function pageRows({ key, facts, batchRows }: Plan): number {
  if (key.length === 0) return batchRows
  return facts.length > 0 ? 500 : 2000
}

/**
 * Whether the rows lie about in the order of their key. A large table where they do not (random UUIDs) is sorted
 * instead: going through its index would fetch its pages over and over.
 */
async function isOrdered(transaction: Transaction, { relation, key }: Plan): Promise<boolean> {
  if (relation.kind === 'r' && relation.pages < 12_800) return true
  const [row] = await transaction.rows({
    text: 'SELECT abs(correlation) > 0.5 FROM pg_stats WHERE schemaname = $1 AND tablename = $2 AND attname = $3',
    values: [relation.schema, relation.name, key[0]?.name],
  })
  return row?.[0] !== 'f'
}

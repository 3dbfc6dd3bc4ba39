import { type Checkpoint, ConnectorError, checkpoint, type Entry, type Json, type ListRun } from '@cx/core'
import type { Config } from './config.ts'
import { createEntry } from './entry.ts'
import { concernsEverything, sqlState, toConnectorError } from './errors.ts'
import { type Page, toPage } from './packed.ts'
import { decodeKey, type KeyPart } from './path.ts'
import type { Plan } from './plan.ts'
import { scan } from './scan.ts'
import type { Session } from './session.ts'
import { lookupStatement } from './statements.ts'
import type { Row } from './transaction.ts'

/** Where a listing stands: in a table, after a key (`null` when it is done with it), with so many rows behind it. */
type Position = { readonly table: string; readonly after: readonly KeyPart[] | null; readonly count: number }

type Run = ListRun<Config>

/**
 * Lists table by table. One that cannot be read is reported, with everything under it; what concerns the connection
 * or the custom query ends the listing.
 */
export async function* list(session: Session, run: Run): AsyncGenerator<Entry | Checkpoint> {
  const targets = await findTargets(session, run)
  const position = toPosition(run.resume)
  // A table that went away has no place in the order that can be relied on.
  const resume = targets.some(({ path }) => path === position?.table) ? position : undefined
  for (const target of targets) {
    if (resume && (target.path < resume.table || (target.path === resume.table && resume.after === null))) continue
    const wanted = wantedRows(target.path, run.paths)
    if (wanted === undefined) continue
    const { plan } = target
    try {
      if (!plan) throw target.problem
      const pages =
        wanted === 'all' || plan.key.length === 0
          ? listTable(session, plan, run, resume?.table === plan.path ? resume : undefined)
          : listKeys(session, plan, run, wanted)
      // Pages, because handing a million entries through a second generator takes as long as fetching them.
      for await (const { rows, toEntry, end } of pages) {
        for (let i = 0; i < rows.length; i++) yield toEntry(rows.row(i))
        if (end) yield end
      }
    } catch (error) {
      run.signal.throwIfAborted()
      const failure = toConnectorError(error, `Listing ${plan?.label ?? target.path}`)
      if (concernsEverything(failure) || session.config.query !== undefined) throw failure
      session.log.warn('A table could not be listed.', { table: target.path, code: failure.code })
      run.unreadable(target.path.slice(0, -1), failure)
      continue
    }
    yield checkpoint({ table: target.path, after: null, count: 0 })
  }
}

/** Undefined for what no listing of this version can have yielded. */
function toPosition(resume: Json | undefined): Position | undefined {
  const { table, after, count } = (resume ?? {}) as Partial<Position>
  const known = after === null || (Array.isArray(after) && after.every((part) => typeof part === 'string'))
  return typeof table === 'string' && typeof count === 'number' && known ? { table, after, count } : undefined
}

async function findTargets(session: Session, { signal }: Run) {
  try {
    return await session.targets(signal)
  } catch (error) {
    signal.throwIfAborted()
    throw toConnectorError(error, 'Looking up the tables')
  }
}

/** Which rows of a table the run asks for. */
function wantedRows(table: string, paths: readonly string[] | undefined): 'all' | string[] | undefined {
  if (paths === undefined) return 'all'
  const rows: string[] = []
  for (const path of paths) {
    if (path === '' || path === '/' || `${path}/`.startsWith(table) === false) {
      // A schema, the whole source, or somewhere else.
      if (path === '' || path === '/' || table.startsWith(path.endsWith('/') ? path : `${path}/`)) return 'all'
      continue
    }
    const row = path.slice(table.length)
    if (row === '') return 'all'
    rows.push(row)
  }
  return rows.length === 0 ? undefined : rows
}

/** A page of a listing, with the checkpoint behind it. */
interface Listed {
  readonly rows: Page
  readonly toEntry: (row: Row) => Entry
  readonly end?: Checkpoint
}

async function* listTable(
  session: Session,
  plan: Plan,
  { signal, unreadable }: Run,
  position: Position | undefined,
): AsyncGenerator<Listed> {
  const { config, database } = session
  const after = plan.resumable && position?.after?.length === plan.key.length ? position.after : undefined
  let count = after && position ? position.count : 0
  const limit = config.maxRows === undefined ? undefined : config.maxRows - count + 1
  const toEntry = plan.resumable ? createEntry(plan, config) : distinguish(session, plan)

  for await (const rows of scan(database, plan, { after, limit, maxRowBytes: config.maxRowBytes, signal })) {
    const allowed = Math.min(rows.length, (config.maxRows ?? Number.POSITIVE_INFINITY) - count)
    count += allowed
    const listed: Page = { length: allowed, row: rows.row }
    if (plan.resumable && allowed > 0) {
      const last = rows.row(allowed - 1).slice(0, plan.key.length)
      yield { rows: listed, toEntry, end: checkpoint<Json>({ table: plan.path, after: last, count }) }
    } else yield { rows: listed, toEntry }
    if (allowed < rows.length) {
      unreadable(plan.path.slice(0, -1), overLimit(plan, config.maxRows))
      return
    }
  }
}

/** Rows that come in order of their identity, and may have the same one. */
function distinguish({ config, retained, log }: Session, plan: Plan): (row: Row) => Entry {
  const toEntry = createEntry(plan, config)
  const keyless = plan.key.length === 0
  const width = Math.max(1, plan.key.length)
  const content = width + 1 + plan.facts.length
  let occurrence = 0
  let before: string | undefined
  if (keyless)
    log.warn('No key identifies its rows: every run reads all of it. `idColumns` can name one.', { table: plan.label })
  return (row) => {
    const id = JSON.stringify(row.slice(0, width))
    occurrence = id === before ? occurrence + 1 : 1
    before = id
    if (occurrence > 1 && !keyless) throw notUnique(plan, row)
    const entry = toEntry(row, occurrence)
    if (keyless) retained.keep(entry.id, row.slice(content))
    return entry
  }
}

async function* listKeys(
  { config, database }: Session,
  plan: Plan,
  { signal }: Run,
  wanted: readonly string[],
): AsyncGenerator<Listed> {
  const toEntry = createEntry(plan, config)
  const keys = wanted.map(decodeKey).filter((key) => key.length === plan.key.length)
  for (let start = 0; start < keys.length; start += 500)
    yield { rows: toPage(await lookup(keys.slice(start, start + 500))), toEntry }

  async function lookup(some: KeyPart[][]): Promise<Row[]> {
    try {
      return await database.read(signal, (transaction) => transaction.rows(lookupStatement(plan, some)))
    } catch (error) {
      // Not a value of the key's type, such as letters for a bigint: no row can have it.
      if (!sqlState(error).startsWith('22')) throw error
      if (some.length === 1) return []
      const half = some.length >> 1
      return [...(await lookup(some.slice(0, half))), ...(await lookup(some.slice(half)))]
    }
  }
}

function overLimit(plan: Plan, maxRows: number | undefined): ConnectorError {
  return new ConnectorError(
    'unprocessable',
    `${plan.label} has more than \`maxRows\` (${maxRows}) rows: only the first were listed, and nothing of it is deleted.`,
  )
}

function notUnique(plan: Plan, row: readonly KeyPart[]): ConnectorError {
  const names = plan.key.map(({ name }) => name).join(', ')
  return new ConnectorError(
    'misconfigured',
    `${plan.label} has several rows with the same ${names} (${row.slice(0, plan.key.length).join(', ')}). Set \`idColumns\` to columns that identify a row.`,
  )
}

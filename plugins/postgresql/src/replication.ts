import { createHash } from 'node:crypto'
import { type Checkpoint, ConnectorError, checkpoint, type Entry, type Json, type Removed, removed } from '@cx/core'
import { createEntry } from './entry.ts'
import { sqlState, toConnectorError } from './errors.ts'
import { encodeKey, type KeyPart } from './path.ts'
import { formatLsn, type Message, PgoutputDecoder, parseLsn, type RelationMessage, type Tuple } from './pgoutput.ts'
import type { Plan } from './plan.ts'
import type { Session } from './session.ts'
import { advanceSlot, assertPublished, readAfter, type SlotState, settled, slotState } from './slot.ts'
import { ident } from './sql.ts'
import { lookupStatement } from './statements.ts'
import type { Target } from './targets.ts'

/** Where the change feed stands: everything before `lsn` is stored. */
export type Cursor = { readonly slot: string; readonly lsn: string; readonly shape: string }

/** Rows looked up at once. */
const chunk = 500

/** The end of the WAL, or null when changes are found by listing; while long transactions run, the slot's last acknowledgement: what came since is told again. */
export async function now(session: Session, signal: AbortSignal): Promise<Cursor | null> {
  const { config, database } = session
  if (config.changeTracking !== 'cdc') return null
  return wrap(signal, 'Reading the replication slot', async () => {
    const targets = await session.targets(signal)
    const state = await database.read(signal, async (transaction) => {
      await assertPublished(transaction, config, targets)
      return slotState(transaction, config)
    })
    const lsn = (await settled(database, signal)) ? state.written : state.confirmed
    return { slot: config.slotName ?? '', lsn, shape: shapeOf(targets) }
  })
}

/**
 * Pulls what the slot holds. Only the keys are taken from it: the rows are selected again, so that a value which an
 * update left alone (and the WAL leaves out) is there. What was stored, and only that, is acknowledged: the cursor
 * comes back here at the next run.
 *
 * @throws ConnectorError `cursor_expired` when a listing is needed.
 */
export async function* since(
  session: Session,
  cursor: Cursor,
  signal: AbortSignal,
): AsyncGenerator<Entry | Removed | Checkpoint<Cursor>> {
  const { config } = session
  const slot = config.slotName ?? ''
  if (config.changeTracking !== 'cdc' || (cursor as Cursor | null) === null)
    throw expired('Changes are found by listing.')
  if (cursor.slot !== slot || !/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/.test(cursor.lsn))
    throw expired(`The cursor is not one of replication slot ${slot}.`)
  const targets = await wrap(signal, 'Looking up the tables', () => session.targets(signal))
  const shape = shapeOf(targets)
  if (shape !== cursor.shape) throw expired('Tables, columns or the configuration changed.')
  const state = await acknowledge(session, cursor.lsn, signal)
  if (state.backlog > config.maxSlotLagBytes)
    throw expired(`The replication slot is ${state.backlog} bytes of WAL behind, more than \`maxSlotLagBytes\`.`)

  const changes = new Changes(session, targets, signal)
  let lsn = parseLsn(cursor.lsn)
  for await (const message of messages(session, signal)) {
    await changes.add(message)
    if (changes.size >= chunk) yield* changes.take()
    if (message.kind !== 'commit') continue
    lsn = latest(message.end, lsn)
    // Not after every transaction: a checkpoint costs the engine a commit.
    if (changes.size >= chunk / 2) {
      yield* changes.take()
      yield checkpoint<Cursor>({ slot, lsn: formatLsn(lsn), shape })
    }
  }
  yield* changes.take()
  // All that was committed when this began is told: other tables' WAL need not be held back either.
  yield checkpoint<Cursor>({ slot, lsn: formatLsn(latest(parseLsn(state.flushed), lsn)), shape })
}

/** Lets the server forget the WAL before `lsn`: all of it was stored. */
async function acknowledge({ config, database }: Session, lsn: string, signal: AbortSignal): Promise<SlotState> {
  try {
    return await database.read(signal, async (transaction) => {
      const { confirmed, written } = await slotState(transaction, config)
      if (parseLsn(confirmed) > parseLsn(lsn)) throw expired('Something else read the replication slot.')
      if (parseLsn(written) < parseLsn(lsn)) throw expired('The server was restored to an earlier state.')
      await advanceSlot(transaction, config.slotName ?? '', lsn)
      return slotState(transaction, config)
    })
  } catch (error) {
    signal.throwIfAborted()
    const failure = toConnectorError(error, 'Advancing the replication slot')
    // The slot is missing or lost: what it would have told can only be listed.
    throw failure.code === 'misconfigured' ? expired(failure.message) : failure
  }
}

function latest(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

/** The slot's content up to now, without acknowledging it; kept on the server's disk while it is consumed. */
async function* messages({ config, database }: Session, signal: AbortSignal): AsyncGenerator<Message> {
  const decoder = new PgoutputDecoder()
  const transaction = await wrap(signal, 'Reading the replication slot', () => database.begin(signal))
  try {
    await transaction.declare({
      text: `SELECT data FROM pg_logical_slot_peek_binary_changes($1, NULL, NULL,
  'proto_version', '1', 'publication_names', $2)`,
      values: [config.slotName, ident(config.publicationName ?? '')],
    })
    for (;;) {
      const rows = await transaction.fetch(100)
      for (const [data] of rows) {
        const message = decoder.decode(Buffer.from(data!.slice(2), 'hex'))
        if (message) yield message
      }
      if (rows.length < 100) return
    }
  } catch (error) {
    signal.throwIfAborted()
    throw toConnectorError(error, 'Reading the replication slot')
  } finally {
    await transaction.close()
  }
}

/** Rows that changed, by table, until they are looked up. */
class Changes {
  readonly #session: Session
  readonly #signal: AbortSignal
  readonly #byOid: Map<string, Plan | undefined>
  readonly #keys = new Map<Plan, Map<string, readonly KeyPart[]>>()
  readonly #xids = new Set<number>()
  #size = 0

  constructor(session: Session, targets: readonly Target[], signal: AbortSignal) {
    this.#session = session
    this.#signal = signal
    this.#byOid = new Map(targets.map(({ relation, plan }) => [relation.oid, plan]))
  }

  get size(): number {
    return this.#size
  }

  async add(message: Message): Promise<void> {
    if (message.kind === 'begin') this.#xids.add(message.xid)
    else if (message.kind === 'relation') assertIdentity(await this.#plan(message.oid), message)
    else if (message.kind === 'truncate') {
      for (const oid of message.oids)
        if (await this.#plan(oid)) throw expired('A table was truncated: only a listing tells what is left.')
    } else if (message.kind === 'change') {
      const plan = await this.#plan(message.oid)
      if (!plan) return
      for (const tuple of [message.before, message.after]) this.#note(plan, tuple)
    }
  }

  async *take(): AsyncGenerator<Entry | Removed> {
    const { config, database } = this.#session
    for (const [plan, keys] of this.#keys) {
      const wanted = [...keys.values()]
      const rows = await wrap(this.#signal, `Reading changed rows of ${plan.label}`, () =>
        readAfter(database, this.#xids, this.#signal, (transaction) => transaction.rows(lookupStatement(plan, wanted))),
      )
      const toEntry = createEntry(plan, config)
      for (const row of rows) {
        const entry = toEntry(row)
        keys.delete(entry.id)
        yield entry
      }
      for (const id of keys.keys()) yield removed(id)
    }
    this.#keys.clear()
    this.#size = 0
    // The transaction that is being read goes on.
    for (const xid of [...this.#xids].slice(0, -1)) this.#xids.delete(xid)
  }

  /** A partition's changes may come under its own name. */
  async #plan(oid: string): Promise<Plan | undefined> {
    if (this.#byOid.has(oid)) return this.#byOid.get(oid)
    const rows = await wrap(this.#signal, 'Looking up a partition', () =>
      this.#session.database.read(this.#signal, (transaction) =>
        transaction.rows({ text: 'SELECT pg_partition_root($1::oid)::oid', values: [oid] }),
      ),
    )
    const plan = this.#byOid.get(rows[0]?.[0] ?? '')
    this.#byOid.set(oid, plan)
    return plan
  }

  #note(plan: Plan, tuple: Tuple | undefined): void {
    const key = plan.key.map(({ name }) => tuple?.get(name))
    // A tuple without the key says that the key did not change: the other tuple has it.
    if (!key.every((part) => part !== undefined)) return
    const keys = this.#keys.get(plan) ?? new Map<string, readonly KeyPart[]>()
    this.#keys.set(plan, keys)
    const id = plan.path + encodeKey(key)
    if (keys.has(id)) return
    keys.set(id, key)
    this.#size++
  }
}

function assertIdentity(plan: Plan | undefined, { columns }: RelationMessage): void {
  const identifying = new Set(columns.flatMap(({ name, identifying: is }) => (is ? [name] : [])))
  if (!plan || plan.key.every(({ name }) => identifying.has(name))) return
  throw new ConnectorError(
    'misconfigured',
    `Deletions in ${plan.label} cannot be told: its replica identity lacks ${plan.key.map(({ name }) => name).join(', ')}.`,
    { remediation: `ALTER TABLE ${plan.label} REPLICA IDENTITY DEFAULT (its primary key), USING INDEX or FULL.` },
  )
}

/** Changes whenever a listing would say something else about rows that did not change. */
function shapeOf(targets: readonly Target[]): string {
  const parts: Json = targets.map(({ path, plan }) =>
    plan
      ? [
          path,
          plan.shape,
          plan.key.map(({ name }) => name),
          plan.facts.map(({ role, column }) => `${role} ${column.name}`),
          plan.condition ?? '',
        ]
      : [path],
  )
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

function expired(message: string): ConnectorError {
  return new ConnectorError('cursor_expired', message)
}

async function wrap<T>(signal: AbortSignal, where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    // 55006: in use. 55000: a slot that cannot be read any more.
    if (sqlState(error) === '55000') throw expired(error instanceof Error ? error.message : where)
    throw toConnectorError(error, where)
  }
}

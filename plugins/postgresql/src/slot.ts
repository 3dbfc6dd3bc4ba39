import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectorError } from '@cx/core'
import type { Database } from './client.ts'
import type { Config } from './config.ts'
import { ident } from './sql.ts'
import type { Target } from './targets.ts'
import type { Transaction } from './transaction.ts'

export interface SlotState {
  /** Everything before it was acknowledged. */
  readonly confirmed: string
  /** Where the WAL ends now: what decoding reaches, and what was written. */
  readonly flushed: string
  readonly written: string
  /** Bytes of WAL since the acknowledgement. */
  readonly backlog: number
  /** Bytes of WAL that the server keeps for the slot. */
  readonly held: number
  /** The server ends slots that hold back more than `max_slot_wal_keep_size`. */
  readonly limited: boolean
}

/** @throws ConnectorError `misconfigured`, with the statement that creates it, when the slot is missing or unusable. */
export async function slotState(transaction: Transaction, config: Config): Promise<SlotState> {
  const slot = config.slotName ?? ''
  const [row] = await transaction.rows({
    text: `SELECT plugin, database, wal_status, confirmed_flush_lsn, w.flushed, w.written,
  coalesce(pg_wal_lsn_diff(w.flushed, confirmed_flush_lsn), 0), coalesce(pg_wal_lsn_diff(w.flushed, restart_lsn), 0),
  current_setting('max_slot_wal_keep_size') <> '-1'
FROM pg_replication_slots, LATERAL (
  SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END AS flushed,
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END AS written
) AS w WHERE slot_name = $1`,
    values: [slot],
  })
  const create = `SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`
  if (!row)
    throw new ConnectorError('misconfigured', `There is no replication slot ${slot}.`, {
      remediation: `In database ${config.database}, as a role with REPLICATION: ${create}`,
    })
  const [plugin, database, status, confirmed, flushed, written, backlog, held, limited] = row
  if (plugin !== 'pgoutput' || database !== config.database)
    throw new ConnectorError(
      'misconfigured',
      `Replication slot ${slot} is of plugin ${plugin} in database ${database}; it must be of pgoutput in ${config.database}.`,
    )
  if (status === 'lost' || !confirmed)
    throw new ConnectorError(
      'misconfigured',
      `Replication slot ${slot} fell behind \`max_slot_wal_keep_size\`, and the server gave up its WAL.`,
      { remediation: `SELECT pg_drop_replication_slot('${slot}'); ${create}` },
    )
  return {
    confirmed,
    flushed: flushed!,
    written: written!,
    backlog: Number(backlog),
    held: Number(held),
    limited: limited === 't',
  }
}

/**
 * Verifies that the publication covers what is selected.
 *
 * @throws ConnectorError `misconfigured`, naming what it does not cover.
 */
export async function assertPublished(
  transaction: Transaction,
  config: Config,
  targets: readonly Target[],
): Promise<void> {
  const publication = config.publicationName ?? ''
  const [row] = await transaction.rows({
    text: `SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate,
  coalesce((
    SELECT json_agg(DISTINCT coalesce(pg_partition_root(c.oid), c.oid)::oid::text)
    FROM pg_publication_tables t JOIN pg_namespace n ON n.nspname = t.schemaname
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
    WHERE t.pubname = p.pubname
  ), '[]')::text
FROM pg_publication p WHERE pubname = $1`,
    values: [publication],
  })
  if (!row)
    throw new ConnectorError('misconfigured', `There is no publication ${JSON.stringify(publication)}.`, {
      remediation: `The owner of the tables runs: CREATE PUBLICATION ${ident(publication)} FOR TABLE …`,
    })
  if (row[0] !== 't')
    throw new ConnectorError(
      'misconfigured',
      `Publication ${publication} must publish insert, update, delete and truncate.`,
    )
  const published = new Set(JSON.parse(row[1]!) as string[])
  for (const { plan } of targets) {
    if (!plan) continue
    if (!plan.resumable)
      throw new ConnectorError(
        'misconfigured',
        `${plan.label} cannot be followed by cdc: it is a view or has no key.`,
        {
          remediation: 'Add it to `excludeTables` or set `includeViews` to false, or use `changeTracking` "auto".',
        },
      )
    if (!published.has(plan.relation.oid))
      throw new ConnectorError('misconfigured', `Publication ${publication} does not hold ${plan.label}.`, {
        remediation: `ALTER PUBLICATION ${ident(publication)} ADD TABLE ${plan.label}, or add it to \`excludeTables\`.`,
      })
  }
}

/** Lets the server forget WAL before `lsn`. */
export async function advanceSlot(transaction: Transaction, slot: string, lsn: string): Promise<void> {
  await transaction.rows({
    text: `SELECT pg_replication_slot_advance($1, $2::pg_lsn) FROM pg_replication_slots
WHERE slot_name = $1 AND confirmed_flush_lsn < $2::pg_lsn`,
    values: [slot, lsn],
  })
}

/** The transactions that run now, by id. Their locks end after they became visible. */
async function running(transaction: Transaction): Promise<ReadonlySet<string>> {
  const rows = await transaction.rows({
    text: `SELECT transactionid FROM pg_locks WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted`,
  })
  return new Set(rows.map(([xid]) => xid!))
}

/**
 * Whether everything committed before this call can be seen by who looks from now on: a commit is in the WAL a moment
 * before other sessions see it. Waits a second at most for transactions that run now.
 */
export async function settled(database: Database, signal: AbortSignal): Promise<boolean> {
  const before = await database.read(signal, running)
  for (let attempt = 0, left = before; attempt < 20; attempt++) {
    if (left.size === 0) return true
    await sleep(50, undefined, { signal })
    const still = await database.read(signal, running)
    left = new Set([...before].filter((xid) => still.has(xid)))
  }
  return false
}

/** Whether a snapshot, as text `xmin:xmax:xip,…`, sees what this 32-bit transaction did. */
export function sees(snapshot: string, xid: number): boolean {
  const [, xmax = '0', running = ''] = snapshot.split(':')
  const low = (text: string) => Number(BigInt(text) & 0xffffffffn)
  // Transaction ids go round: the difference counts, as a signed 32-bit number.
  if (((xid - low(xmax)) | 0) >= 0) return false
  return !running.split(',').some((text) => text !== '' && low(text) === xid)
}

/**
 * Runs `work` in a transaction that sees these transactions. The WAL shows a commit a moment before other sessions do
 * (with synchronous replication, long before): a row selected in between is the old one, and its change would be lost.
 */
export async function readAfter<T>(
  database: Database,
  xids: ReadonlySet<number>,
  signal: AbortSignal,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const result = await database.read(signal, async (transaction) => {
      const [row] = await transaction.rows({ text: 'SELECT pg_current_snapshot()' })
      const snapshot = row?.[0] ?? ''
      return [...xids].every((xid) => sees(snapshot, xid)) ? { value: await work(transaction) } : undefined
    })
    if (result) return result.value
    await sleep(25, undefined, { signal })
  }
  throw new ConnectorError(
    'unavailable',
    'A transaction in the WAL is still not visible: a synchronous standby may be slow.',
  )
}

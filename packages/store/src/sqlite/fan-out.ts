import type { Json } from '@cx/core'
import { newId } from '../id.ts'
import type { Webhook, WebhookEvent } from '../webhooks.ts'
import type { Connection } from './connection.ts'
import { insertDelivery } from './deliveries.ts'
import { listeners } from './webhooks.ts'

/** Rows looked at in one call: a bound on how long the writer is taken. */
const most = 2_000

/** Nothing more of what came before is to be waited for. */
const ends: ReadonlySet<WebhookEvent> = new Set([
  'sync.completed',
  'sync.partial',
  'sync.failed',
  'sync.needs_confirmation',
  'connector.deleted',
])

interface Change {
  readonly no: number
  readonly connectorNo: number
  readonly type: WebhookEvent
  readonly documentId: string
  readonly path: string
  readonly error: string | null
  readonly at: number
}

interface Happened {
  readonly type: WebhookEvent
  readonly collectionId: string
  readonly data: Json
  readonly at: number
}

/** See `WebhookStore.fanOut`. */
export function fanOut(
  db: Connection,
  { now, batchMs, batchSize }: { readonly now: number; readonly batchMs: number; readonly batchSize: number },
): number {
  return db.transaction(() => {
    const hooks = listeners(db)
    const outbox = db.all<{
      no: number
      type: WebhookEvent
      connectorId: string
      collectionId: string
      data: string
      at: number
    }>(
      `SELECT no, type, connector_id AS connectorId, collection_id AS collectionId, data, at FROM webhook_outbox
       ORDER BY no LIMIT ?`,
      most,
    )
    // Documents first: when a sync is told to be over, so is what it did.
    let told = 0
    const ended = new Set(outbox.filter(({ type }) => ends.has(type)).map(({ connectorId }) => connectorId))
    for (const batch of batches(db, batchSize)) {
      const connector = db.get<{ id: string; name: string; type: string; collectionId: string }>(
        `SELECT c.id, c.name, c.type, l.id AS collectionId FROM connectors c JOIN collections l ON l.no = c.collection_no
         WHERE c.no = ?`,
        batch[0]!.connectorNo,
      )
      const isDue = batch.length === batchSize || batch[0]!.at <= now - batchMs || !connector || ended.has(connector.id)
      if (!isDue) continue
      for (const { no } of batch) db.run('DELETE FROM webhook_changes WHERE no = ?', no)
      if (!connector) continue
      tell(db, hooks, now, documentsEvent(connector, batch))
      told++
    }
    for (const { no, data, ...event } of outbox) {
      db.run('DELETE FROM webhook_outbox WHERE no = ?', no)
      tell(db, hooks, now, { ...event, data: JSON.parse(data) as Json })
      told++
    }
    return told
  })
}

/** Of one connector and type each, in the order in which they happened. */
function batches(db: Connection, size: number): Change[][] {
  const changes = db.all<Change>(
    `SELECT no, connector_no AS connectorNo, type, document_id AS documentId, path, error, at FROM webhook_changes
     ORDER BY no LIMIT ?`,
    most,
  )
  const made: Change[][] = []
  const open = new Map<string, Change[]>()
  for (const change of changes) {
    const key = `${change.connectorNo} ${change.type}`
    let batch = open.get(key)
    if (batch === undefined || batch.length === size) {
      batch = []
      open.set(key, batch)
      made.push(batch)
    }
    batch.push(change)
  }
  return made
}

function documentsEvent(
  { id, name, type, collectionId }: { id: string; name: string; type: string; collectionId: string },
  batch: readonly Change[],
): Happened {
  const documents = batch.map(({ documentId, path, error }) => ({
    id: documentId,
    path,
    ...(error === null ? {} : { error: JSON.parse(error) as Json }),
  }))
  return {
    type: batch[0]!.type,
    collectionId,
    data: { connectorId: id, name, type, collection: collectionId, documents },
    at: batch[0]!.at,
  }
}

function tell(
  db: Connection,
  hooks: readonly (Webhook & { readonly no: number })[],
  now: number,
  { type, collectionId, data, at }: Happened,
): void {
  const id = newId('evt')
  const body = JSON.stringify({ id, type, createdAt: new Date(at).toISOString(), data })
  for (const { no, events, collections } of hooks)
    if (events.includes(type) && (collections === null || collections.includes(collectionId)))
      insertDelivery(db, { id, type, body, webhookNo: no, at: now }, now)
}

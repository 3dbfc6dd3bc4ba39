import { newId } from '../id.ts'
import type { AttemptResult, WebhookDelivery, WebhookStore } from '../webhooks.ts'
import type { Connection, Param } from './connection.ts'
import { keyset, page } from './page.ts'

interface Row {
  readonly no: number
  readonly id: string
  readonly webhookId: string
  readonly type: WebhookDelivery['type']
  readonly body: string
  readonly status: WebhookDelivery['status']
  readonly attempts: number
  readonly last_status: number | null
  readonly last_error: string | null
  readonly last_ms: number | null
  readonly next_at: number | null
  readonly created_at: number
  readonly completed_at: number | null
}

const from = `SELECT d.no, d.id, w.id AS webhookId, d.type, d.body, d.status, d.attempts, d.last_status, d.last_error,
    d.last_ms, d.next_at, d.created_at, d.completed_at
  FROM webhook_deliveries d JOIN webhooks w ON w.no = d.webhook_no`

function toDelivery(row: Row): WebhookDelivery {
  return {
    id: row.id,
    webhookId: row.webhookId,
    type: row.type,
    body: row.body,
    status: row.status,
    attempts: row.attempts,
    lastStatus: row.last_status,
    lastError: row.last_error,
    lastMs: row.last_ms,
    nextAttemptAt: row.next_at,
    createdAt: row.created_at,
    completedAt: row.completed_at,
  }
}

function deliveryOf(db: Connection, webhookId: string, id: string): WebhookDelivery | undefined {
  const row = db.get<Row>(`${from} WHERE w.id = ? AND d.id = ?`, webhookId, id)
  return row && toDelivery(row)
}

/** Queues an event for one webhook. */
export function insertDelivery(
  db: Connection,
  delivery: Pick<WebhookDelivery, 'id' | 'type' | 'body'> & { readonly webhookNo: number; readonly at: number },
  nextAt: number,
): void {
  db.run(
    `INSERT INTO webhook_deliveries (id, webhook_no, type, body, status, next_at, created_at)
     VALUES (?, ?, ?, ?, 'pending', ?, ?)`,
    delivery.id,
    delivery.webhookNo,
    delivery.type,
    delivery.body,
    nextAt,
    delivery.at,
  )
}

export function deliveryReads(db: Connection): Pick<WebhookStore, 'webhookWork' | 'deliveries'> {
  return {
    async webhookWork(now) {
      return (
        db.get(
          `SELECT 1 WHERE EXISTS (SELECT 1 FROM webhook_outbox) OR EXISTS (SELECT 1 FROM webhook_changes)
             OR EXISTS (SELECT 1 FROM webhooks w JOIN webhook_deliveries d ON d.webhook_no = w.no
               WHERE w.enabled = 1 AND d.status = 'pending' AND d.next_at <= ?)`,
          now,
        ) !== undefined
      )
    },
    async deliveries(webhookId, { status, ...request }) {
      const where = `d.webhook_no = (SELECT no FROM webhooks WHERE id = ?)${status ? ' AND d.status = ?' : ''}`
      const params: Param[] = [webhookId, ...(status ? [status] : [])]
      const total = db.get<{ n: number }>(`SELECT count(*) AS n FROM webhook_deliveries d WHERE ${where}`, ...params)?.n
      const { sql, values } = keyset(request, 'd.no', 'DESC')
      const rows = db.all<Row>(`${from} WHERE ${where} ${sql}`, ...params, ...values)
      return page(rows, request, total ?? 0, toDelivery)
    },
  }
}

type DeliveryWrites = Pick<
  WebhookStore,
  'addDelivery' | 'claimDeliveries' | 'settleDelivery' | 'replayDelivery' | 'purgeDeliveries'
>

export function deliveryWrites(db: Connection): DeliveryWrites {
  return {
    async addDelivery(webhookId, type, now, leaseMs) {
      return db.transaction(() => {
        const webhook = db.get<{ no: number }>('SELECT no FROM webhooks WHERE id = ?', webhookId)
        if (webhook === undefined) return undefined
        const id = newId('evt')
        const body = JSON.stringify({ id, type, createdAt: new Date(now).toISOString(), data: { webhookId } })
        insertDelivery(db, { id, type, body, webhookNo: webhook.no, at: now }, now + leaseMs)
        return deliveryOf(db, webhookId, id)
      })
    },
    // To be claimed is to be due again when the lease is over.
    async claimDeliveries({ now, leaseMs, free, perWebhook, limit }) {
      return db.transaction(() => {
        const claimed: Row[] = []
        for (const webhook of db.all<{ no: number; id: string }>('SELECT no, id FROM webhooks WHERE enabled = 1')) {
          const most = Math.min(free[webhook.id] ?? perWebhook, limit - claimed.length)
          if (most <= 0) continue
          claimed.push(
            ...db.all<Row>(
              `${from} WHERE d.webhook_no = ? AND d.status = 'pending' AND d.next_at <= ? ORDER BY d.next_at, d.no LIMIT ?`,
              webhook.no,
              now,
              most,
            ),
          )
        }
        for (const { no } of claimed)
          db.run('UPDATE webhook_deliveries SET next_at = ? WHERE no = ?', now + leaseMs, no)
        return claimed.map(toDelivery)
      })
    },
    async settleDelivery(webhookId, id, { status, nextAttemptAt, httpStatus, error, ms }: AttemptResult, now) {
      db.run(
        `UPDATE webhook_deliveries SET status = ?, attempts = attempts + 1, last_status = ?, last_error = ?, last_ms = ?,
           next_at = ?, completed_at = ? WHERE webhook_no = (SELECT no FROM webhooks WHERE id = ?) AND id = ?`,
        status,
        httpStatus,
        error,
        ms,
        nextAttemptAt,
        status === 'pending' ? null : now,
        webhookId,
        id,
      )
    },
    async replayDelivery(webhookId, id, now) {
      db.run(
        `UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_at = ?, completed_at = NULL
         WHERE webhook_no = (SELECT no FROM webhooks WHERE id = ?) AND id = ? AND status <> 'pending'`,
        now,
        webhookId,
        id,
      )
      return deliveryOf(db, webhookId, id)
    },
    async purgeDeliveries({ delivered, dead }) {
      return db.run(
        `DELETE FROM webhook_deliveries WHERE no IN (SELECT no FROM webhook_deliveries
           WHERE completed_at > 0 AND completed_at < CASE status WHEN 'dead' THEN ? ELSE ? END LIMIT 1000)`,
        dead,
        delivered,
      )
    },
  }
}

import type { Json } from '@cx/core'
import type { HookSubscription, ScheduledConnector, WebhookStore } from '../webhooks.ts'
import type { Connection } from './connection.ts'
import { enqueue } from './queue.ts'

export function scheduleReads(db: Connection): Pick<WebhookStore, 'dueSchedules' | 'hookSubscription'> {
  return {
    async dueSchedules(now) {
      return db.all<ScheduledConnector>(
        `SELECT id, schedule, timezone, next_sync_at AS nextSyncAt FROM connectors
         WHERE schedule IS NOT NULL AND deleted_at IS NULL AND activated = 1 AND enabled = 1
           AND (next_sync_at IS NULL OR next_sync_at <= ?)
         ORDER BY next_sync_at LIMIT 100`,
        now,
      )
    },
    async hookSubscription(connectorId) {
      const row = db.get<Omit<HookSubscription, 'handle'> & { handle: string | null }>(
        `SELECT c.id AS connectorId, s.url, s.handle, s.expires_at AS expiresAt, s.due_at AS dueAt, s.failures,
           s.last_error AS lastError
         FROM hook_subscriptions s JOIN connectors c ON c.no = s.connector_no WHERE c.id = ?`,
        connectorId,
      )
      return row && { ...row, handle: JSON.parse(row.handle ?? 'null') as Json }
    },
  }
}

type ScheduleWrites = Pick<WebhookStore, 'advanceSchedule' | 'putHookSubscription' | 'deleteHookSubscription'>

export function scheduleWrites(db: Connection): ScheduleWrites {
  return {
    async advanceSchedule({ id, schedule, timezone, nextSyncAt }, next) {
      return db.transaction(() => {
        const advanced = db.run(
          `UPDATE connectors SET next_sync_at = ? WHERE id = ? AND schedule = ? AND timezone = ? AND next_sync_at IS ?
             AND deleted_at IS NULL AND activated = 1 AND enabled = 1`,
          next.nextSyncAt,
          id,
          schedule,
          timezone,
          nextSyncAt,
        )
        if (advanced === 0) return false
        if (next.start) enqueue(db, { connectorId: id, kind: 'sync', params: { mode: 'auto' } })
        return true
      })
    },
    async putHookSubscription({ connectorId, url, handle, expiresAt, dueAt, failures, lastError }) {
      db.run(
        `INSERT INTO hook_subscriptions (connector_no, url, handle, expires_at, due_at, failures, last_error)
         SELECT no, ?, ?, ?, ?, ?, ? FROM connectors WHERE id = ? AND deleted_at IS NULL
         ON CONFLICT DO UPDATE SET url = excluded.url, handle = excluded.handle, expires_at = excluded.expires_at,
           due_at = excluded.due_at, failures = excluded.failures, last_error = excluded.last_error`,
        url,
        JSON.stringify(handle),
        expiresAt,
        dueAt,
        failures,
        lastError,
        connectorId,
      )
    },
    async deleteHookSubscription(connectorId) {
      db.run(
        'DELETE FROM hook_subscriptions WHERE connector_no = (SELECT no FROM connectors WHERE id = ?)',
        connectorId,
      )
    },
  }
}

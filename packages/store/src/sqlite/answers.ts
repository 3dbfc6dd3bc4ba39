import type { Json } from '@cx/core'
import type { AuditEvent, Page, PageRequest, Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { keyset, page } from './page.ts'
import type { Control } from './tables.ts'

/** Answers remembered under idempotency keys, and the audit log. */
export function answerWrites(
  db: Connection,
  control: Control,
): Pick<Store, 'idempotent' | 'rememberAnswer' | 'forgetAnswer' | 'audit'> {
  return {
    async idempotent(key, requestHash, ttlMs) {
      return db.transaction(() => {
        const now = Date.now()
        db.run('DELETE FROM answers WHERE expires_at <= ?', now)
        const found = db.get<{ request_hash: string; status: number | null; body: string | null }>(
          'SELECT request_hash, status, body FROM answers WHERE key = ?',
          key,
        )
        if (found === undefined) {
          db.run('INSERT INTO answers (key, request_hash, expires_at) VALUES (?, ?, ?)', key, requestHash, now + ttlMs)
          return { state: 'new' }
        }
        if (found.request_hash !== requestHash) return { state: 'mismatch' }
        if (found.status === null) return { state: 'pending' }
        return { state: 'done', status: found.status, body: JSON.parse(found.body ?? 'null') as Json }
      })
    },
    async rememberAnswer(key, status, body) {
      await control
        .updateTable('answers')
        .set({ status, body: JSON.stringify(body) })
        .where('key', '=', key)
        .execute()
    },
    async forgetAnswer(key) {
      await control.deleteFrom('answers').where('key', '=', key).execute()
    },
    async audit({ actor, action, target, details }) {
      await control
        .insertInto('audit')
        .values({ at: Date.now(), actor, action, target, details: JSON.stringify(details) })
        .execute()
    },
  }
}

/** Newest first. */
export function auditLog(db: Connection, request: PageRequest): Page<AuditEvent> {
  const total = db.get<{ n: number }>('SELECT count(*) AS n FROM audit')?.n ?? 0
  const { sql, values } = keyset(request, 'no', 'DESC')
  const rows = db.all<Omit<AuditEvent, 'details'> & { no: number; details: string }>(
    `SELECT no, at, actor, action, target, details FROM audit WHERE 1 ${sql}`,
    ...values,
  )
  return page(rows, request, total, ({ no: _no, details, ...event }) => ({
    ...event,
    details: JSON.parse(details) as Json,
  }))
}

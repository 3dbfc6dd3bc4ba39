import type { Store, TicketRow } from '../store.ts'
import type { Connection } from './connection.ts'

/** How long a ticket that has expired is kept, so that its owner is told so. */
const keepExpiredMs = 3_600_000

/** Leases and tickets. */
export function leaseWrites(db: Connection): Pick<Store, 'acquireLease' | 'releaseLease' | 'putTicket' | 'takeTicket'> {
  return {
    async acquireLease(name, owner, ttlMs) {
      const now = Date.now()
      return (
        db.run(
          `INSERT INTO leases (name, owner, expires_at) VALUES (?, ?, ?)
           ON CONFLICT DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
           WHERE owner = excluded.owner OR expires_at <= ?`,
          name,
          owner,
          now + ttlMs,
          now,
        ) > 0
      )
    },
    async releaseLease(name, owner) {
      db.run('DELETE FROM leases WHERE name = ? AND owner = ?', name, owner)
    },
    async putTicket({ hash, keyId, ciphertext, expiresAt }) {
      db.transaction(() => {
        db.run('DELETE FROM tickets WHERE expires_at <= ?', Date.now() - keepExpiredMs)
        db.run(
          'INSERT INTO tickets (hash, key_id, ciphertext, expires_at) VALUES (?, ?, ?, ?)',
          hash,
          keyId,
          ciphertext,
          expiresAt,
        )
      })
    },
    async takeTicket(hash) {
      const row = db.get<TicketRow>(
        'DELETE FROM tickets WHERE hash = ? RETURNING hash, key_id AS keyId, ciphertext, expires_at AS expiresAt',
        hash,
      )
      return row === undefined ? undefined : { ...row, ciphertext: new Uint8Array(row.ciphertext) }
    },
  }
}

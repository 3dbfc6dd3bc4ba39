import type { PageRequest } from '../store.ts'
import type { SealedSecret, Webhook, WebhookEvent, WebhookStore } from '../webhooks.ts'
import type { Connection } from './connection.ts'
import { keyset, page } from './page.ts'

interface Row {
  readonly no: number
  readonly id: string
  readonly url: string
  readonly description: string
  readonly events: string
  readonly collections: string | null
  readonly enabled: number
  readonly created_at: number
  readonly updated_at: number
}

const from = 'SELECT no, id, url, description, events, collections, enabled, created_at, updated_at FROM webhooks'

function toWebhook(row: Row): Webhook {
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    events: JSON.parse(row.events) as WebhookEvent[],
    collections: row.collections === null ? null : (JSON.parse(row.collections) as string[]),
    enabled: row.enabled === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

export function webhook(db: Connection, id: string): Webhook | undefined {
  const row = db.get<Row>(`${from} WHERE id = ?`, id)
  return row === undefined ? undefined : toWebhook(row)
}

/** Those that are told of everything enabled, with their keys. */
export function listeners(db: Connection): readonly (Webhook & { readonly no: number })[] {
  return db.all<Row>(`${from} WHERE enabled = 1 ORDER BY no`).map((row) => ({ ...toWebhook(row), no: row.no }))
}

/** Within `collections`: limited to some of these, and to no others. */
const within = `collections IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM json_each(webhooks.collections) c WHERE c.value NOT IN (SELECT value FROM json_each(?)))`

type WebhookReads = Pick<WebhookStore, 'webhooks' | 'webhook' | 'webhookSecret' | 'webhookSecrets'>

export function webhookReads(db: Connection): WebhookReads {
  return {
    webhook: async (id) => webhook(db, id),
    async webhooks({ collections, ...request }: PageRequest & { readonly collections?: readonly string[] }) {
      const [where, params] = collections === undefined ? ['1', []] : [within, [JSON.stringify(collections)]]
      const total = db.get<{ n: number }>(`SELECT count(*) AS n FROM webhooks WHERE ${where}`, ...params)?.n ?? 0
      const { sql, values } = keyset(request, 'no')
      return page(db.all<Row>(`${from} WHERE ${where} ${sql}`, ...params, ...values), request, total, toWebhook)
    },
    async webhookSecret(id) {
      const row = db.get<SealedSecret>('SELECT key_id AS keyId, ciphertext FROM webhooks WHERE id = ?', id)
      return row && { ...row, ciphertext: new Uint8Array(row.ciphertext) }
    },
    async webhookSecrets(notKeyId, after, limit) {
      return db
        .all<SealedSecret & { id: string }>(
          'SELECT id, key_id AS keyId, ciphertext FROM webhooks WHERE key_id <> ? AND id > ? ORDER BY id LIMIT ?',
          notKeyId,
          after,
          limit,
        )
        .map((row) => ({ ...row, ciphertext: new Uint8Array(row.ciphertext) }))
    },
  }
}

const listensToDocuments = ({ enabled, events }: Pick<Webhook, 'enabled' | 'events'>): number =>
  enabled && events.some((event) => event.startsWith('document.')) ? 1 : 0

type WebhookWrites = Pick<WebhookStore, 'createWebhook' | 'updateWebhook' | 'deleteWebhook' | 'putWebhookSecret'>

export function webhookWrites(db: Connection): WebhookWrites {
  const text = (collections: Webhook['collections']) => (collections === null ? null : JSON.stringify(collections))
  return {
    async createWebhook(made, { keyId, ciphertext }) {
      const now = Date.now()
      db.run(
        `INSERT INTO webhooks (id, url, description, events, collections, enabled, documents, key_id, ciphertext,
           created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        made.id,
        made.url,
        made.description,
        JSON.stringify(made.events),
        text(made.collections),
        made.enabled ? 1 : 0,
        listensToDocuments(made),
        keyId,
        ciphertext,
        now,
        now,
      )
      return { ...made, createdAt: now, updatedAt: now }
    },
    async updateWebhook(id, patch) {
      return db.transaction(() => {
        const before = webhook(db, id)
        if (before === undefined) return undefined
        const after = { ...before, ...patch, updatedAt: Date.now() }
        db.run(
          `UPDATE webhooks SET url = ?, description = ?, events = ?, collections = ?, enabled = ?, documents = ?,
             updated_at = ? WHERE id = ?`,
          after.url,
          after.description,
          JSON.stringify(after.events),
          text(after.collections),
          after.enabled ? 1 : 0,
          listensToDocuments(after),
          after.updatedAt,
          id,
        )
        return after
      })
    },
    deleteWebhook: async (id) => db.run('DELETE FROM webhooks WHERE id = ?', id) > 0,
    async putWebhookSecret(id, { keyId, ciphertext }, expected) {
      return (
        db.run(
          'UPDATE webhooks SET key_id = ?, ciphertext = ? WHERE id = ? AND (? IS NULL OR ciphertext = ?)',
          keyId,
          ciphertext,
          id,
          expected ?? null,
          expected ?? null,
        ) > 0
      )
    },
  }
}

import { newId } from '../id.ts'
import type { ApiKey, Page, PageRequest, Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { keyset, page } from './page.ts'
import type { Control } from './tables.ts'

export function keyWrites(control: Control): Pick<Store, 'createApiKey' | 'deleteApiKey' | 'touchApiKey'> {
  return {
    async createApiKey({ hash, ...key }) {
      const created = { ...key, id: newId('key'), createdAt: Date.now(), lastUsedAt: null }
      await control
        .insertInto('api_keys')
        .values({
          id: created.id,
          hash,
          name: key.name,
          role: key.role,
          collections: key.collections === null ? null : JSON.stringify(key.collections),
          scopes: JSON.stringify(key.scopes),
          hint: key.hint,
          created_at: created.createdAt,
          expires_at: key.expiresAt,
        })
        .execute()
      return created
    },
    async deleteApiKey(id) {
      const { numDeletedRows } = await control.deleteFrom('api_keys').where('id', '=', id).executeTakeFirst()
      return numDeletedRows > 0n
    },
    async touchApiKey(id, at) {
      await control.updateTable('api_keys').set({ last_used_at: at }).where('id', '=', id).execute()
    },
  }
}

interface Row {
  readonly no: number
  readonly id: string
  readonly name: string
  readonly role: ApiKey['role']
  readonly collections: string | null
  readonly scopes: string
  readonly hint: string
  readonly created_at: number
  readonly expires_at: number | null
  readonly last_used_at: number | null
}

const from = `SELECT no, id, name, role, collections, scopes, hint, created_at, expires_at, last_used_at FROM api_keys`

function toKey(row: Row): ApiKey {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    collections: row.collections === null ? null : (JSON.parse(row.collections) as string[]),
    scopes: JSON.parse(row.scopes) as string[],
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    hint: row.hint,
  }
}

export function apiKeyByHash(db: Connection, hash: string): ApiKey | undefined {
  const row = db.get<Row>(`${from} WHERE hash = ?`, hash)
  return row === undefined ? undefined : toKey(row)
}

export function apiKeys(db: Connection, request: PageRequest): Page<ApiKey> {
  const total = db.get<{ n: number }>('SELECT count(*) AS n FROM api_keys')?.n ?? 0
  const { sql, values } = keyset(request, 'no')
  return page(db.all<Row>(`${from} WHERE 1 ${sql}`, ...values), request, total, toKey)
}

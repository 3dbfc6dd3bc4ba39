import { type Generated, Kysely, SqliteDialect } from 'kysely'
import type { Connection } from './connection.ts'

/** The tables of the control plane, as Kysely sees them. Booleans, JSON and times are encoded at the edge of each module. */
export interface Tables {
  readonly collections: CollectionsTable
  readonly connectors: ConnectorsTable
  readonly api_keys: ApiKeysTable
  readonly secrets: SecretsTable
  readonly answers: AnswersTable
  readonly audit: AuditTable
}

export interface CollectionsTable {
  no: Generated<number>
  id: string
  name: string
  description: string
  embedding: string | null
  created_at: number
  updated_at: number
}

export interface ConnectorsTable {
  no: Generated<number>
  id: string
  name: string
  type: string
  collection_no: number
  config: string
  enabled: number
  activated: number
  last_error: string | null
  schedule: string | null
  timezone: string
  next_sync_at: Generated<number | null>
  limits: string
  tenant: string | null
  credentials: string | null
  last_sync: string | null
  created_at: number
  updated_at: number
  deleted_at: number | null
}

export interface ApiKeysTable {
  no: Generated<number>
  id: string
  hash: string
  name: string
  role: string
  collections: string | null
  scopes: string
  hint: string
  created_at: number
  expires_at: number | null
  last_used_at: number | null
}

export interface SecretsTable {
  no: Generated<number>
  connector_no: number
  name: string
  key_id: string
  ciphertext: Uint8Array
  updated_at: number
}

export interface AnswersTable {
  key: string
  request_hash: string
  status: number | null
  body: string | null
  expires_at: number
}

export interface AuditTable {
  no: Generated<number>
  at: number
  actor: string
  action: string
  target: string
  details: string
}

export type Control = Kysely<Tables>

/** Kysely on a connection that others use too: only one call at a time may be under way. */
export function openControl(db: Connection): Control {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: db.raw }) })
}

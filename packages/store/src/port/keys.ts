import type { Json } from '@cx/core'
import type { Page, PageRequest } from './page.ts'

export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly role: 'admin' | 'editor' | 'viewer'
  /** Allow-list; null means all. */
  readonly collections: readonly string[] | null
  readonly scopes: readonly string[]
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly lastUsedAt: number | null
  /** The first characters, to recognise it by. */
  readonly hint: string
}

export interface AuditEvent {
  readonly at: number
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly details: Json
}

/** API keys, what was answered to them before, and what they changed. Times are epoch milliseconds. Absent rows are `undefined`. */
export interface KeyStore {
  createApiKey(key: Omit<ApiKey, 'id' | 'createdAt' | 'lastUsedAt'> & { readonly hash: string }): Promise<ApiKey>
  /** By SHA-256 of the key, in hex. */
  apiKeyByHash(hash: string): Promise<ApiKey | undefined>
  apiKeys(page: PageRequest): Promise<Page<ApiKey>>
  deleteApiKey(id: string): Promise<boolean>
  touchApiKey(id: string, at: number): Promise<void>

  /** The answer remembered under this key, if any; else reserves the key. */
  idempotent(
    key: string,
    requestHash: string,
    ttlMs: number,
  ): Promise<
    | { readonly state: 'new' }
    | { readonly state: 'pending' | 'mismatch' }
    | { readonly state: 'done'; readonly status: number; readonly body: Json }
  >
  rememberAnswer(key: string, status: number, body: Json): Promise<void>
  forgetAnswer(key: string): Promise<void>

  audit(event: Omit<AuditEvent, 'at'>): Promise<void>
  auditLog(page: PageRequest): Promise<Page<AuditEvent>>
}

import type { Acl, Entry, Json, Principal } from '@cx/core'
import type { Job, JobKind, JobStatus, Progress, Queue, SyncStore } from '@cx/core/engine'
import type { WebhookStore } from './webhooks.ts'

/** One keyset page. `after` is the `next` of the page before. */
export interface PageRequest {
  readonly limit: number
  /** Keyset position; cheap at any depth. */
  readonly after?: string
  /** Rows to skip instead, for numbered pages. */
  readonly offset?: number
}

export interface Page<T> {
  readonly rows: readonly T[]
  readonly total: number
  /** Absent on the last page. */
  readonly next?: string
}

export interface Embedding {
  readonly baseUrl: string
  readonly model: string
  readonly dimensions: number
}

export interface Collection {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly embedding: Embedding | null
  /** Epoch milliseconds, as all times here. */
  readonly createdAt: number
  readonly updatedAt: number
}

export interface CollectionCounts {
  readonly connectors: number
  readonly documents: number
  readonly chunks: number
  /** Chunks that have a vector; 0 without `embedding`. */
  readonly embedded: number
}

/** What a collection with `embedding` still has to do. */
export interface EmbeddingState {
  readonly collectionId: string
  readonly embedding: Embedding
  /** Chunks without a vector. */
  readonly pending: number
  /** Of those, chunks that the endpoint will not take. */
  readonly refused: number
}

/** A chunk without a vector. `ticket` is of this text alone: once it changes, the ticket is void. */
export interface EmbeddingTask {
  readonly ticket: number
  readonly headings: readonly string[]
  readonly text: string
}

export interface Connector {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly collectionId: string
  readonly collectionName: string
  readonly config: Readonly<Record<string, Json>>
  readonly enabled: boolean
  /** `inactive` until OAuth is finished. */
  readonly activated: boolean
  /** The last sync could not authenticate or list; cleared by the next success. */
  readonly lastError: { readonly code: string; readonly message: string; readonly at: number } | null
  readonly schedule: string | null
  readonly timezone: string
  /** The next scheduled run; null without a schedule, or until it is worked out. */
  readonly nextSyncAt: number | null
  readonly limits: { readonly maxFileBytes: number }
  readonly tenant: string | null
  /** Auth method of the stored credentials, and their masked hints. */
  readonly credentials: { readonly method: string; readonly hints: Readonly<Record<string, string>> } | null
  readonly lastSync: { readonly jobId: string; readonly status: JobStatus; readonly completedAt: number } | null
  readonly createdAt: number
  readonly updatedAt: number
}

export type NewConnector = Pick<
  Connector,
  'name' | 'type' | 'collectionId' | 'config' | 'enabled' | 'activated' | 'schedule' | 'timezone' | 'limits'
>

export type ConnectorPatch = Partial<
  Pick<
    Connector,
    'name' | 'config' | 'enabled' | 'activated' | 'schedule' | 'timezone' | 'limits' | 'lastError' | 'tenant'
  >
>

export type DocumentStatus = 'pending' | 'indexed' | 'failed' | 'skipped' | 'deleted'

export interface DocumentRecord {
  readonly id: string
  readonly connectorId: string
  readonly collectionId: string
  readonly entry: Entry
  readonly status: DocumentStatus
  readonly error: {
    readonly stage: string
    readonly code: string
    readonly message: string
    readonly attempts: number
    readonly nextAttemptAt: number | null
  } | null
  /** The container it came out of (a mail, an archive). */
  readonly parentId: string | null
  readonly mimeType: string | null
  readonly title: string | null
  readonly language: string | null
  readonly pages: number | null
  readonly bytes: number | null
  readonly chunks: number
  readonly contentHash: string | null
  readonly createdAt: number
  readonly updatedAt: number
  readonly indexedAt: number | null
  readonly deletedAt: number | null
}

/** With the error that a job met, and whether another try is worth it. */
export interface FailedDocument extends DocumentRecord {
  readonly retryable: boolean
}

export interface DocumentFilter {
  readonly connectorId: string
  readonly status?: DocumentStatus
  /** Path prefix. */
  readonly path?: string
  /** Children of containers too; only the source's own entries otherwise. */
  readonly children?: boolean
}

export interface ChunkRecord {
  readonly id: string
  readonly position: number
  readonly text: string
  readonly headings: readonly string[]
  readonly page: number | null
}

/** The query as one embedding model sees it, for the collections that use that model. */
export interface QueryVector {
  readonly collections: readonly string[]
  readonly vector: Float32Array
}

export interface SearchRequest {
  /** `keyword` unless told. The others need `vectors`. */
  readonly mode?: 'keyword' | 'semantic' | 'hybrid'
  readonly vectors?: readonly QueryVector[]
  readonly query: string
  /** Collection ids the caller may see; never empty. */
  readonly collections: readonly string[]
  readonly limit: number
  readonly offset: number
  readonly filters?: {
    readonly connectors?: readonly string[]
    readonly types?: readonly string[]
    readonly mimeTypes?: readonly string[]
    readonly pathPrefix?: string
    readonly updatedAfter?: number
    readonly updatedBefore?: number
  }
  /** Only what this person (an e-mail or a source id) may read. Absent: no permission filter. */
  readonly principal?: string
}

export interface SearchHit {
  readonly documentId: string
  readonly chunkId: string
  readonly title: string
  readonly url: string | null
  readonly path: string
  /** Matches stand between `<mark>` and `</mark>`; the text around is HTML-escaped. */
  readonly snippet: string
  readonly score: number
  readonly connectorId: string
  readonly collectionId: string
  readonly position: number
  readonly updatedAt: string | null
}

export interface SearchAnswer {
  readonly hits: readonly SearchHit[]
  readonly total: number
  /** False when there are more than `total`: not all matches of very common words are counted. */
  readonly exact: boolean
}

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

/** What access a document's list gives a person, and through what. */
export interface AccessExplanation {
  readonly allowed: boolean
  readonly acl: Acl | null
  /** The person's own ids and groups, closed over nesting. */
  readonly principals: readonly Principal[]
  /** One a set of `allOf`: what matched in it, if anything. */
  readonly matches: readonly (Principal | null)[]
  readonly denied: Principal | null
}

export interface JobEvent {
  /** Rising within a job; the SSE `id`. */
  readonly seq: number
  readonly at: number
  readonly type: 'progress' | 'failure' | 'end'
  readonly data: Json
}

/** How full the store is and what waits, by connector type. */
export interface Load {
  readonly documents: readonly { readonly type: string; readonly status: DocumentStatus; readonly documents: number }[]
  readonly jobs: readonly {
    readonly type: string
    readonly status: 'queued' | 'running'
    readonly jobs: number
    /** When the oldest of them was accepted. */
    readonly oldest: number
  }[]
}

/** Encrypted credentials as rows: ciphertext in, ciphertext out. Cryptography lives in `vault.ts`. */
export interface SecretRow {
  readonly connectorId: string
  readonly name: string
  readonly keyId: string
  readonly ciphertext: Uint8Array
  readonly updatedAt: number
}

/** An encrypted value under the hash of the token that it can be taken with. */
export interface TicketRow {
  readonly hash: string
  readonly keyId: string
  readonly ciphertext: Uint8Array
  readonly expiresAt: number
}

/** Everything the host asks of a store, besides the engine's ports. Times are epoch milliseconds. Absent rows are `undefined`. */
export interface Store extends SyncStore, Queue, WebhookStore {
  createCollection(collection: Pick<Collection, 'name' | 'description' | 'embedding'>): Promise<Collection>
  collections(page: PageRequest & { readonly ids?: readonly string[] }): Promise<Page<Collection & CollectionCounts>>
  collection(idOrName: string): Promise<(Collection & CollectionCounts) | undefined>
  /** The ids of all collections, or of those named by id or name: undefined where there is none. Counts nothing. */
  collectionIds(): Promise<readonly string[]>
  collectionIds(idsOrNames: readonly string[]): Promise<readonly (string | undefined)[]>
  updateCollection(id: string, patch: Partial<Pick<Collection, 'name' | 'description' | 'embedding'>>): Promise<void>
  /** False when it still has connectors. */
  deleteCollection(id: string): Promise<boolean>

  createConnector(connector: NewConnector): Promise<Connector>
  connectors(
    page: PageRequest & {
      readonly type?: string
      readonly collectionIds?: readonly string[]
      readonly status?: 'active' | 'paused' | 'error' | 'inactive'
    },
  ): Promise<Page<Connector>>
  getConnector(id: string): Promise<Connector | undefined>
  updateConnector(id: string, patch: ConnectorPatch): Promise<Connector | undefined>
  /** Hides it from every list at once; `purgeConnector` then removes what it had. */
  deleteConnector(id: string): Promise<boolean>
  /** Removes up to `limit` documents of a deleted connector with their chunks, at last the connector itself. True when nothing is left. */
  purgeConnector(id: string, limit: number): Promise<boolean>
  /** Deleted connectors that still have rows. */
  unpurged(): Promise<readonly string[]>

  job(id: string): Promise<Job | undefined>
  jobs(
    page: PageRequest & { readonly connectorId: string; readonly status?: JobStatus; readonly kind?: JobKind },
  ): Promise<Page<Job>>
  /** Events after `seq`, oldest first: at most one progress event (the latest), failures, the end. */
  jobEvents(jobId: string, after: number, limit: number): Promise<readonly JobEvent[]>
  failures(jobId: string, page: PageRequest): Promise<Page<FailedDocument>>

  documents(filter: DocumentFilter, page: PageRequest): Promise<Page<DocumentRecord>>
  document(id: string): Promise<DocumentRecord | undefined>
  documentByPath(connectorId: string, path: string): Promise<DocumentRecord | undefined>
  /** Removes it from the index and leaves a tombstone that `auto` respects. */
  deleteDocument(id: string): Promise<boolean>
  /** The Markdown, put together from the chunks, in pieces. */
  content(documentId: string): AsyncIterable<string>
  chunks(documentId: string, page: PageRequest): Promise<Page<ChunkRecord>>
  /** Tombstones older than this (ms) are removed for good; returns how many. */
  purgeTombstones(olderThanMs: number): Promise<number>

  /** @throws StoreError `unsupported` when vectors cannot be compared on this platform. */
  search(request: SearchRequest): Promise<SearchAnswer>
  /** Collections with `embedding`. Counting is linear in what is pending. */
  embeddingStates(): Promise<readonly EmbeddingState[]>
  /** Up to `limit` chunks of the collection without a vector, but for refused ones. */
  embeddingTasks(collectionId: string, limit: number): Promise<readonly EmbeddingTask[]>
  /** Stores vectors made by `embedding`; those whose chunk has changed or gone since are dropped, as all are once the model has changed. Returns how many were stored. */
  saveVectors(
    collectionId: string,
    embedding: Embedding,
    vectors: readonly { readonly ticket: number; readonly vector: Float32Array }[],
  ): Promise<number>
  /** The endpoint will not take these: not tried again until the chunk or the collection's `embedding` changes. */
  refuseVectors(tickets: readonly number[], reason: string): Promise<void>
  explainAccess(documentId: string, principal: string): Promise<AccessExplanation | undefined>

  createApiKey(key: Omit<ApiKey, 'id' | 'createdAt' | 'lastUsedAt'> & { readonly hash: string }): Promise<ApiKey>
  /** By SHA-256 of the key, in hex. */
  apiKeyByHash(hash: string): Promise<ApiKey | undefined>
  apiKeys(page: PageRequest): Promise<Page<ApiKey>>
  deleteApiKey(id: string): Promise<boolean>
  touchApiKey(id: string, at: number): Promise<void>

  putSecret(row: Omit<SecretRow, 'updatedAt'>, shown?: Connector['credentials']): Promise<void>
  /** Replaces it if its ciphertext still is `expected`; says whether it did. For rotation beside other writers. */
  replaceSecret(row: Omit<SecretRow, 'updatedAt'>, expected: Uint8Array): Promise<boolean>
  secret(connectorId: string, name: string): Promise<SecretRow | undefined>
  /** By keyset, for rotation: `after` is `<connector id>/<name>` of the last row before. */
  secrets(page: PageRequest & { readonly notKeyId?: string }): Promise<readonly SecretRow[]>
  deleteSecrets(connectorId: string): Promise<void>

  /** Takes or extends a lease, for what one process alone may do at a time; false while another owner holds it. */
  acquireLease(name: string, owner: string, ttlMs: number): Promise<boolean>
  releaseLease(name: string, owner: string): Promise<void>
  putTicket(ticket: TicketRow): Promise<void>
  /** Removes and returns it, also when it has expired: whoever asks second gets nothing. */
  takeTicket(hash: string): Promise<TicketRow | undefined>

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

  /** How much is stored and waits, for metrics: no documents are counted for it. */
  load(): Promise<Load>
  /** Throws when the database does not answer. */
  ping(): Promise<void>
  /** A consistent copy while running. */
  backup(file: string): Promise<void>
  close(): Promise<void>
}

export type { Job, Progress }

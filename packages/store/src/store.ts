import type { Queue, SyncStore } from '@cx/core/engine'
import type { CollectionStore } from './port/collections.ts'
import type { ConnectorStore } from './port/connectors.ts'
import type { DocumentStatus, DocumentStore } from './port/documents.ts'
import type { JobStore } from './port/jobs.ts'
import type { KeyStore } from './port/keys.ts'
import type { SearchStore } from './port/search.ts'
import type { SecretStore } from './port/secrets.ts'
import type { WebhookStore } from './webhooks.ts'

export type { Job, Progress } from '@cx/core/engine'
export type * from './port/collections.ts'
export type * from './port/connectors.ts'
export type * from './port/documents.ts'
export type * from './port/jobs.ts'
export type * from './port/keys.ts'
export type * from './port/page.ts'
export type * from './port/search.ts'
export type * from './port/secrets.ts'

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

/** Everything the host asks of a store, besides the engine's ports. Times are epoch milliseconds. Absent rows are `undefined`. */
export interface Store
  extends SyncStore,
    Queue,
    CollectionStore,
    ConnectorStore,
    JobStore,
    DocumentStore,
    SearchStore,
    KeyStore,
    SecretStore,
    WebhookStore {
  /** How much is stored and waits, for metrics: no documents are counted for it. */
  load(): Promise<Load>
  /** Throws when the database does not answer. */
  ping(): Promise<void>
  /** A consistent copy while running. */
  backup(file: string): Promise<void>
  close(): Promise<void>
}

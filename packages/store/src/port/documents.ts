import type { Entry } from '@cx/core'
import type { ParsedDocument } from '@cx/core/engine'
import type { Page, PageRequest } from './page.ts'

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
  /** What its content says of itself. */
  readonly own: Pick<ParsedDocument, 'author' | 'metadata'>
  readonly createdAt: number
  readonly updatedAt: number
  readonly indexedAt: number | null
  readonly deletedAt: number | null
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

/** Documents and their chunks. Times are epoch milliseconds. Absent rows are `undefined`. */
export interface DocumentStore {
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
}

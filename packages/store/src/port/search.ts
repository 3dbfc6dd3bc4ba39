import type { Acl, Principal } from '@cx/core'
import type { Embedding } from './collections.ts'

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

/** Search, what it needs of embeddings, and who may find what. Times are epoch milliseconds. Absent rows are `undefined`. */
export interface SearchStore {
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
}

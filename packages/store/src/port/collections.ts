import type { Page, PageRequest } from './page.ts'

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

/** Collections. Times are epoch milliseconds. Absent rows are `undefined`. */
export interface CollectionStore {
  createCollection(collection: Pick<Collection, 'name' | 'description' | 'embedding'>): Promise<Collection>
  collections(page: PageRequest & { readonly ids?: readonly string[] }): Promise<Page<Collection & CollectionCounts>>
  collection(idOrName: string): Promise<(Collection & CollectionCounts) | undefined>
  /** The ids of all collections, or of those named by id or name: undefined where there is none. Counts nothing. */
  collectionIds(): Promise<readonly string[]>
  collectionIds(idsOrNames: readonly string[]): Promise<readonly (string | undefined)[]>
  updateCollection(id: string, patch: Partial<Pick<Collection, 'name' | 'description' | 'embedding'>>): Promise<void>
  /** False when it still has connectors. */
  deleteCollection(id: string): Promise<boolean>
}

import type { Collection, Operations } from '../generated/api.ts'
import { createListing, type Listing, type QueryOf } from '../listing.ts'
import type { CallOptions, Transport } from '../transport.ts'

/** Collections; wherever one is named, its id or its name will do. */
export class Collections {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  create(collection: Operations['createCollection']['body'], options?: CallOptions): Promise<Collection> {
    return this.#transport.call('createCollection', { body: collection, options })
  }

  list(query?: QueryOf<'listCollections'>, options?: CallOptions): Listing<Collection> {
    return createListing(this.#transport, 'listCollections', query, {}, options)
  }

  get(id: string, options?: CallOptions): Promise<Collection> {
    return this.#transport.call('getCollection', { params: { id }, options })
  }

  update(id: string, change: Operations['updateCollection']['body'], options?: CallOptions): Promise<Collection> {
    return this.#transport.call('updateCollection', { params: { id }, body: change, options })
  }

  /** Only one without connectors can be deleted. */
  delete(id: string, options?: CallOptions): Promise<Operations['deleteCollection']['data']> {
    return this.#transport.call('deleteCollection', { params: { id }, options })
  }
}

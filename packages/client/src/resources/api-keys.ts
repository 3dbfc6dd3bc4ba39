import type { ApiKey, Operations } from '../generated/api.ts'
import { createListing, type Listing, type QueryOf } from '../listing.ts'
import { withSecret } from '../shown-once.ts'
import type { CallOptions, Transport } from '../transport.ts'

/** A key that was made just now. */
export type NewApiKey = ApiKey & { readonly key: string }

/** API keys; for admins. */
export class ApiKeys {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The answer has the key itself, this once. */
  async create(key: Operations['createApiKey']['body'], options?: CallOptions): Promise<NewApiKey> {
    return withSecret(await this.#transport.call('createApiKey', { body: key, options }), 'key', 'API key')
  }

  list(query?: QueryOf<'listApiKeys'>, options?: CallOptions): Listing<ApiKey> {
    return createListing(this.#transport, 'listApiKeys', query, {}, options)
  }

  delete(id: string, options?: CallOptions): Promise<Operations['deleteApiKey']['data']> {
    return this.#transport.call('deleteApiKey', { params: { id }, options })
  }
}

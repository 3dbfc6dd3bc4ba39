import { CxError } from '../error.ts'
import type { ApiKey, Operations } from '../generated/api.ts'
import { createListing, type Listing, type QueryOf } from '../listing.ts'
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
    const made = await this.#transport.call('createApiKey', { body: key, options })
    if (made.key !== undefined) return { ...made, key: made.key }
    // The first answer was lost, and the server does not say a key twice.
    throw new CxError(
      'network',
      `The key ${made.id} was made, but the answer that had it was lost. Delete it, and make another.`,
    )
  }

  list(query?: QueryOf<'listApiKeys'>, options?: CallOptions): Listing<ApiKey> {
    return createListing(this.#transport, 'listApiKeys', query, {}, options)
  }

  delete(id: string, options?: CallOptions): Promise<Operations['deleteApiKey']['data']> {
    return this.#transport.call('deleteApiKey', { params: { id }, options })
  }
}
